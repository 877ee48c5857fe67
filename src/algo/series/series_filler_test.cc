#include "algo/series/series_filler.h"

#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <string>
#include <vector>

namespace purvey::algo {
namespace {

struct Sample {
  double at;
  std::optional<double> value;
};

/// A daily wave on a trend with noise, at irregular times, a third of it missing in runs.
std::vector<Sample> wavy_samples(uint64_t seed, size_t count) {
  const auto next = [&] {
    return (seed = seed * 6364136223846793005ULL + 1442695040888963407ULL) >> 33;
  };
  std::vector<Sample> samples;
  double at = 1.7e15;
  bool missing = false;
  for (size_t i = 0; i < count; ++i) {
    at += 1e6 * static_cast<double>(1 + next() % 20);
    if (next() % 4 == 0) missing = !missing;
    const double value = 50 + std::sin(at / 4e7) * 10 + static_cast<double>(next() % 100) / 50;
    samples.push_back({at, missing ? std::nullopt : std::optional(value)});
  }
  return samples;
}

constexpr FillMethod kMethods[] = {FillMethod::kDrop,       FillMethod::kDefault,
                                   FillMethod::kCarry,      FillMethod::kLinear,
                                   FillMethod::kPolynomial, FillMethod::kSeasonal};

FillOptions options_of(FillMethod method) {
  return {.method = method,
          .default_value = 3,
          .degree = 2,
          .points_before = 4,
          .season = {2.5e8, 1e7},
          .max_gap = 9e7};
}

std::vector<FilledPoint> streamed(const std::vector<Sample>& samples, const FillOptions& options) {
  SeriesFiller filler(options);
  std::vector<FilledPoint> out;
  for (const Sample& sample : samples) filler.add(sample.at, sample.value, true, out);
  filler.flush(out);
  return out;
}

TEST(SeriesFillerTest, gives_what_the_whole_series_at_once_gives) {
  for (const FillMethod method : kMethods) {
    size_t seasonal = 0;
    for (uint64_t seed = 1; seed <= 40; ++seed) {
      const auto samples = wavy_samples(seed, 300);
      std::vector<double> at;
      std::vector<std::optional<double>> values;
      for (const Sample& sample : samples) {
        at.push_back(sample.at);
        values.push_back(sample.value);
      }
      const auto batch = fill_missing(at, values, options_of(method));
      const auto stream = streamed(samples, options_of(method));
      ASSERT_TRUE(batch);
      ASSERT_EQ(stream.size(), samples.size());
      for (size_t i = 0; i < samples.size(); ++i) {
        EXPECT_EQ(stream[i].at, at[i]);
        EXPECT_EQ(stream[i].filled, (*batch)[i]) << i << " " << fill_method_name(method);
        if (stream[i].filled.method == FillMethod::kSeasonal) ++seasonal;
      }
    }
    EXPECT_EQ(seasonal > 1000, method == FillMethod::kSeasonal);
  }
}

/// "1:known 2:linear=2.5 ..." of what has come out.
std::string listed(const std::vector<FilledPoint>& out) {
  std::string text;
  for (const FilledPoint& point : out) {
    char item[64];
    std::snprintf(item, sizeof item, "%g:%s=%g ", point.at,
                  std::string(fill_method_name(point.filled.method)).c_str(), point.filled.value);
    text += item;
  }
  return text;
}

TEST(SeriesFillerTest, missing_values_wait_for_the_next_known_one) {
  SeriesFiller filler({.method = FillMethod::kLinear});
  std::vector<FilledPoint> out;
  filler.add(0, 10, true, out);
  filler.add(1, std::nullopt, true, out);
  filler.add(2, std::nullopt, true, out);
  EXPECT_EQ(listed(out), "0:known=10 ");
  EXPECT_TRUE(filler.is_holding());
  filler.add(4, 18, true, out);
  EXPECT_EQ(listed(out), "0:known=10 1:linear=12 2:linear=14 4:known=18 ");
  EXPECT_FALSE(filler.is_holding());
}

TEST(SeriesFillerTest, a_gap_grown_too_wide_is_given_up_by_time_alone) {
  SeriesFiller filler({.method = FillMethod::kLinear, .max_gap = 5});
  std::vector<FilledPoint> out;
  filler.add(0, 10, true, out);
  filler.add(1, std::nullopt, true, out);
  filler.advance(5, out);
  EXPECT_EQ(out.size(), 1U);
  filler.advance(5.5, out);
  EXPECT_EQ(listed(out), "0:known=10 1:drop=0 ");
}

TEST(SeriesFillerTest, an_outlier_passes_through_but_fills_nothing) {
  SeriesFiller linear({.method = FillMethod::kLinear});
  std::vector<FilledPoint> out;
  linear.add(0, 10, true, out);
  linear.add(1, std::nullopt, true, out);
  linear.add(2, 1000, false, out);
  linear.add(4, 14, true, out);
  EXPECT_EQ(listed(out), "0:known=10 1:linear=11 2:known=1000 4:known=14 ");
  SeriesFiller carry({.method = FillMethod::kCarry});
  out.clear();
  carry.add(0, 10, true, out);
  carry.add(1, 1000, false, out);
  carry.add(2, std::nullopt, true, out);
  EXPECT_EQ(listed(out), "0:known=10 1:known=1000 2:carry=10 ");
}

TEST(SeriesFillerTest, holding_is_bounded) {
  SeriesFiller filler({.method = FillMethod::kLinear});
  std::vector<FilledPoint> out;
  filler.add(0, 10, true, out);
  const size_t count = SeriesFiller::kHeldMax + 10;
  for (size_t i = 1; i <= count; ++i) filler.add(static_cast<double>(i), std::nullopt, true, out);
  EXPECT_EQ(out.size(), 11U);  // the known one and the ten oldest missing ones
  EXPECT_EQ(out.back().filled.method, FillMethod::kDrop);
  filler.flush(out);
  EXPECT_EQ(out.size(), count + 1);
}

TEST(SeriesFillerTest, history_is_bounded) {
  SeriesFiller filler({.method = FillMethod::kSeasonal, .season = {1e9, 1}});
  std::vector<FilledPoint> out;
  for (size_t i = 0; i < 3 * SeriesFiller::kHistoryMax; ++i) {
    filler.add(static_cast<double>(i), 1, true, out);
  }
  std::string bytes;
  base::ByteWriter writer(bytes);
  filler.save(writer);
  EXPECT_LE(bytes.size(), 16 * SeriesFiller::kHistoryMax + 16);
}

TEST(SeriesFillerTest, a_restart_at_any_value_changes_nothing) {
  for (const FillMethod method : kMethods) {
    const auto samples = wavy_samples(3, 200);
    const auto expected = streamed(samples, options_of(method));
    std::vector<FilledPoint> out;
    SeriesFiller filler(options_of(method));
    for (const Sample& sample : samples) {
      std::string bytes;
      base::ByteWriter writer(bytes);
      filler.save(writer);
      filler = SeriesFiller(options_of(method));
      base::ByteReader reader(bytes);
      ASSERT_TRUE(filler.load(reader));
      ASSERT_TRUE(reader.finish("filler"));
      filler.add(sample.at, sample.value, true, out);
    }
    filler.flush(out);
    ASSERT_EQ(out.size(), expected.size());
    for (size_t i = 0; i < out.size(); ++i) EXPECT_EQ(out[i].filled, expected[i].filled);
  }
}

TEST(SeriesFillerTest, damaged_state_is_refused) {
  std::vector<FilledPoint> out;
  SeriesFiller filler({.method = FillMethod::kPolynomial});
  filler.add(1, 10, true, out);
  filler.add(2, 11, true, out);
  filler.add(3, std::nullopt, true, out);
  filler.add(4, 12, false, out);
  std::string bytes;
  base::ByteWriter writer(bytes);
  filler.save(writer);
  for (size_t cut = 0; cut < bytes.size(); ++cut) {
    base::ByteReader reader(std::string_view(bytes).substr(0, cut));
    SeriesFiller other({.method = FillMethod::kPolynomial});
    EXPECT_FALSE(other.load(reader)) << cut;
    EXPECT_FALSE(other.is_holding());
  }
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0xFF);
    base::ByteReader reader(damaged);
    SeriesFiller other({.method = FillMethod::kPolynomial});
    if (!other.load(reader)) continue;
    out.clear();
    other.add(1e9, 5, true, out);  // whatever it took, it gives finite answers
    for (const FilledPoint& point : out) EXPECT_TRUE(std::isfinite(point.filled.value));
  }
}

}  // namespace
}  // namespace purvey::algo
