#include "flow/track/stock_tracker.h"

#include <gtest/gtest.h>

#include <map>

namespace purvey::flow {
namespace {

class Levels : public SignalSink {
 public:
  void add(const Signal& signal, const Dimensions& dimensions) override {
    now_[{signal.measure, dimensions[Dimension::kCategory]}] += signal.value * signal.weight;
  }
  void move(const Signal& /*signal*/, const Dimensions& /*from*/,
            const Dimensions& /*to*/) override {
    ADD_FAILURE() << "stock moves its levels itself";
  }
  int64_t at(Measure measure, uint32_t category = 0) { return now_[{measure, category}]; }

 private:
  std::map<std::pair<Measure, uint32_t>, int64_t> now_;
};

class StockTrackerTest : public testing::Test {
 protected:
  Levels levels_;
  Catalog catalog_;
  StockTracker stock_{levels_, catalog_};
  const StockTracker::Place place_{7, 1};
};

TEST_F(StockTrackerTest, on_hand_is_the_latest_count_and_the_moves_after_it) {
  stock_.count(place_, 100, 10);
  stock_.move(place_, 110, -4);
  EXPECT_EQ(levels_.at(Measure::kStockUnits), 6);
  stock_.move(place_, 90, -3);  // before the count, which saw it
  EXPECT_EQ(levels_.at(Measure::kStockUnits), 6);
  stock_.count(place_, 105, 20);  // arrives behind the move that followed it
  EXPECT_EQ(levels_.at(Measure::kStockUnits), 16);
  stock_.count(place_, 50, 99);  // an old count changes nothing
  EXPECT_EQ(levels_.at(Measure::kStockUnits), 16);
}

TEST_F(StockTrackerTest, at_one_instant_the_order_of_arrival_decides) {
  stock_.move(place_, 100, -3);
  stock_.count(place_, 100, 10);
  EXPECT_EQ(levels_.at(Measure::kStockUnits), 10);
  stock_.move(place_, 100, -4);
  EXPECT_EQ(levels_.at(Measure::kStockUnits), 6);
}

TEST_F(StockTrackerTest, nothing_on_hand_is_out_of_stock) {
  stock_.count(place_, 1, 2);
  EXPECT_EQ(levels_.at(Measure::kStockOut), 0);
  stock_.move(place_, 2, -2);
  EXPECT_EQ(levels_.at(Measure::kStockOut), 1);
  stock_.move(place_, 3, 5);
  EXPECT_EQ(levels_.at(Measure::kStockOut), 0);
}

TEST_F(StockTrackerTest, value_follows_the_card_and_moves_with_its_category) {
  stock_.count(place_, 1, 10);
  EXPECT_EQ(levels_.at(Measure::kStockValue), 0);
  stock_.before_card_change(7, 5);
  catalog_.set(7, {.valid_from = 5, .cost = 250, .category = 3});
  stock_.after_card_change(7, 5);
  EXPECT_EQ(levels_.at(Measure::kStockValue, 3), 2500);
  EXPECT_EQ(levels_.at(Measure::kStockUnits, 3), 10);
  EXPECT_EQ(levels_.at(Measure::kStockUnits, 0), 0);
}

TEST_F(StockTrackerTest, what_can_be_filled_is_known_only_where_stock_is) {
  EXPECT_EQ(stock_.fillable(place_, 5), -1);
  stock_.count(place_, 1, 3);
  EXPECT_EQ(stock_.fillable(place_, 5), 3);
  EXPECT_EQ(stock_.fillable(place_, 2), 2);
}

TEST_F(StockTrackerTest, many_moves_without_a_count_still_add_up) {
  for (int i = 0; i < 5000; ++i) stock_.move(place_, i, 1);
  EXPECT_EQ(levels_.at(Measure::kStockUnits), 5000);
}

TEST_F(StockTrackerTest, saved_stock_goes_on_where_it_was) {
  base::Dictionary names;
  const StockTracker::Place place{names.intern("A"), names.intern("W")};
  stock_.count(place, 10, 5);
  stock_.move(place, 20, 2);
  std::string saved;
  base::ByteWriter writer(saved);
  stock_.save(writer, names);
  StockTracker loaded(levels_, catalog_);
  base::ByteReader reader(saved);
  loaded.load(reader, names);
  ASSERT_TRUE(reader.finish("stock"));
  loaded.count(place, 15, 100);
  EXPECT_EQ(levels_.at(Measure::kStockUnits), 102);
}

}  // namespace
}  // namespace purvey::flow
