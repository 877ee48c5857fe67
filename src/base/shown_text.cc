#include "base/shown_text.h"

namespace purvey::base {
namespace {

unsigned char byte_at(std::string_view text, size_t at) {
  return static_cast<unsigned char>(text[at]);
}

/// Bytes of the UTF-8 letter at the front of `text` (Unicode 15, table 3-7); 0 if there is none.
size_t letter_size(std::string_view text) {
  const unsigned char first = byte_at(text, 0);
  if (first < 0x80) return 1;
  const size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < size) return 0;
  const unsigned char second = byte_at(text, 1);
  const unsigned char least = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const unsigned char most = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (second < least || second > most) return 0;
  for (size_t i = 2; i < size; ++i) {
    if ((byte_at(text, i) & 0xC0) != 0x80) return 0;
  }
  return size;
}

bool is_control(std::string_view letter) {
  const unsigned char first = byte_at(letter, 0);
  if (letter.size() == 1) return first < 0x20 || first == 0x7F;
  return first == 0xC2 && byte_at(letter, 1) < 0xA0;
}

}  // namespace

std::string shown_text(std::string_view text, size_t bytes_max) {
  std::string shown;
  while (!text.empty()) {
    const size_t size = letter_size(text);
    const std::string_view letter = text.substr(0, size);
    const std::string_view written = size == 0 ? "?" : is_control(letter) ? " " : letter;
    if (shown.size() + written.size() > bytes_max) return shown + "...";
    shown += written;
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return shown;
}

}  // namespace purvey::base
