#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "base/behind.h"
#include "store/depot/facts_fixture.h"
#include "store/depot/upkeep.h"

namespace purvey::store::depot {

/// Does what is put behind when the test says so.
class Later final : public base::Behind {
 public:
  void start(std::function<void()> work) override { work_ = std::move(work); }
  void wait() override {
    if (work_) std::exchange(work_, nullptr)();
  }

 private:
  std::function<void()> work_;
};

/// Has something done while a question is being answered, and forgets the answer.
class MeanwhileSink final : public ResultSink {
 public:
  explicit MeanwhileSink(std::function<void()> meanwhile) : meanwhile_(std::move(meanwhile)) {}
  base::Result<void> begin(std::span<const ResultColumn>) override {
    meanwhile_();
    return {};
  }
  base::Result<void> rows(const ResultChunk&) override { return {}; }

 private:
  std::function<void()> meanwhile_;
};

/// A store that commits some rows a minute of event time, its upkeep, and the wall's day.
class UpkeepFixture : public FactsFixture {
 protected:
  void SetUp() override;
  void TearDown() override { upkeep_.reset(); }

  void open_upkeep();
  void reopen_all();

  /// One commit: two steps of an order, a KPI (of an hour every fourth minute, else of a minute), a
  /// line of the quality report, a line of an order.
  void commit_minute(int64_t minute);

  base::EventTime now() const { return {day_ * 86'400'000'000 + second_ * 1'000'000}; }
  /// Steps until nothing is left to do.
  void tidy_up();

  size_t files() const;
  std::string all_rows();

  int64_t day_ = 20'500;
  int64_t second_ = 0;
  Retention retention_;
  std::string told_;
  std::shared_ptr<Later> later_ = std::make_shared<Later>();
  std::unique_ptr<Upkeep> upkeep_;
};

}  // namespace purvey::store::depot
