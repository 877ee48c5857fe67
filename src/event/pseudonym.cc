#include "event/pseudonym.h"

#include <sodium.h>

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace purvey::event {

namespace {

constexpr size_t kPseudonymDigits = 32;

bool looks_like_one(std::string_view id) {
  return id.size() == kPseudonymDigits && std::ranges::all_of(id, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

}  // namespace

Pseudonymizer::Pseudonymizer(const Key& key, PersonalFields fields, Pseudonyms pseudonyms)
    : key_(key), fields_(std::move(fields)), pseudonyms_(pseudonyms) {
  PURVEY_CHECK(sodium_init() >= 0, "libsodium does not start");
}

std::string_view Pseudonymizer::pseudonym(std::string_view id) {
  if (pseudonyms_ == Pseudonyms::kKept && looks_like_one(id)) return id;
  if (cache_.size() >= kCached) cache_.clear();
  const auto [entry, is_new] = cache_.try_emplace(base::hash128(id));
  Text& text = entry->second;
  if (is_new) {
    std::array<unsigned char, 16> digest{};
    crypto_generichash(digest.data(), digest.size(),
                       reinterpret_cast<const unsigned char*>(id.data()), id.size(), key_.data(),
                       key_.size());
    constexpr char kDigits[] = "0123456789abcdef";
    for (size_t i = 0; i < digest.size(); ++i) {
      text[2 * i] = kDigits[digest[i] >> 4];
      text[2 * i + 1] = kDigits[digest[i] & 15];
    }
  }
  return {text.data(), text.size()};
}

Pseudonymizer::Key Pseudonymizer::published_key() {
  Key key{};
  constexpr std::string_view kText = "purvey published replay key v1";
  static_assert(kText.size() <= kKeyBytes);
  for (size_t i = 0; i < kText.size(); ++i) key[i] = static_cast<unsigned char>(kText[i]);
  return key;
}

Pseudonymizer::Key Pseudonymizer::random_key() {
  PURVEY_CHECK(sodium_init() >= 0, "libsodium does not start");
  Key key{};
  randombytes_buf(key.data(), key.size());
  return key;
}

}  // namespace purvey::event
