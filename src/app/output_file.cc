#include "app/output_file.h"

#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "app/console.h"

namespace purvey::app {
namespace {

std::string temporary_name(const std::string& path) {
  return path + ".part";
}

}  // namespace

base::Result<OutputFile> OutputFile::open(const std::string& path) {
  if (path.empty()) return OutputFile("", stdout);
  std::FILE* const file = std::fopen(temporary_name(path).c_str(), "wb");
  if (file == nullptr) return base::unavailable(fmt::format("{}: {}", path, std::strerror(errno)));
  return OutputFile(path, file);
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::move(other.path_)), file_(other.file_) {
  other.file_ = nullptr;
}

OutputFile::~OutputFile() {
  if (path_.empty() || file_ == nullptr) return;
  std::fclose(file_);
  std::remove(temporary_name(path_).c_str());
}

base::Result<void> OutputFile::write(std::string_view bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_) == bytes.size()) return {};
  return base::unavailable(
      fmt::format("{}: {}", path_.empty() ? "standard output" : path_, std::strerror(errno)));
}

base::Result<void> OutputFile::finish() {
  const bool flushed = std::fflush(file_) == 0;
  if (path_.empty() && flushed) return {};
  if (flushed && fsync(fileno(file_)) == 0 &&
      std::rename(temporary_name(path_).c_str(), path_.c_str()) == 0) {
    std::fclose(file_);
    file_ = nullptr;
    return {};
  }
  return base::unavailable(
      fmt::format("{}: {}", path_.empty() ? "standard output" : path_, std::strerror(errno)));
}

bool OutputFile::is_terminal() const {
  return path_.empty() && output_is_terminal();
}

std::unique_ptr<store::result::ResultWriter> make_result_writer(OutputFile& file, bool json) {
  const auto write = [&file](std::string_view bytes) { return file.write(bytes); };
  if (json) return store::result::make_json_writer(write);
  if (file.is_terminal()) return store::result::make_table_writer(write);
  return store::result::make_csv_writer(write);
}

}  // namespace purvey::app
