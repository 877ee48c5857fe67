#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "flow/import/import.h"

namespace purvey::flow {

/// A folder with files and a map, and what an import of it gave.
class ImportFixture : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(testing::TempDir()) /
              (std::string("purvey-") + test->test_suite_name() + "-" + test->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ / "in");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / "in" / name, std::ios::binary) << text;
  }
  void map(const std::string& text) { std::ofstream(folder_ / "map.toml") << text; }

  ImportOptions options() const {
    ImportOptions options;
    options.map = folder_ / "map.toml";
    options.inputs = {folder_ / "in"};
    options.out = folder_ / "events.ndjson";
    options.report = folder_ / "rejected.csv";
    return options;
  }

  /// Runs the import, which must go through; checks that no row is lost.
  ImportSummary import() { return import(options()); }
  static ImportSummary import(const ImportOptions& options) {
    auto summary = run_import(options);
    EXPECT_TRUE(summary) << summary.error().message;
    if (!summary) return {};
    EXPECT_EQ(summary->rows, summary->mapped + summary->rejected);
    return *summary;
  }

  static std::string content(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  static std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
  }
  std::vector<std::string> events() const { return lines_of(content(folder_ / "events.ndjson")); }

  /// The report without its header; paths cut to the file's name.
  std::vector<std::string> rejected() const {
    auto lines = lines_of(content(folder_ / "rejected.csv"));
    EXPECT_FALSE(lines.empty());
    if (lines.empty()) return {};
    EXPECT_EQ(lines.front(), "file,line,reason,column,value");
    lines.erase(lines.begin());
    const std::string before = (folder_ / "in").string() + "/";
    for (auto& line : lines) {
      if (line.starts_with(before)) line.erase(0, before.size());
    }
    return lines;
  }

  std::filesystem::path folder_;
};

}  // namespace purvey::flow
