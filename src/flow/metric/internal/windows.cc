#include "flow/metric/internal/windows.h"

namespace purvey::flow::internal {

int64_t Windows::start_of(size_t size, int64_t time) const {
  if (size != kDays) return floor_to(time, kWindowSeconds[size] * kSecond);
  return floor_to(zone_.day_of({time}).start.micros, kMinute);
}

int64_t Windows::end_of(size_t size, int64_t start) const {
  if (size != kDays) return start + kWindowSeconds[size] * kSecond;
  return floor_to(zone_.day_of({start + kMinute}).end.micros, kMinute);
}

const Block* Windows::find(size_t size, int64_t start) const {
  const auto found = blocks_[size].find(start);
  return found == blocks_[size].end() ? nullptr : &found->second;
}

void Windows::save(base::ByteWriter& writer) const {
  for (const Blocks& blocks : blocks_) {
    writer.varint(blocks.size());
    for (const auto& [start, block] : blocks) {
      writer.zigzag(start);
      save_block(block, writer);
    }
  }
}

void Windows::load(base::ByteReader& reader, const MeasureNames& measures) {
  for (Blocks& blocks : blocks_) {
    const uint64_t count = reader.varint();
    for (uint64_t i = 0; i < count && reader.ok(); ++i) {
      const int64_t start = reader.zigzag();
      load_block(reader, measures, blocks[start]);
    }
  }
}

}  // namespace purvey::flow::internal
