#include "flow/shard/internal/shard_threads.h"

namespace purvey::flow::internal {
namespace {

/// What throws is noted, so that the phase still ends for all shards.
template <class Phase>
void run_phase(ShardWork& work, const Phase& phase) {
  try {
    phase();
  } catch (...) {
    work.fail(std::current_exception());
  }
}

}  // namespace

ShardThreads::ShardThreads(std::vector<std::unique_ptr<Shard>>& shards)
    : shards_(shards),
      phases_(static_cast<std::ptrdiff_t>(shards.size())),
      waiting_(shards.size()) {
  for (size_t shard = 0; shard < shards.size(); ++shard) {
    threads_.emplace_back([this, shard] { run(shard); });
  }
}

ShardThreads::~ShardThreads() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  filled_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void ShardThreads::put(const std::shared_ptr<ShardWork>& work) {
  {
    const std::lock_guard lock(mutex_);
    for (auto& waiting : waiting_) waiting.push_back(work);
  }
  filled_.notify_all();
}

std::shared_ptr<ShardWork> ShardThreads::next(size_t shard) {
  std::unique_lock lock(mutex_);
  filled_.wait(lock, [&] { return !waiting_[shard].empty() || closed_; });
  if (waiting_[shard].empty()) return nullptr;
  auto work = std::move(waiting_[shard].front());
  waiting_[shard].pop_front();
  return work;
}

void ShardThreads::run(size_t shard) {
  while (const auto work = next(shard)) {
    run_phase(*work, [&] { shards_[shard]->take_orders(*work); });
    phases_.arrive_and_wait();
    run_phase(*work, [&] { shards_[shard]->take_others(*work); });
    work->finish_one();
  }
}

void run_inline(std::vector<std::unique_ptr<Shard>>& shards, ShardWork& work) {
  for (const auto& shard : shards) shard->take_orders(work);
  for (const auto& shard : shards) shard->take_others(work);
  for (size_t i = 0; i < shards.size(); ++i) work.finish_one();
}

}  // namespace purvey::flow::internal
