#include "flow/clean/sample_cleaner.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace purvey::flow {
namespace {

constexpr int64_t kMinute = 60'000'000;
constexpr int64_t kStart = 1'767'225'600'000'000;  // 2026-01-01T00:00:00Z
constexpr std::nullopt_t kMissing = std::nullopt;

base::EventTime minute(int64_t count) {
  return {kStart + count * kMinute};
}

CleanRule rule_of(algo::FillMethod method) {
  CleanRule rule{.name = "m*", .fill = {}, .outlier = {}, .unit = ""};
  rule.fill.method = method;
  rule.fill.max_gap = 30.0 * kMinute;
  rule.fill.default_value = 1;
  rule.fill.season = {10.0 * kMinute, 0.1 * kMinute};
  return rule;
}

CleanRule judging_rule(algo::FillMethod method) {
  CleanRule rule = rule_of(method);
  rule.outlier = algo::OutlierOptions{.window = 12};
  return rule;
}

/// Lines of "minute value raw mark", `-` for none, minutes from kStart.
std::string listed(const std::vector<CleanSample>& samples) {
  std::string text;
  const auto number = [](std::optional<double> value) {
    return value ? fmt::format("{:.6g}", *value) : std::string("-");
  };
  for (const CleanSample& sample : samples) {
    text += fmt::format("{} {} {} {}\n", (sample.at.micros - kStart) / kMinute,
                        number(sample.value), number(sample.raw), sample.mark);
  }
  return text;
}

/// Takes samples of one series at minutes, and keeps what comes out.
class SampleCleanerTest : public testing::Test {
 protected:
  void use(CleanRule rule, size_t series_max = SampleCleaner::kSeriesMax) {
    cleaner_.emplace(std::vector<CleanRule>{std::move(rule)}, series_max);
  }

  void take(int64_t at, std::optional<double> value, std::string_view unit = "",
            uint64_t series = 1) {
    const auto taken = cleaner_->add({series, "metric", minute(at), value, unit}, out_);
    EXPECT_TRUE(taken) << (taken ? "" : taken.error().message);
  }

  /// 12 values around 4, at minutes from -12 to -1, and forgets what came out.
  void settle() {
    for (int i = 0; i < 12; ++i) take(i - 12, 3 + i % 3);
    out_.clear();
  }

  std::string refusal(std::optional<double> value, std::string_view unit) {
    const auto taken = cleaner_->add({1, "metric", minute(0), value, unit}, out_);
    return taken ? "taken" : taken.error().message;
  }

