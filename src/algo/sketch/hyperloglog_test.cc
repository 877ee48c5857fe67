#include "algo/sketch/hyperloglog.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/hash.h"

namespace purvey::algo {
namespace {

uint64_t hash_of(uint64_t customer) {
  return base::hash64("customer " + std::to_string(customer));
}

HyperLogLog sketch_of(uint64_t begin, uint64_t end) {
  HyperLogLog sketch;
  for (uint64_t i = begin; i < end; ++i) sketch.add(hash_of(i));
  return sketch;
}

std::string saved(const HyperLogLog& sketch) {
  std::string bytes;
  base::ByteWriter writer(bytes);
  sketch.save(writer);
  return bytes;
}

TEST(HyperLogLogTest, few_values_are_counted_exactly) {
  HyperLogLog sketch;
  EXPECT_EQ(sketch.count(), 0);
  EXPECT_TRUE(sketch.is_empty());
  for (uint64_t i = 0; i < HyperLogLog::kExactMost; ++i) {
    for (int again = 0; again < 3; ++again) sketch.add(hash_of(i));
    ASSERT_EQ(sketch.count(), static_cast<int64_t>(i) + 1);
  }
  EXPECT_TRUE(sketch.is_exact());
  sketch.add(hash_of(HyperLogLog::kExactMost));
  EXPECT_FALSE(sketch.is_exact());
}

TEST(HyperLogLogTest, estimates_are_within_four_standard_errors_at_every_size) {
  HyperLogLog sketch;
  uint64_t added = 0;
  for (const uint64_t size : {513, 1'000, 3'000, 5'000, 10'000, 20'000, 40'000, 100'000, 400'000}) {
    for (; added < size; ++added) sketch.add(hash_of(added));
    const auto truth = static_cast<double>(size);
    EXPECT_NEAR(static_cast<double>(sketch.count()), truth, 4 * HyperLogLog::kError * truth);
  }
}

TEST(HyperLogLogTest, over_many_sets_there_is_no_bias_and_the_error_is_the_stated_one) {
  for (const uint64_t size : {1'000, 6'000, 12'000, 30'000}) {
    double sum = 0;
    double squares = 0;
    constexpr int kSets = 200;
    for (int set = 0; set < kSets; ++set) {
      const uint64_t begin = static_cast<uint64_t>(set) * 1'000'000;
      const double error =
          static_cast<double>(sketch_of(begin, begin + size).count()) / static_cast<double>(size) -
          1;
      sum += error;
      squares += error * error;
    }
    // The mean of 200 errors stays within 4 of its own standard errors.
    EXPECT_LT(std::abs(sum / kSets), 4 * HyperLogLog::kError / std::sqrt(kSets)) << size;
    EXPECT_LT(std::sqrt(squares / kSets), 1.2 * HyperLogLog::kError) << size;
  }
}

TEST(HyperLogLogTest, merging_is_the_union_and_order_and_split_leave_no_trace) {
  std::mt19937_64 random(11);
  for (const uint64_t size : {3, 400, 512, 513, 700, 20'000}) {
    const HyperLogLog whole = sketch_of(0, size);
    std::vector<uint64_t> customers(size);
    for (uint64_t i = 0; i < size; ++i) customers[i] = i;
    std::shuffle(customers.begin(), customers.end(), random);
    std::vector<HyperLogLog> parts(4);
    for (const uint64_t customer : customers) {
      parts[random() % 4].add(hash_of(customer));
      parts[random() % 4].add(hash_of(customer));  // the parts overlap
    }
    HyperLogLog merged;
    for (const size_t part : {2, 0, 3, 1}) merged.merge(parts[part]);
    EXPECT_EQ(merged, whole) << size;
    EXPECT_EQ(saved(merged), saved(whole)) << size;
  }
}

TEST(HyperLogLogTest, merging_with_an_empty_one_or_with_itself_changes_nothing) {
  for (const uint64_t size : {0, 10, 600}) {
    HyperLogLog sketch = sketch_of(0, size);
    const HyperLogLog before = sketch;
    sketch.merge(HyperLogLog());
    sketch.merge(before);
    EXPECT_EQ(sketch, before);
    HyperLogLog empty;
    empty.merge(before);
    EXPECT_EQ(empty, before);
  }
}

TEST(HyperLogLogTest, hashes_at_the_ends_of_the_range_have_their_registers) {
  HyperLogLog sketch = sketch_of(0, 600);
  for (const uint64_t hash : {uint64_t{0}, ~uint64_t{0}, uint64_t{1} << 52}) sketch.add(hash);
  EXPECT_NEAR(static_cast<double>(sketch.count()), 603, 40);
}

TEST(HyperLogLogTest, what_was_saved_is_loaded) {
  for (const uint64_t size : {0, 1, 512, 513, 50'000}) {
    const HyperLogLog sketch = sketch_of(0, size);
    const std::string bytes = saved(sketch);
    base::ByteReader reader(bytes);
    HyperLogLog loaded;
    loaded.load(reader);
    ASSERT_TRUE(reader.finish("sketch"));
    EXPECT_EQ(loaded, sketch);
  }
}

TEST(HyperLogLogTest, damage_is_seen) {
  const auto loads = [](const std::string& bytes) {
    base::ByteReader reader(bytes);
    HyperLogLog sketch;
    sketch.load(reader);
    return reader.finish("sketch").has_value();
  };
  const std::string exact = saved(sketch_of(0, 3));
  const std::string dense = saved(sketch_of(0, 900));
  EXPECT_TRUE(loads(exact));
  EXPECT_TRUE(loads(dense));
  EXPECT_FALSE(loads(exact.substr(0, exact.size() - 1)));
  EXPECT_FALSE(loads(dense.substr(0, dense.size() - 1)));
  std::string unsorted = exact;
  std::swap_ranges(unsorted.begin() + 1, unsorted.begin() + 9, unsorted.begin() + 9);
  EXPECT_FALSE(loads(unsorted));
  std::string beyond = dense;
  beyond[1] = 54;  // no rank has 53 zeros before it
  EXPECT_FALSE(loads(beyond));
  EXPECT_FALSE(loads(std::string("\xFF\x7F", 2)));  // more hashes than are kept
}

}  // namespace
}  // namespace purvey::algo
