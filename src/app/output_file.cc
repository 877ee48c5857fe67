#include "app/output_file.h"

#include <fmt/core.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "app/console.h"

namespace purvey::app {
namespace {

base::Error output_failed() {
  return base::unavailable(fmt::format("standard output: {}", std::strerror(errno)));
}

}  // namespace

base::Result<OutputFile> OutputFile::open(const std::string& path) {
  OutputFile output;
  if (path.empty()) return output;
  output.file_ = std::make_unique<base::WholeFile>(path);
  PURVEY_TRY(output.file_->open());
  return output;
}

base::Result<void> OutputFile::write(std::string_view bytes) {
  if (file_) return file_->write(bytes);
  if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size()) return {};
  return output_failed();
}

base::Result<void> OutputFile::finish() {
  if (file_) return file_->commit();
  return std::fflush(stdout) == 0 ? base::Result<void>() : output_failed();
}

bool OutputFile::is_terminal() const {
  return !file_ && output_is_terminal();
}

std::unique_ptr<store::result::ResultWriter> make_result_writer(OutputFile& file, bool json) {
  const auto write = [&file](std::string_view bytes) { return file.write(bytes); };
  if (json) return store::result::make_json_writer(write);
  if (file.is_terminal()) return store::result::make_table_writer(write);
  return store::result::make_csv_writer(write);
}

}  // namespace purvey::app
