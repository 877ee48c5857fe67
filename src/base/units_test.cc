#include "base/units.h"

#include <gtest/gtest.h>

#include <string>

namespace purvey::base {
namespace {

struct ConversionCase {
  double value;
  const char* from;
  const char* to;
  double expected;
};

TEST(UnitsTest, conversions_by_definition) {
  constexpr ConversionCase kCases[] = {
      {32, "F", "C", 0},            // the freezing point
      {212, "[degF]", "Cel", 100},  // the boiling point
      {-40, "F", "C", -40},        {273.15, "K", "C", 0},         {0, "C", "K", 273.15},
      {25, "C", "F", 77},  // 25 * 9 / 5 + 32
      {1, "kg", "g", 1000},        {1500, "g", "kg", 1.5},        {1, "lb", "g", 453.59237},
      {16, "oz", "lb", 1},         {1, "t", "kg", 1000},          {3, "斤", "kg", 1.5},
      {250, "mg", "g", 0.25},      {1, "gal", "L", 3.785411784},  {750, "毫升", "升", 0.75},
      {2, "m3", "L", 2000},        {1, "mi", "km", 1.609344},     {12, "in", "cm", 30.48},
      {90, "min", "h", 1.5},       {2, "天", "小时", 48},         {1500, "ms", "s", 1.5},
      {36, "km/h", "m/s", 10},     {60, "mph", "km/h", 96.56064}, {50, "%", "1", 0.5},
      {2, "打", "pcs", 24},
  };
  for (const ConversionCase& each : kCases) {
    const auto converted = convert_unit(each.value, each.from, each.to);
    ASSERT_TRUE(converted) << each.from << " " << converted.error().message;
    EXPECT_DOUBLE_EQ(*converted, each.expected) << each.value << " " << each.from;
  }
}

TEST(UnitsTest, whole_factors_are_exact) {
  EXPECT_EQ(*convert_unit(0.1, "g", "g"), 0.1);
  EXPECT_EQ(*convert_unit(4.7, "kg", "g"), 4700.0);
  EXPECT_EQ(*convert_unit(1.0, "g", "kg"), 0.001);
  EXPECT_EQ(*convert_unit(3.0, "C", "C"), 3.0);
}

TEST(UnitsTest, there_and_back_is_the_same_number) {
  constexpr const char* kPairs[][2] = {{"F", "C"},    {"K", "F"},   {"lb", "kg"},
                                       {"gal", "mL"}, {"mi", "mm"}, {"mph", "m/s"}};
  for (const auto& [from, to] : kPairs) {
    for (double value = -7.25; value < 1000; value += 33.125) {
      const double there = *convert_unit(value, from, to);
      EXPECT_NEAR(*convert_unit(there, to, from), value, 1e-9) << from;
    }
  }
}

TEST(UnitsTest, case_matters_only_where_it_tells_units_apart) {
  EXPECT_EQ(*unit_symbol("KG"), "kg");
  EXPECT_EQ(*unit_symbol("Ml"), "mL");
  EXPECT_EQ(*unit_symbol("°c"), "C");
  EXPECT_EQ(*unit_symbol("mg"), "mg");
  EXPECT_EQ(*unit_symbol("Mg"), "t");  // megagram
  EXPECT_EQ(*unit_symbol("公斤"), "kg");
}

TEST(UnitsTest, unknown_units_are_refused_with_the_nearest) {
  EXPECT_EQ(convert_unit(1, "celcius", "C").error().message,
            "unknown unit \"celcius\"; did you mean celsius?");
  EXPECT_EQ(convert_unit(1, "C", "furlong per fortnight").error().message,
            "unknown unit \"furlong per fortnight\"; write one such as C, kg, L, m, min, km/h");
  EXPECT_FALSE(unit_symbol(""));
  EXPECT_FALSE(unit_symbol("|"));
  EXPECT_FALSE(unit_symbol("kg|g"));
}

TEST(UnitsTest, another_dimension_is_refused) {
  EXPECT_EQ(convert_unit(1, "公斤", "km").error().message,
            "kg cannot become km: they measure different things");
  EXPECT_FALSE(convert_unit(1, "L", "kg"));
  EXPECT_FALSE(convert_unit(1, "h", "km/h"));
}

}  // namespace
}  // namespace purvey::base
