#pragma once

#include <memory>
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

  /// The buffer of a table, for rows that are not facts.
  store::RowBuffer& buffer(store::TableId table);

  /// Rows that wait in all buffers.
  size_t rows() const;

  /// Takes the buffers that hold rows away; new rows go to fresh ones.
  std::vector<store::RowBuffer> take();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace purvey::flow
