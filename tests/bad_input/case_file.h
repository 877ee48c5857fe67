#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace purvey::bad_input {

/// One input and what must become of it.
struct Case {
  std::string group = {};  ///< name of the file, without `.cases`
  std::string name = {};   ///< letters, digits and `_`
  std::string reader =
      {};  ///< what the input is given to: event, packed, csv, stamp, settings, map
  std::string verdict = {};  ///< the fixed verdict, as the reader's runner writes it
  /// Where a whole flow says something else: `quarantined future`, `live too_old beyond_horizon` (a
  /// server, which forgets), `mapped accepted` (a hook that maps field by field).
  std::vector<std::string> at_doors = {};
  std::string input = {};  ///< as it stands in the file; of an unpacked() case, the bytes
  bool huge = false;       ///< too large for the time limit of the others
};

/// The bytes that a text of a case file stands for: `\xHH`, `\u{H...}`, `⏎` (a line end),
/// `\*{COUNT,TEXT}` (repeated) and `\keys{COUNT}` (`"k0":0,"k1":0,...`). All else is itself.
std::string unescape(std::string_view text);

/// Bytes as a verdict shows them: controls and what is not UTF-8 as `\xHH`.
std::string escape(std::string_view bytes);

/// The case with its input turned into bytes, which may be many.
Case unpacked(Case given);

/// The cases of one file; README.md has the form. A mistake in it is reported as a case of reader
/// `broken`, which never passes.
std::vector<Case> read_cases(const std::string& path);

/// The cases of every `.cases` file of a folder, by file name.
std::vector<Case> read_all_cases(const std::string& folder);

}  // namespace purvey::bad_input
