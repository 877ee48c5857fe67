#include "tests/bad_input/case_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/shown_text.h"

namespace purvey::bad_input {
namespace {

constexpr std::string_view kLineEnd = "⏎";

std::string utf8_of(uint32_t code) {
  const auto tail = [&](int shift) { return static_cast<char>(0x80 | (code >> shift & 0x3F)); };
  std::string out;
  if (code < 0x80) return out += static_cast<char>(code);
  if (code < 0x800) {
    out += static_cast<char>(0xC0 | code >> 6);
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | code >> 12);
    out += tail(6);
  } else {
    out += static_cast<char>(0xF0 | code >> 18);
    out += tail(12);
    out += tail(6);
  }
  return out += tail(0);
}

uint32_t number_of(std::string_view digits, int base) {
  uint32_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  return value;
}

std::string repeated(std::string_view count_and_text) {
  const size_t comma = count_and_text.find(',');
  const uint32_t count = number_of(count_and_text.substr(0, comma), 10);
  const std::string text = unescape(count_and_text.substr(comma + 1));
  std::string out;
  out.reserve(count * text.size());
  for (uint32_t i = 0; i < count; ++i) out += text;
  return out;
}

std::string many_keys(uint32_t count) {
  std::string out;
  for (uint32_t i = 0; i < count; ++i) {
    fmt::format_to(std::back_inserter(out), "{}\"k{}\":0", i == 0 ? "" : ",", i);
  }
  return out;
}

/// The escape at the front of `text`, which begins with a backslash: what it stands for, and its
/// length; a lone backslash stands for itself.
std::string escaped(std::string_view text, size_t& length) {
  const size_t close = text.find('}');
  const auto inside = [&](size_t from) { return text.substr(from, close - from); };
  length = close == text.npos ? 1 : close + 1;
  if (text.starts_with("\\x") && text.size() >= 4) {
    length = 4;
    return std::string(1, static_cast<char>(number_of(text.substr(2, 2), 16)));
  }
  if (close != text.npos) {
    if (text.starts_with("\\u{")) return utf8_of(number_of(inside(3), 16));
    if (text.starts_with("\\*{")) return repeated(inside(3));
    if (text.starts_with("\\keys{")) return many_keys(number_of(inside(6), 10));
  }
  length = 1;
  return std::string(1, '\\');
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::string wrapped(std::string_view wrap, std::string_view input) {
  const size_t at = wrap.find('@');
  std::string out(wrap.substr(0, std::min(at, wrap.size())));
  out.append(input);
  if (at != wrap.npos) out.append(wrap.substr(at + 1));
  return out;
}

}  // namespace

std::string unescape(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    size_t length = 1;
    if (text.starts_with(kLineEnd)) {
      out += '\n';
      length = kLineEnd.size();
    } else if (text.front() == '\\') {
      out += escaped(text, length);
    } else {
      out += text.front();
    }
    text.remove_prefix(length);
  }
  return out;
}

Case unpacked(Case given) {
  constexpr size_t kOrdinary = 256U << 10;
  given.input = unescape(given.input);
  given.huge = given.input.size() > kOrdinary;
  return given;
}

std::string escape(std::string_view bytes) {
  std::string out;
  while (!bytes.empty()) {
    size_t size = 1;
    // A letter of UTF-8 is what shown_text() leaves as it is.
    while (size <= 4 && size <= bytes.size() &&
           base::shown_text(bytes.substr(0, size), 8) != bytes.substr(0, size)) {
      ++size;
    }
    if (size > 4 || size > bytes.size()) {
      out += fmt::format("\\x{:02X}", static_cast<unsigned char>(bytes.front()));
      bytes.remove_prefix(1);
    } else {
      out += bytes.substr(0, size);
      bytes.remove_prefix(size);
    }
  }
  return out;
}

std::vector<Case> read_cases(const std::string& path) {
  std::vector<Case> cases;
  const std::string group = std::filesystem::path(path).stem().string();
  std::ifstream file(path);
  std::string reader;
  std::string wrap;  // the inputs as they stand
  size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (trimmed(line).empty() || line.starts_with('#')) continue;
    if (line.starts_with("reader: ")) {
      reader = trimmed(std::string_view(line).substr(8));
      wrap.clear();
      continue;
    }
    if (line.starts_with("wrap: ")) {
      wrap = line.substr(6);
      continue;
    }
    const size_t first = line.find(" | ");
    const size_t second = first == line.npos ? line.npos : line.find(" | ", first + 3);
    Case made{.group = group, .reader = reader};
    made.name = trimmed(std::string_view(line).substr(0, first));
    if (second == line.npos || !is_name(made.name)) {
      made.name = fmt::format("line_{}", number);
      made.reader = "broken";
    } else {
      made.verdict = trimmed(std::string_view(line).substr(first + 3, second - first - 3));
      constexpr std::string_view kAtDoors = " -> ";
      for (size_t arrow; (arrow = made.verdict.rfind(kAtDoors)) != made.verdict.npos;) {
        made.at_doors.push_back(made.verdict.substr(arrow + kAtDoors.size()));
        made.verdict.resize(arrow);
      }
      made.input = wrapped(wrap, std::string_view(line).substr(second + 3));
    }
    cases.push_back(std::move(made));
  }
  return cases;
}

std::vector<Case> read_all_cases(const std::string& folder) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".cases") paths.push_back(entry.path().string());
  }
  std::ranges::sort(paths);
  std::vector<Case> cases;
  for (const std::string& path : paths) {
    for (Case& each : read_cases(path)) cases.push_back(std::move(each));
  }
  return cases;
}

}  // namespace purvey::bad_input