  std::optional<SampleCleaner> cleaner_;
  std::vector<CleanSample> out_;
};

TEST_F(SampleCleanerTest, a_metric_without_a_rule_is_left_as_it_is) {
  use(judging_rule(algo::FillMethod::kLinear));
  EXPECT_TRUE(cleaner_->add({1, "other", minute(0), 5, "furlong"}, out_));
  EXPECT_TRUE(cleaner_->add({1, "other", minute(1), kMissing, ""}, out_));
  EXPECT_TRUE(cleaner_->add({1, "other", minute(2), 1e300, ""}, out_));
  EXPECT_EQ(listed(out_), "0 5 5 \n1 - - \n2 1e+300 1e+300 \n");
  EXPECT_EQ(cleaner_->series_count(), 0U);
}

TEST_F(SampleCleanerTest, missing_values_wait_for_the_next_known_one) {
  use(rule_of(algo::FillMethod::kLinear));
  take(0, 10);
  take(1, kMissing);
  take(2, kMissing);
  EXPECT_EQ(listed(out_), "0 10 10 \n");
  take(3, 16);
  EXPECT_EQ(listed(out_), "0 10 10 \n1 12 - filled:linear\n2 14 - filled:linear\n3 16 16 \n");
}

TEST_F(SampleCleanerTest, each_method_leaves_its_mark) {
  const auto run = [&](algo::FillMethod method) {
    use(rule_of(method));
    out_.clear();
    for (int i = 0; i < 4; ++i) take(i, i * i);
    take(4, kMissing);
    take(5, 25);
    return listed({out_.begin() + 4, out_.begin() + 5});
  };
  EXPECT_EQ(run(algo::FillMethod::kDrop), "4 - - missing:drop\n");
  EXPECT_EQ(run(algo::FillMethod::kDefault), "4 1 - filled:default\n");
  EXPECT_EQ(run(algo::FillMethod::kCarry), "4 9 - filled:carry\n");
  EXPECT_EQ(run(algo::FillMethod::kLinear), "4 17 - filled:linear\n");  // (9 + 25) / 2
  EXPECT_EQ(run(algo::FillMethod::kPolynomial), "4 16 - filled:polynomial\n");
  EXPECT_EQ(run(algo::FillMethod::kSeasonal),
            "4 17 - filled:linear (fewer than 2 seasons known)\n");
}

TEST_F(SampleCleanerTest, a_curve_of_too_few_values_says_that_it_is_a_line) {
  use(rule_of(algo::FillMethod::kPolynomial));
  take(0, 1);
  take(1, kMissing);
  take(2, 3);
  EXPECT_EQ(listed(out_), "0 1 1 \n1 2 - filled:linear (too few values for a curve)\n2 3 3 \n");
}

TEST_F(SampleCleanerTest, a_season_is_followed) {
  use(rule_of(algo::FillMethod::kSeasonal));
  for (int i = 0; i < 29; ++i) take(i, i % 10 == 9 ? 50 : 20);
  out_.clear();
  take(29, kMissing);
  // Levels of the last ten minutes: (19, 29): nine times 20; (9, 19) and (-1, 9) too. 20 + 30.
  EXPECT_EQ(listed(out_), "29 50 - filled:seasonal\n");
}

TEST_F(SampleCleanerTest, what_cannot_be_filled_is_said_not_swallowed) {
  use(rule_of(algo::FillMethod::kLinear));
  take(0, kMissing);
  take(1, 5);
  take(2, kMissing);
  cleaner_->advance(minute(31), out_);
  EXPECT_EQ(listed(out_), "0 - - missing:drop\n1 5 5 \n");
  cleaner_->advance(minute(32), out_);  // the gap is now above 30 minutes
  EXPECT_EQ(out_.size(), 3U);
  take(33, kMissing);
  take(34, 7);
  take(35, kMissing);
  cleaner_->flush(out_);
  EXPECT_EQ(listed(out_),
            "0 - - missing:drop\n1 5 5 \n2 - - missing:drop\n33 - - missing:drop\n34 7 7 \n"
            "35 - - missing:drop\n");
}

TEST_F(SampleCleanerTest, an_outlier_is_marked_and_its_value_stays) {
  use(judging_rule(algo::FillMethod::kDrop));
  settle();
  take(0, 90);
  // Median 4, MAD 1, spread 1.4826: 86 / 1.4826 = 58.0; 4 -+ 6 * 1.4826
  EXPECT_EQ(listed(out_), "0 90 90 outlier:hampel score 58 of 6 expected -4.8956..12.8956\n");
}

TEST_F(SampleCleanerTest, an_outlier_fills_no_gap_and_keeps_its_mark_while_it_waits) {
  use(judging_rule(algo::FillMethod::kLinear));
  settle();
  take(0, 4);
  take(1, kMissing);
  take(2, 90);
  EXPECT_EQ(listed(out_), "0 4 4 \n");
  take(4, 8);
  EXPECT_EQ(listed(out_),
            "0 4 4 \n1 5 - filled:linear\n"
            "2 90 90 outlier:hampel score 58 of 6 expected -4.8956..12.8956\n4 8 8 \n");
}

TEST_F(SampleCleanerTest, units_are_brought_to_the_rules_and_the_raw_value_stays) {
  CleanRule rule = rule_of(algo::FillMethod::kLinear);
  rule.unit = "Cel";
  use(rule);
  take(0, 39.2, "degF");
  take(1, 5, "℃");
  take(2, 6);
  take(3, kMissing, "F");
  take(4, 50, "[degF]");
  EXPECT_EQ(listed(out_),
            "0 4 39.2 unit:F>C\n1 5 5 \n2 6 6 \n3 8 - filled:linear\n4 10 50 unit:F>C\n");
}

TEST_F(SampleCleanerTest, a_wrong_unit_or_number_is_refused_and_changes_nothing) {
  CleanRule rule = rule_of(algo::FillMethod::kLinear);
  rule.unit = "kg";
  use(rule);
  EXPECT_EQ(refusal(1, "klg"), "metric metric: unknown unit \"klg\"; did you mean kg?");
  EXPECT_EQ(refusal(1, "km"), "metric metric: km cannot become kg: they measure different things");
  EXPECT_EQ(refusal(kMissing, "km"),
            "metric metric: km cannot become kg: they measure different things");
  for (const double bad : {std::nan(""), HUGE_VAL, -HUGE_VAL, 1.1e100}) {
    EXPECT_EQ(refusal(bad, ""), "metric metric: a value that is not finite or beyond 1e100");
  }
  EXPECT_EQ(refusal(1e100, "t"), "metric metric: a value beyond 1e100 in kg");
  EXPECT_TRUE(out_.empty());
  EXPECT_EQ(cleaner_->series_count(), 0U);
}

TEST_F(SampleCleanerTest, late_values_pass_through_unjudged) {
  use(judging_rule(algo::FillMethod::kLinear));
  settle();
  take(5, 4);
  take(3, 90);
  take(5, 90);
  take(4, kMissing);
  EXPECT_EQ(listed(out_),
            "5 4 4 \n3 90 90 late:not judged\n5 90 90 late:not judged\n"
            "4 - - missing:drop; late:not judged\n");
}

TEST_F(SampleCleanerTest, series_do_not_mix_and_are_bounded) {
  use(rule_of(algo::FillMethod::kCarry), 2);
  take(0, 1, "", 11);
  take(0, 2, "", 22);
  take(0, 3, "", 33);
  take(1, kMissing, "", 22);
  take(1, kMissing, "", 11);
  take(1, kMissing, "", 33);
  EXPECT_EQ(listed(out_),
            "0 1 1 \n0 2 2 \n0 3 3 not cleaned:more than 2 series\n1 2 - filled:carry\n"
            "1 1 - filled:carry\n1 - - missing:drop; not cleaned:more than 2 series\n");
  EXPECT_EQ(cleaner_->series_count(), 2U);
}

TEST_F(SampleCleanerTest, times_beyond_what_is_exact_pass_through) {
  use(rule_of(algo::FillMethod::kLinear));
  for (const int64_t micros : {INT64_MIN, INT64_MAX, int64_t{1} << 53}) {
    EXPECT_TRUE(cleaner_->add({1, "metric", {micros}, 5, ""}, out_));
    EXPECT_EQ(out_.back().mark, "not cleaned:time out of range");
    EXPECT_EQ(out_.back().at.micros, micros);
  }
}

TEST_F(SampleCleanerTest, the_first_rule_that_fits_counts) {
  CleanRule first = rule_of(algo::FillMethod::kDefault);
  first.name = "metr?c";
  cleaner_.emplace(std::vector<CleanRule>{first, rule_of(algo::FillMethod::kCarry)});
  take(0, kMissing);
  EXPECT_EQ(listed(out_), "0 1 - filled:default\n");
}

struct Step {
  uint64_t series;
  int64_t at;
  std::optional<double> value;
};

/// Three series in turns, a third missing in runs, now and then an outlier or a late value.
std::vector<Step> mixed_steps(uint64_t seed) {
  const auto next = [&] {
    return (seed = seed * 6364136223846793005ULL + 1442695040888963407ULL) >> 33;
  };
  std::vector<Step> steps;
  for (int i = 0; i < 400; ++i) {
    const bool is_missing = (next() % 40 < 10) || i % 50 > 43;
    double value = 20 + static_cast<double>(next() % 50) / 10;
    if (next() % 25 == 0) value *= 30;
    const int64_t at = i / 3 - (next() % 30 == 0 ? 5 : 0);
    steps.push_back({next() % 3, at, is_missing ? std::nullopt : std::optional(value)});
  }
  return steps;
}

constexpr algo::FillMethod kMethods[] = {
    algo::FillMethod::kDrop,   algo::FillMethod::kDefault,    algo::FillMethod::kCarry,
    algo::FillMethod::kLinear, algo::FillMethod::kPolynomial, algo::FillMethod::kSeasonal};

TEST_F(SampleCleanerTest, every_sample_comes_out_once_with_its_raw_value) {
  for (const algo::FillMethod method : kMethods) {
    for (uint64_t seed = 1; seed <= 10; ++seed) {
      use(judging_rule(method));
      out_.clear();
      const auto steps = mixed_steps(seed);
      std::multiset<std::string> given;
      std::multiset<std::string> got;
      for (const Step& step : steps) {
        take(step.at, step.value, "", step.series);
        given.insert(
            fmt::format("{} {} {}", step.series, minute(step.at).micros, step.value.value_or(-1)));
      }
      cleaner_->flush(out_);
      for (const CleanSample& sample : out_) {
        got.insert(
            fmt::format("{} {} {}", sample.series, sample.at.micros, sample.raw.value_or(-1)));
        EXPECT_TRUE(!sample.raw || sample.value == sample.raw);
        EXPECT_TRUE(!sample.value || std::isfinite(*sample.value));
        EXPECT_TRUE(sample.raw || !sample.mark.empty());
      }
      EXPECT_EQ(given, got);
    }
  }
}

TEST_F(SampleCleanerTest, values_are_those_of_the_algorithms_over_the_whole_series) {
  for (const algo::FillMethod method : kMethods) {
    use(rule_of(method));
    out_.clear();
    std::vector<double> at;
    std::vector<std::optional<double>> values;
    int64_t last = -1;
    for (const Step& step : mixed_steps(4)) {
      if (step.at <= last) continue;
      last = step.at;
      take(step.at, step.value);
      at.push_back(static_cast<double>(minute(step.at).micros));
      values.push_back(step.value);
    }
    cleaner_->flush(out_);
    const auto expected = algo::fill_missing(at, values, rule_of(method).fill);
    ASSERT_TRUE(expected);
    ASSERT_EQ(out_.size(), expected->size());
    for (size_t i = 0; i < out_.size(); ++i) {
      const bool is_dropped = (*expected)[i].method == algo::FillMethod::kDrop;
      EXPECT_EQ(out_[i].value.has_value(), !is_dropped);
      if (out_[i].value) {
        EXPECT_EQ(*out_[i].value, (*expected)[i].value);
      }
    }
  }
}

std::string saved(const SampleCleaner& cleaner) {
  std::string bytes;
  base::ByteWriter writer(bytes);
  cleaner.save(writer);
  return bytes;
}

TEST_F(SampleCleanerTest, a_restart_after_every_sample_changes_nothing) {
  for (const algo::FillMethod method : kMethods) {
    use(judging_rule(method));
    out_.clear();
    const auto steps = mixed_steps(7);
    for (const Step& step : steps) take(step.at, step.value, "", step.series);
    cleaner_->flush(out_);
    const std::string expected = listed(out_);
    use(judging_rule(method));
    out_.clear();
    for (const Step& step : steps) {
      take(step.at, step.value, "", step.series);
      const std::string bytes = saved(*cleaner_);
      use(judging_rule(method));
      base::ByteReader reader(bytes);
      ASSERT_TRUE(cleaner_->load(reader, out_));
      ASSERT_TRUE(reader.finish("cleaner"));
      ASSERT_EQ(saved(*cleaner_), bytes);
    }
    cleaner_->flush(out_);
    EXPECT_EQ(listed(out_), expected);
  }
}

TEST_F(SampleCleanerTest, what_waited_under_a_changed_rule_is_given_up_aloud) {
  use(judging_rule(algo::FillMethod::kLinear));
  settle();
  take(0, 4);
  take(1, kMissing);
  take(2, 90);
  const std::string bytes = saved(*cleaner_);
  use(rule_of(algo::FillMethod::kCarry));
  out_.clear();
  base::ByteReader reader(bytes);
  ASSERT_TRUE(cleaner_->load(reader, out_));
  EXPECT_EQ(listed(out_),
            "1 - - missing:drop\n2 90 90 outlier:hampel score 58 of 6 expected "
            "-4.8956..12.8956\n");
  EXPECT_EQ(cleaner_->series_count(), 0U);
}

TEST_F(SampleCleanerTest, damaged_state_is_refused_or_harmless) {
  use(judging_rule(algo::FillMethod::kPolynomial));
  settle();
  take(0, kMissing);
  take(1, 90);
  const std::string bytes = saved(*cleaner_);
  for (size_t cut = 0; cut < bytes.size(); ++cut) {
    use(judging_rule(algo::FillMethod::kPolynomial));
    base::ByteReader reader(std::string_view(bytes).substr(0, cut));
    const auto loaded = cleaner_->load(reader, out_);
    ASSERT_FALSE(loaded) << cut;
    EXPECT_EQ(loaded.error().code, base::ErrorCode::kCorrupt);
  }
  for (size_t i = 0; i < bytes.size(); ++i) {
    for (const int flip : {0x01, 0x80, 0xFF}) {
      std::string damaged = bytes;
      damaged[i] = static_cast<char>(damaged[i] ^ flip);
      use(judging_rule(algo::FillMethod::kPolynomial));
      out_.clear();
      base::ByteReader reader(damaged);
      if (!cleaner_->load(reader, out_)) continue;
      take(20, 4);
      cleaner_->flush(out_);
      for (const CleanSample& sample : out_) {
        EXPECT_TRUE(!sample.value || std::isfinite(*sample.value));
        EXPECT_TRUE(!sample.raw || std::isfinite(*sample.raw));
      }
    }
  }
}

}  // namespace
}  // namespace purvey::flow
