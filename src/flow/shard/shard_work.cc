#include "flow/shard/internal/shard_work.h"

namespace purvey::flow::internal {

void ShardWork::finish_one() {
  // Notified under the lock: who waits may let go of the work at once.
  const std::lock_guard lock(mutex);
  if (--unfinished == 0) finished.notify_all();
}

bool ShardWork::is_finished() const {
  const std::lock_guard lock(mutex);
  return unfinished == 0;
}

void ShardWork::wait() const {
  std::unique_lock lock(mutex);
  finished.wait(lock, [&] { return unfinished == 0; });
}

void ShardWork::fail(std::exception_ptr why) {
  const std::lock_guard lock(mutex);
  if (!error) error = std::move(why);
}

void ShardWork::rethrow() const {
  const std::lock_guard lock(mutex);
  if (error) std::rethrow_exception(error);
}

}  // namespace purvey::flow::internal
