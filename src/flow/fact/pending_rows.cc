#include "flow/fact/pending_rows.h"

#include "flow/fact/fact_rows.h"

namespace purvey::flow {

using store::RowBuffer;

RowCollector::RowCollector() {
  for (const auto& spec : store::all_tables()) made_.emplace_back(spec.id);
}

void RowCollector::add_fact(const std::shared_ptr<event::EventBatch>& batch, size_t place,
                            int64_t seq) {
  if (facts_.empty() || facts_.back().batch != batch) {
    facts_.push_back({.batch = batch});
    held_ += batch->rows.size();
    held_bytes_ += batch->bytes();
  }
  facts_.back().events.push_back({static_cast<uint32_t>(place), seq});
  fact_rows_ += FactRows::rows_of(*batch, batch->rows[place]);
}

size_t RowCollector::rows() const {
  size_t sum = fact_rows_;
  for (const RowBuffer& buffer : made_) sum += buffer.rows();
  return sum;
}

size_t RowCollector::bytes() const {
  size_t sum = held_bytes_;
  for (const RowBuffer& buffer : made_) sum += buffer.bytes();
  return sum;
}

PendingRows RowCollector::take() {
  PendingRows pending{.facts = {}, .made = {}, .bytes = bytes()};
  pending.facts = std::exchange(facts_, {});
  fact_rows_ = held_ = held_bytes_ = 0;
  for (RowBuffer& buffer : made_) {
    if (buffer.rows() == 0) continue;
    pending.made.push_back(std::move(buffer));
    buffer = RowBuffer(pending.made.back().table());
  }
  return pending;
}

}  // namespace purvey::flow
