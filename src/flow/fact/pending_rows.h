#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "event/batch.h"
#include "store/table.h"

namespace purvey::flow {

/// Rows on their way to the store: those that are made, and events whose rows FactRows has still to
/// make, which another thread than the one that counts can do.
struct PendingRows {
  struct Event {
    uint32_t place = 0;  ///< in the batch
    int64_t seq = 0;
  };
  struct Events {
    std::shared_ptr<const event::EventBatch> batch;
    std::vector<Event> events = {};
  };

  std::vector<Events> facts = {};
  std::vector<store::RowBuffer> made = {};
  size_t bytes = 0;  ///< of memory that these and the batches of `facts` hold, about
};

/// Collects rows until somebody takes them. One thread.
class RowCollector {
 public:
  RowCollector();

  /// The rows of an accepted event, the `seq`-th that was received. What its row says must not
  /// change any more; other rows of the batch may.
  void add_fact(const std::shared_ptr<event::EventBatch>& batch, size_t place, int64_t seq);

  /// The buffer of a table, for rows that are made at once.
  store::RowBuffer& buffer(store::TableId table) { return made_[static_cast<size_t>(table)]; }

  /// Rows that wait, those that are still to be made among them.
  size_t rows() const;

  /// The same, or more where the batches that are held for them are large, or few of their events
  /// have rows: what limits memory.
  size_t weight() const { return std::max({rows(), held_ / kEventsARow, bytes() / kBytesARow}); }

  /// Takes away all that waits.
  PendingRows take();

 private:
  size_t bytes() const;

  /// Events that cost as much memory as a row.
  static constexpr size_t kEventsARow = 8;
  static constexpr size_t kBytesARow = 4096;

  std::vector<PendingRows::Events> facts_;
  size_t held_ = 0;        ///< events of their batches
  size_t held_bytes_ = 0;  ///< and the memory of these
  size_t fact_rows_ = 0;
  std::vector<store::RowBuffer> made_;  ///< by table
};

}  // namespace purvey::flow
