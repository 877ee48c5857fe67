#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

namespace purvey::app {

/// Hands values from one thread to another, at most `limit` at a time: who puts waits while it is
/// full, who takes while it is empty. After close() nothing is taken in, what is in still comes
/// out, then nothing.
template <class T>
class BoundedQueue {
 public:
  explicit BoundedQueue(size_t limit) : limit_(limit) {}

  /// False if the queue was closed: the value is lost.
  bool put(T value) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] { return values_.size() < limit_ || closed_; });
    if (closed_) return false;
    values_.push_back(std::move(value));
    lock.unlock();
    filled_.notify_one();
    return true;
  }

  /// False if it is full or was closed: the value is lost.
  bool try_put(T value) {
    {
      const std::lock_guard lock(mutex_);
      if (values_.size() >= limit_ || closed_) return false;
      values_.push_back(std::move(value));
    }
    filled_.notify_one();
    return true;
  }

  std::optional<T> take() {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [&] { return !values_.empty() || closed_; });
    if (values_.empty()) return std::nullopt;
    T value = std::move(values_.front());
    values_.pop_front();
    lock.unlock();
    room_.notify_one();
    return value;
  }

  bool is_empty() const {
    const std::lock_guard lock(mutex_);
    return values_.empty();
  }

  void close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    room_.notify_all();
    filled_.notify_all();
  }

 private:
  const size_t limit_;
  mutable std::mutex mutex_;
  std::condition_variable room_;
  std::condition_variable filled_;
  std::deque<T> values_;  // guarded by mutex_
  bool closed_ = false;   // guarded by mutex_
};

}  // namespace purvey::app
