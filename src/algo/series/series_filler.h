#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "algo/series/fill.h"
#include "base/byte_codec.h"

namespace purvey::algo {

/// One value of a series as it leaves a SeriesFiller; method kDrop has no value.
struct FilledPoint {
  double at = 0;
  FilledValue filled;
};

/// fill_missing() for one series that arrives value by value; the same answers, in the same order,
/// as long as the limits below are not reached (kPolynomial: with points_after = 1).
///
/// 1. A missing value that needs the next known one is held, and everything after it queues behind.
/// 2. The next known value resolves all of them. A gap that has grown beyond max_gap, and flush(),
///    give them up as kDrop.
/// 3. Only as much of the past is kept as the method asks for.
///
/// Time must increase from call to call. For one thread. Bounded: kHeldMax held, kHistoryMax known
/// values.
class SeriesFiller {
 public:
  /// Held values; one more gives up the oldest missing ones.
  static constexpr size_t kHeldMax = 1024;
  /// Known values of the last seasons; beyond it the oldest are forgotten.
  static constexpr size_t kHistoryMax = 8192;

  /// `options` as check_fill_options() takes them; points_after counts as 1.
  explicit SeriesFiller(const FillOptions& options) : options_(options) {}

  /// Takes the next value and appends what is now known to `out`. A value that is not `trusted`
  /// (an outlier) comes back as it is but fills no gap.
  void add(double at, std::optional<double> value, bool trusted, std::vector<FilledPoint>& out);

  /// Gives up what the time alone shows to be in too wide a gap.
  void advance(double now, std::vector<FilledPoint>& out);

  /// Gives up everything held: there is no more to come.
  void flush(std::vector<FilledPoint>& out);

  bool is_holding() const { return !held_.empty(); }

  /// How many of the held values are known ones, queued behind a missing one.
  size_t held_known() const;

  /// The latest time that is still remembered; minus infinity for none.
  double latest() const;

  /// State without the options; load() takes what a filler of equal options saved. False if the
  /// bytes are damaged, with this filler as new.
  void save(base::ByteWriter& writer) const;
  bool load(base::ByteReader& reader);

 private:
  struct Held {
    double at;
    std::optional<FilledValue> filled = {};  ///< absent: waits for the next known value
  };

  void remember(KnownPoint point);
  size_t history_wanted() const;
  void take_missing(double at, std::vector<FilledPoint>& out);
  void resolve(KnownPoint next, std::vector<FilledPoint>& out);
  void release(size_t count, std::vector<FilledPoint>& out);
  FilledValue bridge(double at, KnownPoint next) const;

  FillOptions options_;
  std::vector<KnownPoint> history_;  ///< from history_start_ on
  size_t history_start_ = 0;
  std::vector<Held> held_;
};

}  // namespace purvey::algo
