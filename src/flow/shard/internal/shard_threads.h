#pragma once

#include <atomic>
#include <barrier>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "flow/shard/internal/shard.h"

namespace purvey::flow::internal {

/// Brings works through all shards, each on a thread of its own; works end in the order in which
/// they began.
class ShardThreads {
 public:
  /// `shards` must outlive it.
  explicit ShardThreads(std::vector<std::unique_ptr<Shard>>& shards);
  ~ShardThreads();  ///< lets every work that was put end
  ShardThreads(const ShardThreads&) = delete;
  ShardThreads& operator=(const ShardThreads&) = delete;

  void put(const std::shared_ptr<ShardWork>& work);

 private:
  void run(size_t shard);
  std::shared_ptr<ShardWork> next(size_t shard);

  std::vector<std::unique_ptr<Shard>>& shards_;
  std::barrier<> phases_;
  std::mutex mutex_;
  std::condition_variable filled_;
  std::vector<std::deque<std::shared_ptr<ShardWork>>> waiting_;  // guarded by mutex_, by shard
  bool closed_ = false;                                          // guarded by mutex_
  std::vector<std::thread> threads_;
};

/// One work through all shards, on this thread.
void run_inline(std::vector<std::unique_ptr<Shard>>& shards, ShardWork& work);

}  // namespace purvey::flow::internal
