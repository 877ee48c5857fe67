#include "flow/metric/internal/cell.h"

#include <algorithm>
#include <vector>

namespace purvey::flow::internal {

void Cell::merge(const Cell& other) {
  sum += other.sum;
  n += other.n;
  if (!other.sketch) return;
  if (!sketch) sketch = std::make_unique<algo::DdSketch>();
  sketch->merge(*other.sketch);
}

double scale_of(Measure measure, int64_t money_scale) {
  const int64_t scale = measure_spec(measure).scale;
  return static_cast<double>(scale == 0 ? money_scale : scale);
}

void save_wide(Wide value, base::ByteWriter& writer) {
  writer.zigzag(static_cast<int64_t>(value >> 64));
  writer.varint(static_cast<uint64_t>(value));
}

Wide load_wide(base::ByteReader& reader) {
  const auto high = static_cast<Wide>(reader.zigzag());
  return high * (static_cast<Wide>(1) << 64) + static_cast<Wide>(reader.varint());
}

void save_block(const Block& block, base::ByteWriter& writer) {
  std::vector<SeriesKey> keys;
  keys.reserve(block.cells.size());
  for (const auto& [key, cell] : block.cells) keys.push_back(key);
  std::sort(keys.begin(), keys.end());
  writer.varint(keys.size());
  for (const SeriesKey key : keys) {
    const Cell& cell = block.cells.at(key);
    writer.varint(key);
    save_wide(cell.sum, writer);
    writer.zigzag(cell.n);
    writer.varint(cell.sketch ? cell.sketch->buckets().size() : 0);
    if (!cell.sketch) continue;
    for (const auto& [bucket, count] : cell.sketch->buckets()) {
      writer.zigzag(bucket);
      writer.zigzag(count);
    }
  }
  writer.varint(block.revisions.size());
  for (const auto& [group, revision] : block.revisions) {
    writer.varint(group);
    writer.zigzag(revision);
  }
}

void load_block(base::ByteReader& reader, Block& block) {
  const uint64_t cells = reader.varint();
  if (!reader.fits(cells, 4)) return;
  for (uint64_t i = 0; i < cells && reader.ok(); ++i) {
    Cell& cell = block.cells[reader.varint()];
    cell.sum = load_wide(reader);
    cell.n = reader.zigzag();
    const uint64_t buckets = reader.varint();
    if (!reader.fits(buckets, 2)) return;
    if (buckets > 0) cell.sketch = std::make_unique<algo::DdSketch>();
    for (uint64_t b = 0; b < buckets; ++b) {
      const auto bucket = static_cast<int32_t>(reader.zigzag());
      cell.sketch->add_bucket(bucket, reader.zigzag());
    }
  }
  const uint64_t revisions = reader.varint();
  for (uint64_t i = 0; i < revisions && reader.ok(); ++i) {
    const auto group = static_cast<uint32_t>(reader.varint());
    block.revisions[group] = reader.zigzag();
  }
}

}  // namespace purvey::flow::internal
