#include "flow/metric/internal/cell.h"

#include <algorithm>
#include <vector>

#include "flow/metric/internal/measure_names.h"

namespace purvey::flow::internal {

void Cell::merge(const Cell& other) {
  sum += other.sum;
  n += other.n;
  if (!other.sketch) return;
  if (!sketch) sketch = std::make_unique<Sketch>();
  sketch->merge(*other.sketch);
}

void Cell::add_to_sketch(const Signal& signal, double scale) {
  if (!sketch) sketch = std::make_unique<Sketch>();
  if (measure_spec(signal.measure).kind == MeasureKind::kIdentity) {
    sketch->distinct.add(static_cast<uint64_t>(signal.value));
  } else {
    sketch->quantiles.add(static_cast<double>(signal.value) / scale, signal.weight);
  }
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

namespace {

void save_sketch(const Sketch& sketch, base::ByteWriter& writer) {
  sketch.distinct.save(writer);
  writer.varint(sketch.quantiles.buckets().size());
  for (const auto& [bucket, count] : sketch.quantiles.buckets()) {
    writer.zigzag(bucket);
    writer.zigzag(count);
  }
}

std::unique_ptr<Sketch> load_sketch(base::ByteReader& reader) {
  auto sketch = std::make_unique<Sketch>();
  sketch->distinct.load(reader);
  const uint64_t buckets = reader.varint();
  if (!reader.fits(buckets, 2)) return sketch;
  for (uint64_t i = 0; i < buckets; ++i) {
    const auto bucket = static_cast<int32_t>(reader.zigzag());
    sketch->quantiles.add_bucket(bucket, reader.zigzag());
  }
  return sketch;
}

}  // namespace

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
    writer.varint(cell.sketch ? 1 : 0);
    if (cell.sketch) save_sketch(*cell.sketch, writer);
  }
  writer.varint(block.revisions.size());
  for (const auto& [group, revision] : block.revisions) {
    writer.varint(group);
    writer.zigzag(revision);
  }
  writer.varint(block.slid.size());
  for (const SeriesKey key : block.slid) writer.varint(key);
  writer.varint(block.dirty.size());
  for (const uint32_t group : block.dirty) writer.varint(group);
}

void load_block(base::ByteReader& reader, const MeasureNames& measures, Block& block) {
  const uint64_t cells = reader.varint();
  if (!reader.fits(cells, 4)) return;
  for (uint64_t i = 0; i < cells && reader.ok(); ++i) {
    const auto key = measures.today(reader.varint());
    Cell cell;
    cell.sum = load_wide(reader);
    cell.n = reader.zigzag();
    if (reader.varint() != 0) cell.sketch = load_sketch(reader);
    if (key) block.cells[*key] = std::move(cell);
  }
  const uint64_t revisions = reader.varint();
  for (uint64_t i = 0; i < revisions && reader.ok(); ++i) {
    const auto group = static_cast<uint32_t>(reader.varint());
    block.revisions[group] = reader.zigzag();
  }
  const uint64_t slid = reader.varint();
  for (uint64_t i = 0; i < slid && reader.ok(); ++i) {
    if (const auto key = measures.today(reader.varint())) block.slid.insert(*key);
  }
  const uint64_t dirty = reader.varint();
  for (uint64_t i = 0; i < dirty && reader.ok(); ++i) {
    block.dirty.insert(static_cast<uint32_t>(reader.varint()));
  }
}

}  // namespace purvey::flow::internal
