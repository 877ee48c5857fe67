#include "watch/labels.h"

namespace purvey::watch {
namespace {

/// The next text in quotes, unescaped; moves `rest` behind it. False if there is none.
bool take_quoted(std::string_view& rest, std::string& out) {
  const size_t open = rest.find('"');
  if (open == std::string_view::npos) return false;
  for (size_t at = open + 1; at < rest.size(); ++at) {
    if (rest[at] == '"') {
      rest.remove_prefix(at + 1);
      return true;
    }
    if (rest[at] == '\\' && at + 1 < rest.size()) ++at;
    out += rest[at];
  }
  return false;
}

}  // namespace

Labels parse_labels(std::string_view dimensions) {
  Labels labels;
  for (;;) {
    std::pair<std::string, std::string> label;
    if (!take_quoted(dimensions, label.first)) return labels;
    if (!take_quoted(dimensions, label.second)) return labels;
    labels.push_back(std::move(label));
  }
}

std::string labels_in_words(const Labels& labels) {
  if (labels.empty()) return "total";
  std::string words;
  for (const auto& [name, value] : labels) {
    if (!words.empty()) words += ", ";
    words += name;
    words += ' ';
    words += value;
  }
  return words;
}

}  // namespace purvey::watch
