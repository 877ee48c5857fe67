#pragma once

#include <functional>
#include <thread>

namespace purvey::base {

/// Does pieces of work one after the other while its owner goes on. Used by one thread.
class Behind {
 public:
  virtual ~Behind() = default;

  /// Has `work` done; waits first for the work given before.
  virtual void start(std::function<void()> work) = 0;
  /// Until nothing is under way.
  virtual void wait() = 0;
};

/// In a thread of its own for each piece of work.
class BehindThread final : public Behind {
 public:
  ~BehindThread() override { wait(); }
  void start(std::function<void()> work) override {
    wait();
    thread_ = std::thread(std::move(work));
  }
  void wait() override {
    if (thread_.joinable()) thread_.join();
  }

 private:
  std::thread thread_;
};

}  // namespace purvey::base
