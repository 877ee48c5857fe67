#include "event/internal/json_checks.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/shown_text.h"
#include "event/json_decoder.h"
#include "event/masking.h"

namespace purvey::event::internal {

bool RefusalNote::reject(Reason reason, std::string detail) {
  if (is_rejection()) return false;
  note({Verdict::kRejected, reason, std::move(detail)});
  return false;
}

bool RefusalNote::quarantine(Reason reason, std::string detail) {
  if (noted_) return false;
  note({Verdict::kQuarantined, reason, std::move(detail)});
  return false;
}

void RefusalNote::note(Refusal refusal) {
  constexpr size_t kShown = 1024;
  noted_ = true;
  refusal_ = std::move(refusal);
  // It quotes what was sent.
  std::string scratch;
  refusal_.detail = base::shown_text(mask_personal(refusal_.detail, scratch), kShown);
}

bool check_word(std::string_view field, std::string_view word, RefusalNote& note) {
  if (word.empty()) {
    return note.reject(Reason::kMissingField, fmt::format("{}: missing or empty", field));
  }
  if (word.size() > kNameBytesMax) {
    return note.reject(Reason::kTooLong,
                       fmt::format("{}: longer than {} bytes", field, kNameBytesMax));
  }
  const bool controls = std::any_of(word.begin(), word.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
  if (controls) {
    return note.reject(Reason::kBadText, fmt::format("{}: has control characters", field));
  }
  return true;
}

bool check_twins(std::string_view prefix, std::vector<std::string_view>& keys, RefusalNote& note) {
  if (keys.size() < 2) return true;
  std::sort(keys.begin(), keys.end());
  const auto twin = std::adjacent_find(keys.begin(), keys.end());
  if (twin == keys.end()) return true;
  return note.reject(Reason::kDuplicateKey,
                     fmt::format("{}{}: given twice", prefix, twin->substr(0, kNameBytesMax)));
}

bool see_once(uint64_t& seen, size_t place, std::string_view key, RefusalNote& note) {
  if ((seen >> place & 1) != 0) {
    return note.reject(Reason::kDuplicateKey, fmt::format("{}: given twice", key));
  }
  seen |= uint64_t{1} << place;
  return true;
}

}  // namespace purvey::event::internal
