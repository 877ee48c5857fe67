#pragma once

#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "event/batch.h"
#include "flow/metric/kpi_delta.h"
#include "flow/shard/shards.h"

namespace purvey::flow::internal {

/// A slice of accepted events with the steps between them, on its way through all shards.
struct ShardWork {
  struct Mark {
    size_t rows;  ///< of `rows` that come before the step
    FlowStep step;
  };

  struct Observed {
    size_t segment;  ///< marks that come before it
    Signal signal;
    Dimensions dimensions;
  };

  std::shared_ptr<const event::EventBatch> batch;
  std::vector<uint32_t> rows;
  std::vector<Mark> marks;
  std::vector<Observed> observed;      ///< by no shard, in order
  std::optional<base::Currency> base;  ///< of money, as far as it was known at the end
  /// By place in `rows`, set by the shard that owns the order: it was placed for the first time.
  std::vector<uint8_t> first_placings;
  /// By shard: what it observed before each mark and after the last, of orders and of the rest.
  std::vector<std::vector<KpiDelta>> of_orders;
  std::vector<std::vector<KpiDelta>> of_others;

  /// One more shard is done with it.
  void finish_one();
  bool is_finished() const;
  void wait() const;

  /// What a shard's thread could not finish by; the first one is kept.
  void fail(std::exception_ptr error);
  void rethrow() const;

  size_t unfinished = 0;  // guarded by mutex, as is error
  std::exception_ptr error;
  mutable std::mutex mutex;
  mutable std::condition_variable finished;
};

}  // namespace purvey::flow::internal
