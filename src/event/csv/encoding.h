#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "base/byte_source.h"
#include "base/result.h"

namespace purvey::event::csv {

/// How the bytes of a text file stand for letters.
enum class Encoding : uint8_t {
  kDetect,  ///< told by the byte order mark, else by the look of the first bytes
  kUtf8,
  kUtf16Le,
  kUtf16Be,
  kGb18030,  ///< also GBK and GB2312, which it contains
  kWindows1252,
  kLatin1,
};

/// "utf-8", "utf-16le", "gb18030", ...: the names that maps use.
std::string_view encoding_name(Encoding encoding);

/// The encoding of a name, in any case; gbk and gb2312 give kGb18030.
std::optional<Encoding> find_encoding(std::string_view name);

/// The likely encoding of a file that begins with `sample`; never kDetect.
///
/// A byte order mark decides; then zero bytes at every other place (UTF-16); then UTF-8, even if a
/// few letters are damaged. What is left is GB18030 if most bytes above 127 stand in pairs as
/// Chinese text has them, else Windows-1252.
Encoding detect_encoding(std::string_view sample);

/// The byte that stands in decoded text for bytes that mean nothing in their encoding. It is never
/// part of UTF-8, so that the row which holds it is known as damaged.
inline constexpr char kDamageMark = '\xFF';

/// `source` as UTF-8; itself if it is that already (then its bytes are not checked here).
/// Errors: kUnsupported if this system cannot decode it.
base::Result<std::unique_ptr<base::ByteSource>> decode_to_utf8(
    std::unique_ptr<base::ByteSource> source, Encoding encoding);

/// The source with `head`, which was read from it already, put back in front. Without a source: the
/// head alone, whose progress and size must not be asked for.
std::unique_ptr<base::ByteSource> put_back(std::string head,
                                           std::unique_ptr<base::ByteSource> source);

}  // namespace purvey::event::csv
