#include "event/event_body.h"

#include <fmt/core.h>

#include "event/line_reader.h"

namespace purvey::event {
namespace {

using base::Result;

constexpr size_t kPadding = 64;      // that the decoder may read behind a text
constexpr size_t kHeadBytes = 1024;  // kept of an event that is too long

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/// Cuts an array into its elements by brackets and quotes alone; what is in them is the decoder's
/// business.
class ArrayCutter {
 public:
  explicit ArrayCutter(std::string_view text) : text_(text) {}

  /// The next element; nothing at the end of the array.
  Result<std::string_view> next() {
    skip_blanks();
    if (!begun_) PURVEY_TRY(begin());
    if (peek() == ']' && (first_ || ended_)) return finish();
    if (!first_) PURVEY_TRY(comma());
    first_ = false;
    const size_t from = at_;
    PURVEY_TRY(skip_element());
    std::string_view element = text_.substr(from, at_ - from);
    while (!element.empty() && is_blank(element.back())) element.remove_suffix(1);
    if (element.empty()) return wrong("an event is missing");
    ended_ = true;
    return element;
  }

 private:
  base::Error wrong(std::string_view what) const {
    return base::invalid_input(
        fmt::format("byte {} of the array: {}; send [event, event, ...]", at_, what));
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }

  Result<void> begin() {
    if (peek() != '[') return wrong("it does not begin with [");
    ++at_;
    begun_ = true;
    skip_blanks();
    return {};
  }

  Result<std::string_view> finish() {
    ++at_;
    skip_blanks();
    if (at_ != text_.size()) return wrong("something follows the ]");
    return std::string_view();
  }

  Result<void> comma() {
    if (peek() != ',') return wrong("a comma or ] is missing");
    ++at_;
    skip_blanks();
    ended_ = false;
    return {};
  }

  /// To the comma or bracket behind the element.
  Result<void> skip_element() {
    size_t depth = 0;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        PURVEY_TRY(skip_string());
      } else if (c == '{' || c == '[') {
        ++depth;
      } else if (c == '}' || c == ']') {
        if (depth == 0) return {};
        --depth;
      } else if (c == ',' && depth == 0) {
        return {};
      }
    }
    return wrong("it ends in the middle");
  }

  /// To the closing quote.
  Result<void> skip_string() {
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '"') return {};
      if (text_[at_] == '\\') ++at_;
    }
    return wrong("it ends in the middle of a string");
  }

  const std::string_view text_;
  size_t at_ = 0;
  bool begun_ = false;
  bool first_ = true;
  bool ended_ = false;  ///< an element came since the last comma
};

using Take = std::function<Result<void>(std::string_view text)>;

Result<void> cut_array(std::string_view text, const Take& take) {
  ArrayCutter cutter(text);
  for (;;) {
    const std::string_view element = PURVEY_TRY(cutter.next());
    if (element.data() == nullptr) return {};
    PURVEY_TRY(take(element));
  }
}

Result<void> cut_lines(std::string_view text, const Take& take) {
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) PURVEY_TRY(take(line));
  }
  return {};
}

}  // namespace

Result<void> cut_body(BodyForm form, std::string& body,
                      const std::function<void(std::string_view text)>& visit, size_t most) {
  const size_t size = body.size();
  body.append(kPadding, ' ');
  std::string_view text = std::string_view(body).substr(0, size);
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  size_t events = 0;
  const auto take = [&](std::string_view event) -> Result<void> {
    if (events == most) {
      return base::exhausted(fmt::format("body: more than {} events; send smaller batches", most));
    }
    ++events;
    visit(event);
    return {};
  };
  switch (form) {
    case BodyForm::kSingle:
      return take(text);
    case BodyForm::kArray:
      return cut_array(text, take);
    case BodyForm::kLines:
      return cut_lines(text, take);
  }
  return {};
}

Result<void> decode_body(BodyForm form, std::string& body, JsonDecoder& decoder, EventBatch& batch,
                         size_t most) {
  return cut_body(
      form, body, [&](std::string_view text) { decode_within_limit(text, decoder, batch); }, most);
}

void decode_within_limit(std::string_view text, JsonDecoder& decoder, EventBatch& batch) {
  if (text.size() > kLineBytesMax) {
    decoder.refuse_too_long(text.substr(0, kHeadBytes), batch);
  } else {
    decoder.decode(text, batch);
  }
}

}  // namespace purvey::event
