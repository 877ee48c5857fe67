#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/dictionary.h"
#include "base/money.h"
#include "event/batch.h"
#include "event/pseudonym.h"

namespace purvey::event {

/// Limits of one event; beyond one it is rejected with the limit in the reason.
inline constexpr size_t kDepthMax = 64;
inline constexpr size_t kKeysMax = 512;         ///< fields of one object
inline constexpr size_t kNameBytesMax = 256;    ///< ids and names
inline constexpr size_t kTextBytesMax = 65536;  ///< free text
inline constexpr size_t kLinesMax = 10'000;     ///< lines of one order
inline constexpr size_t kLabelsMax = 32;
inline constexpr size_t kRawKept = 4096;  ///< bytes of a refused event kept for the dead letters

/// Decodes CloudEvents 1.0 in JSON (one event a text) into a batch, strictly: every field that the
/// schema knows is checked for type and range; what it does not know is dropped and counted.
/// Personal ids become pseudonyms and free text is masked on the way, so that a batch never holds
/// either.
///
/// One thread; the dictionary must outlive it.
class JsonDecoder {
 public:
  /// `base_currency`: of amounts that state none; CNY without one.
  JsonDecoder(base::Dictionary& names, Pseudonymizer people,
              std::optional<base::Currency> base_currency);
  ~JsonDecoder();
  JsonDecoder(const JsonDecoder&) = delete;
  JsonDecoder& operator=(const JsonDecoder&) = delete;

  /// Adds exactly one row to `batch`: the event, or a refused row with the exact reason. `line`
  /// must be followed by at least 64 readable bytes. O(line).
  void decode(std::string_view line, EventBatch& batch);

  /// As decode(), for a line that its reader found longer than the limit.
  void refuse_too_long(std::string_view head, EventBatch& batch);

  /// Adds a refused row for what never became an event: of `source`, if that is not empty. Of `raw`
  /// is kept what a refused event's line is kept as.
  void refuse(const Refusal& why, std::string_view source, std::string_view raw, EventBatch& batch);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace purvey::event
