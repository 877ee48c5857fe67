#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>

#include "base/byte_codec.h"
#include "base/dictionary.h"
#include "flow/track/key_share.h"
#include "flow/track/order_state.h"

namespace purvey::flow {

/// What the catalogue says of a SKU; names are dictionary ids, 0 unknown.
struct SkuCard {
  int64_t valid_from = kUnknown;
  int64_t cost = kUnknown;  ///< of one unit, minor units of the base currency
  uint32_t category = 0;
  uint32_t brand = 0;
};

/// The latest version of each SKU's card, by event time.
class Catalog {
 public:
  /// False if a newer version is known already.
  bool set(uint32_t sku, const SkuCard& card);
  const SkuCard& find(uint32_t sku) const;

  void save(base::ByteWriter& writer, const base::Dictionary& names) const;
  /// Adds what was saved, as far as `share` owns it.
  void load(base::ByteReader& reader, base::Dictionary& names, KeyShare share = {});

 private:
  absl::flat_hash_map<uint32_t, SkuCard> cards_;
};

}  // namespace purvey::flow
