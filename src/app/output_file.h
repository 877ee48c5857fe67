#pragma once

#include <memory>
#include <string>

#include "base/whole_file.h"
#include "store/result/writers.h"

namespace purvey::app {

/// Where a command's result goes: standard output, or `--out FILE`, which appears whole or not at
/// all.
class OutputFile {
 public:
  /// `path`: empty for standard output. Errors: kUnavailable.
  static base::Result<OutputFile> open(const std::string& path);

  /// Errors: kUnavailable.
  base::Result<void> write(std::string_view bytes);
  /// Makes the file durable and puts it in place. Errors: kUnavailable.
  base::Result<void> finish();

  bool is_terminal() const;

 private:
  OutputFile() = default;

  std::unique_ptr<base::WholeFile> file_;  ///< null for standard output
};

/// Options of every command that prints a result.
struct ResultForm {
  bool json = false;
  std::string out;
};

/// The writer that fits: JSON if asked for, a table on a terminal, else CSV.
std::unique_ptr<store::result::ResultWriter> make_result_writer(OutputFile& file, bool json);

}  // namespace purvey::app
