#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <vector>

#include "base/result.h"

namespace purvey::app {

/// What waits to go into the journal, within a limit of bytes: who puts is refused when it is full,
/// so that a sender is told to slow down; who takes gets all at once.
template <class T>
class SubmissionQueue {
 public:
  explicit SubmissionQueue(uint64_t bytes_max) : bytes_max_(bytes_max) {}

  /// Errors: kExhausted when it is full, kCancelled when it was closed. One that is larger than the
  /// limit is taken when nothing else waits.
  base::Result<void> put(T value, uint64_t bytes) {
    {
      const std::lock_guard lock(mutex_);
      if (closed_) return base::Error{base::ErrorCode::kCancelled, "the server is stopping"};
      if (!values_.empty() && bytes_ + bytes > bytes_max_) {
        return base::exhausted("too many events wait for the disk; send them again in a second");
      }
      values_.push_back(std::move(value));
      bytes_ += bytes;
    }
    filled_.notify_one();
    return {};
  }

  /// All that waits; after `most` of waiting, or when closed, perhaps nothing.
  std::vector<T> take_all(std::chrono::milliseconds most) {
    std::unique_lock lock(mutex_);
    filled_.wait_for(lock, most, [&] { return !values_.empty() || closed_; });
    bytes_ = 0;
    return std::exchange(values_, {});
  }

  void close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    filled_.notify_all();
  }

  bool is_closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
  }

 private:
  const uint64_t bytes_max_;
  mutable std::mutex mutex_;
  std::condition_variable filled_;
  std::vector<T> values_;  // guarded by mutex_
  uint64_t bytes_ = 0;     // guarded by mutex_
  bool closed_ = false;    // guarded by mutex_
};

}  // namespace purvey::app
