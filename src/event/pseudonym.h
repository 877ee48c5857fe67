#pragma once

#include <absl/container/flat_hash_map.h>

#include <array>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "event/personal_fields.h"

namespace purvey::event {

/// Turns personal ids into pseudonyms: keyed BLAKE2b-128 (RFC 7693) as 32 hexadecimal digits. The
/// same id and key give the same pseudonym; without the key it can be neither reversed nor guessed
/// by trying ids.
class Pseudonymizer {
 public:
  static constexpr size_t kKeyBytes = 32;
  using Key = std::array<unsigned char, kKeyBytes>;

  /// What is done with an id that is a pseudonym by its looks (32 lower-case hexadecimal digits):
  /// hashed as any other, or, of texts in which ids were replaced before, kept.
  enum class Pseudonyms : uint8_t { kHashed, kKept };

  /// `fields` are personal beside `customer_id`.
  explicit Pseudonymizer(const Key& key, PersonalFields fields = {},
                         Pseudonyms pseudonyms = Pseudonyms::kHashed);

  const PersonalFields& fields() const { return fields_; }

  /// Valid until the next call and as long as `id`.
  std::string_view pseudonym(std::string_view id);

  /// The published key of runs without a data directory, so that their digests compare. It protects
  /// nobody.
  static Key published_key();
  /// A new random key, for a site.
  static Key random_key();

 private:
  static constexpr size_t kCached = 1U << 20;  // about 64 MB; then it starts anew
  using Text = std::array<char, 32>;
  struct Hasher {
    size_t operator()(const base::Hash128& hash) const { return hash.low; }
  };

  Key key_;
  PersonalFields fields_;
  Pseudonyms pseudonyms_;
  absl::flat_hash_map<base::Hash128, Text, Hasher> cache_;
};

}  // namespace purvey::event
