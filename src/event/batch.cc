#include "event/batch.h"

#include "base/check.h"

namespace purvey::event {

TextRef EventBatch::keep(std::string_view text, uint64_t hash) {
  PURVEY_CHECK(bytes_.size() + text.size() <= UINT32_MAX, "a batch of more than 4 GiB of text");
  const TextRef ref{static_cast<uint32_t>(bytes_.size()), static_cast<uint32_t>(text.size()), hash};
  bytes_.append(text);
  return ref;
}

int64_t EventBatch::keep_slot(std::string_view text, uint64_t hash) {
  texts_.push_back(keep(text, hash));
  return static_cast<int64_t>(texts_.size() - 1);
}

uint32_t EventBatch::add_fields(EventKind kind, std::span<const int64_t> slots) {
  auto& columns = columns_[static_cast<size_t>(kind)];
  if (columns.empty()) columns.resize(spec_of(kind).fields.size());
  PURVEY_DCHECK(columns.size() == slots.size(), "slots of another kind");
  for (size_t i = 0; i < slots.size(); ++i) columns[i].push_back(slots[i]);
  return static_cast<uint32_t>(columns[0].size() - 1);
}

size_t EventBatch::bytes() const {
  size_t sum = bytes_.size() + rows.size() * sizeof(EventRow) + lines.size() * sizeof(OrderLine) +
               refusals.size() * sizeof(Refused) + texts_.size() * sizeof(TextRef);
  for (const auto& kind : columns_) {
    for (const auto& column : kind) sum += column.size() * sizeof(int64_t);
  }
  return sum;
}

void EventBatch::reserve_like(const EventBatch& other) {
  const auto some_more = [](size_t size) { return size + size / 8; };
  rows.reserve(some_more(other.rows.size()));
  lines.reserve(some_more(other.lines.size()));
  for (size_t kind = 0; kind < kEventKinds; ++kind) {
    const auto& columns = other.columns_[kind];
    columns_[kind].resize(columns.size());
    for (size_t i = 0; i < columns.size(); ++i) {
      columns_[kind][i].reserve(some_more(columns[i].size()));
    }
  }
  texts_.reserve(some_more(other.texts_.size()));
  bytes_.reserve(some_more(other.bytes_.size()));
}

void EventBatch::clear() {
  rows.clear();
  lines.clear();
  refusals.clear();
  unknown_fields = 0;
  for (auto& columns : columns_) {
    for (auto& column : columns) column.clear();
  }
  texts_.clear();
  bytes_.clear();
}

}  // namespace purvey::event
