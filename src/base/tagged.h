#pragma once

#include <compare>
#include <cstdint>

namespace purvey::base {

/// A value that mixes with no other tag's: `using SkuId = Tagged<struct SkuTag, uint32_t>`.
/// Conversion is explicit.
template <class Tag, class T = uint32_t>
struct Tagged {
  T value{};

  constexpr Tagged() = default;
  constexpr explicit Tagged(T raw) : value(raw) {}
  friend constexpr auto operator<=>(const Tagged&, const Tagged&) = default;

  template <class Hash>
  friend Hash AbslHashValue(Hash hash, const Tagged& tagged) {
    return Hash::combine(std::move(hash), tagged.value);
  }
};

}  // namespace purvey::base
