#pragma once

#include <cmath>
#include <cstdint>

#include "event/batch.h"

namespace purvey::flow::internal {

/// A name's id; 0 if the field is absent.
inline uint32_t name_of(const event::EventBatch& batch, const event::EventRow& row, size_t field) {
  const int64_t slot = batch.field(row, field);
  return slot == event::kAbsent ? 0 : static_cast<uint32_t>(slot);
}

/// The hash of an id or a pseudonym; 0 if the field is absent.
inline uint64_t id_of(const event::EventBatch& batch, const event::EventRow& row, size_t field) {
  const int64_t slot = batch.field(row, field);
  return slot == event::kAbsent ? 0 : batch.text_ref(slot).hash;
}

/// Units of an event's lines; 0 if it has none.
inline int64_t units_of(const event::EventBatch& batch, int64_t lines) {
  int64_t units = 0;
  for (const event::OrderLine& line : batch.line_span(lines)) units += line.qty;
  return units;
}

/// A number in ten-thousandths, the scale of measures; numbers are bounded by the schema.
inline int64_t fine(double value) {
  return std::llround(value * 10'000);
}

}  // namespace purvey::flow::internal
