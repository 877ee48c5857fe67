#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/dictionary.h"
#include "event/batch.h"
#include "store/table.h"

namespace purvey::flow {

/// Turns accepted events into rows of the fact tables of docs/data.md, section 4.
///
/// Which field goes to which column follows from their names: `customer_id` is `customer`, an
/// event's time is `happened_at`, what stands behind the dot of its type is `step`, `outcome` or
/// `kind`.
class FactRows {
 public:
  /// `names` must outlive it.
  explicit FactRows(const base::Dictionary& names);
  ~FactRows();
  FactRows(FactRows&&) noexcept;

  /// Adds the rows of one accepted event, the `seq`-th that was received.
  void add(const event::EventBatch& batch, const event::EventRow& row, int64_t seq);

  /// How many rows an event has.
  static size_t rows_of(const event::EventBatch& batch, const event::EventRow& row);

  /// What was added, by table.
  std::span<const store::RowBuffer> buffers() const;

  /// Forgets what was added; the buffers keep their memory.
  void clear();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace purvey::flow
