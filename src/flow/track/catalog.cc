#include "flow/track/catalog.h"

#include <algorithm>
#include <string_view>
#include <vector>

namespace purvey::flow {

bool Catalog::set(uint32_t sku, const SkuCard& card) {
  SkuCard& known = cards_[sku];
  if (known.valid_from > card.valid_from) return false;
  known = card;
  return true;
}

const SkuCard& Catalog::find(uint32_t sku) const {
  static const SkuCard kNone;
  const auto found = cards_.find(sku);
  return found == cards_.end() ? kNone : found->second;
}

void Catalog::save(base::ByteWriter& writer, const base::Dictionary& names) const {
  std::vector<std::pair<std::string_view, const SkuCard*>> cards;
  for (const auto& [sku, card] : cards_) cards.emplace_back(names.text(sku), &card);
  std::sort(cards.begin(), cards.end());
  writer.varint(cards.size());
  for (const auto& [sku, card] : cards) {
    writer.text(sku);
    writer.zigzag(card->valid_from);
    writer.zigzag(card->cost);
    writer.text(names.text(card->category));
    writer.text(names.text(card->brand));
  }
}

void Catalog::load(base::ByteReader& reader, base::Dictionary& names, KeyShare share) {
  const uint64_t count = reader.varint();
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    const uint32_t sku = names.intern(reader.text());
    SkuCard card;
    card.valid_from = reader.zigzag();
    card.cost = reader.zigzag();
    card.category = names.intern(reader.text());
    card.brand = names.intern(reader.text());
    if (share.owns(names.hash(sku))) cards_[sku] = card;
  }
}

}  // namespace purvey::flow
