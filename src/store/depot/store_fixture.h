#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "store/depot/store.h"

namespace purvey::store::depot {

/// A row of order_step, with what a test does not care about left out.
struct StepRow {
  int64_t seq = 1;
  std::string_view order;
  std::string_view step;
  std::string_view at;
  std::string_view warehouse = {};
  std::string_view carrier = {};
  std::string_view shipment = {};
  std::optional<int64_t> qty = {};
};

base::EventTime time_of(std::string_view rfc3339);
void add_step(RowBuffer& rows, const StepRow& row);

/// A store in a folder of its own that goes away with the test.
class StoreFixture : public ::testing::Test {
 protected:
  StoreFixture();
  ~StoreFixture() override;

  const std::string& folder() const { return folder_; }
  StoreOptions options() const;
  std::unique_ptr<Store> open() const;
  void commit(Store& store, int64_t next_seq, std::string_view watermark = {}) const;

  /// One committed row: order `a`, paid in January 2026, seq 1.
  void commit_one_step() const;
  /// `count` rows of order_step, a second apart, in January 2026 (no more than fit), seq from 1.
  void append_many_steps(Store& store, int64_t count) const;
  /// Appends rows that do not compress until the store refuses; the error.
  static base::Error append_until_error(Store& store);
  void expect_corrupt_open(std::string_view words) const;
  static void flip_byte(const std::string& path, long offset);

  /// A process of its own that runs `work`; it exits with 1 if a check failed in it, else with 0 or
  /// as `work` says by _exit().
  static pid_t start_child(const std::function<void()>& work);
  /// The same, waiting for its end: the status of waitpid().
  static int run_child(const std::function<void()>& work);
  static int wait_for(pid_t child);

 private:
  std::string root_;
  std::string folder_;
};

}  // namespace purvey::store::depot
