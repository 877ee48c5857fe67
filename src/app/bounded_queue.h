#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace purvey::app {

/// Hands values from one thread to another: who puts waits while as much as the limit is in, who
/// takes while nothing is. Each value weighs 1 unless put() says more. After close() nothing is
/// taken in, what is in still comes out, then nothing.
template <class T>
class BoundedQueue {
 public:
  explicit BoundedQueue(size_t limit) : limit_(limit) {}

  /// False if the queue was closed: the value is lost.
  bool put(T value, size_t weight = 1) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] { return weight_ < limit_ || closed_; });
    if (closed_) return false;
    values_.emplace_back(std::move(value), weight);
    weight_ += weight;
    lock.unlock();
    filled_.notify_one();
    return true;
  }

  /// False if it is full or was closed: the value is lost.
  bool try_put(T value) {
    {
      const std::lock_guard lock(mutex_);
      if (weight_ >= limit_ || closed_) return false;
      values_.emplace_back(std::move(value), 1);
      ++weight_;
    }
    filled_.notify_one();
    return true;
  }

  std::optional<T> take() {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [&] { return !values_.empty() || closed_; });
    return take_first(lock);
  }

  /// Waits no longer than until `time`: nothing then.
  std::optional<T> take_until(std::chrono::steady_clock::time_point time) {
    std::unique_lock lock(mutex_);
    filled_.wait_until(lock, time, [&] { return !values_.empty() || closed_; });
    return take_first(lock);
  }

  bool is_empty() const {
    const std::lock_guard lock(mutex_);
    return values_.empty();
  }

  /// Whether nothing is in and nothing will be.
  bool is_over() const {
    const std::lock_guard lock(mutex_);
    return values_.empty() && closed_;
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
  std::optional<T> take_first(std::unique_lock<std::mutex>& lock) {
    if (values_.empty()) return std::nullopt;
    auto [value, weight] = std::move(values_.front());
    values_.pop_front();
    weight_ -= weight;
    lock.unlock();
    room_.notify_one();
    return std::move(value);
  }

  const size_t limit_;
  mutable std::mutex mutex_;
  std::condition_variable room_;
  std::condition_variable filled_;
  std::deque<std::pair<T, size_t>> values_;  // guarded by mutex_, as are the next two
  size_t weight_ = 0;
  bool closed_ = false;
};

}  // namespace purvey::app
