#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace purvey::serve {

/// Bytes that all bodies in work may hold together. Thread-safe.
class BodyBudget {
 public:
  explicit BodyBudget(size_t most) : most_(most) {}

  bool has_room(size_t bytes) const { return held_.load() + bytes <= most_; }
  size_t held() const { return held_.load(); }

  /// Takes `bytes` more unless that is too many.
  bool take(size_t bytes) {
    size_t before = held_.load();
    do {
      if (bytes > most_ - before) return false;
    } while (!held_.compare_exchange_weak(before, before + bytes));
    return true;
  }
  void give_back(size_t bytes) { held_ -= bytes; }

 private:
  const size_t most_;
  std::atomic<size_t> held_ = 0;
};

/// The part of one body; given back at the end.
class BodyShare {
 public:
  explicit BodyShare(std::shared_ptr<BodyBudget> budget) : budget_(std::move(budget)) {}
  ~BodyShare() { budget_->give_back(bytes_); }
  BodyShare(const BodyShare&) = delete;
  BodyShare& operator=(const BodyShare&) = delete;

  /// False if there is no room for so many.
  bool grow_to(size_t bytes) {
    if (bytes <= bytes_) return true;
    if (!budget_->take(bytes - bytes_)) return false;
    bytes_ = bytes;
    return true;
  }

 private:
  const std::shared_ptr<BodyBudget> budget_;
  size_t bytes_ = 0;
};

}  // namespace purvey::serve
