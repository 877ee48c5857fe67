#include "store/depot/upkeep.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <exception>

#include "store/archive/merge_plan.h"

namespace purvey::store::depot {
namespace {

using archive::Rewrite;
using archive::Rewritten;
using base::Result;

// A disk that is full, or fails, is not asked again at once.
constexpr std::chrono::minutes kPause{1};

/// What a rewrite leaves out, as the ledger adds it up.
std::vector<DroppedRows> dropped_by(const Rewrite& rewrite, const Rewritten& rewritten) {
  if (rewritten.rows_dropped == 0) return {};
  DroppedRows rows{.table = rewrite.from.front().table,
                   .cause = "kpi_minute",
                   .rows = rewritten.rows_dropped,
                   .seq_to = rewrite.from.front().seq_to,
                   .stored_to = rewrite.from.front().stored_to};
  for (const Part& part : rewrite.from) {
    rows.seq_to = std::max(rows.seq_to, part.seq_to);
    rows.stored_to = std::max(rows.stored_to, part.stored_to);
  }
  return {std::move(rows)};
}

std::string day_text(int32_t day) {
  constexpr int64_t kDay = 86'400'000'000;
  return base::format_rfc3339({day * kDay}).substr(0, 10);
}

}  // namespace

Upkeep::Upkeep(Store& store, const UpkeepOptions& options)
    : store_(store),
      options_(options),
      ceiling_(options.folder, options.retention.disk_bytes, store.disk()),
      behind_(options.behind ? options.behind : std::make_shared<base::BehindThread>()) {}

Result<std::unique_ptr<Upkeep>> Upkeep::open(Store& store, const UpkeepOptions& options,
                                             base::EventTime now) {
  std::unique_ptr<Upkeep> upkeep(new Upkeep(store, options));
  upkeep->rewriter_ = PURVEY_TRY(store.rewriter());
  PURVEY_TRY(upkeep->hold_ceiling(now));
  return upkeep;
}

Upkeep::~Upkeep() {
  behind_->wait();
  const bool is_left = job_ && job_->done && job_->result && job_->result->part;
  if (is_left) rewriter_->discard(*job_->result->part);
}

UpkeepReport Upkeep::report() const {
  const std::lock_guard lock(report_mutex_);
  UpkeepReport report = report_;
  report.folder_bytes = ceiling_.bytes();
  return report;
}

std::optional<std::string> Upkeep::refusal() const {
  if (!refuses_) return std::nullopt;
  return fmt::format(
      "the data folder holds {} MiB, which is all that it may ([retention] disk = {} MiB): {}",
      ceiling_.bytes() >> 20, options_.retention.disk_bytes >> 20,
      options_.retention.drops_oldest ? "give it more; what may be dropped is dropped"
                                      : "give it more, or set drop_oldest = true");
}

Result<void> Upkeep::step(base::EventTime now) {
  if (!job_ || job_->done) PURVEY_TRY(finish_job(now));
  PURVEY_TRY(hold_ceiling(now));
  // What is being rewritten must not go meanwhile.
  if (job_) return {};
  PURVEY_TRY(drop(old_parts(store_.parts(), options_.retention, base::utc_day(now))));
  return now < not_before_ ? Result<void>() : begin(now);
}

Result<void> Upkeep::finish_job(base::EventTime now) {
  const auto job = std::exchange(job_, nullptr);
  if (!job) return {};
  if (job->result) return put_in_place(job->rewrite, *job->result);
  note_failure(*job, now);
  return {};
}

Result<void> Upkeep::put_in_place(const Rewrite& rewrite, const Rewritten& rewritten) {
  const auto dropped = dropped_by(rewrite, rewritten);
  PURVEY_TRY(store_.replace({.from = rewrite.from, .part = rewritten.part, .dropped = dropped}));
  for (const DroppedRows& rows : dropped) note_dropped(rows);
  const std::lock_guard lock(report_mutex_);
  ++report_.merges;
  report_.parts_merged += rewrite.from.size();
  if (!rewritten.part) return {};
  report_.rows_rewritten += rewritten.part->rows;
  report_.bytes_written += rewritten.part->bytes;
  return {};
}

void Upkeep::note_failure(const Job& job, base::EventTime now) {
  const auto& from = job.rewrite.from;
  const base::Error& error = job.result.error();
  const bool may_go_better_later = error.code == base::ErrorCode::kUnavailable;
  if (may_go_better_later) {
    not_before_ = now + kPause;
  } else if (const auto failed = rewriter_->failed_at()) {
    left_alone_.insert(from[*failed].path());
  } else {
    for (const Part& part : from) left_alone_.insert(part.path());
  }
  options_.tell(fmt::format("{} parts were not written anew: {}", from.size(), error.message));
  const std::lock_guard lock(report_mutex_);
  ++report_.failures;
}

Result<void> Upkeep::drop(Dropping dropping) {
  if (dropping.parts.empty()) return {};
  PURVEY_TRY(store_.replace({.from = dropping.parts, .dropped = dropping.rows}));
  for (const DroppedRows& rows : dropping.rows) note_dropped(rows);
  return {};
}

void Upkeep::note_dropped(const DroppedRows& rows) {
  options_.tell(fmt::format("{} rows of {}, stored until {}, are dropped ([retention] {})",
                            rows.rows, table_spec(rows.table).name, day_text(rows.stored_to),
                            rows.cause));
  const std::lock_guard lock(report_mutex_);
  report_.rows_dropped[rows.cause] += rows.rows;
}

/// The journal's files go first, by whoever asks is_at_ceiling(): parts only if a look after that
/// still finds it reached.
Result<void> Upkeep::hold_ceiling(base::EventTime now) {
  const bool is_journal_dropped = is_journal_dropped_;
  if (!ceiling_.look(now, store_.bytes_replaced())) return {};
  if (!ceiling_.is_reached()) {
    refuses_ = false;
    is_journal_dropped_ = false;
    return {};
  }
  bool has_dropped = false;
  if (options_.retention.drops_oldest && is_journal_dropped && !job_) {
    auto oldest = oldest_parts(store_.parts(), ceiling_.bytes_too_many(), base::utc_day(now));
    has_dropped = !oldest.parts.empty();
    PURVEY_TRY(drop(std::move(oldest)));
    is_journal_dropped_ = false;
  }
  const bool may_drop_yet =
      options_.retention.drops_oldest && (has_dropped || !is_journal_dropped || job_);
  if (!refuses_ && !may_drop_yet) {
    refuses_ = true;
    options_.tell(*refusal());
  } else if (may_drop_yet) {
    refuses_ = false;
  }
  return {};
}

Result<void> Upkeep::begin(base::EventTime now) {
  auto rewrite = plan(now);
  if (!rewrite) return {};
  rewrite->name = PURVEY_TRY(store_.take_part_name(rewrite->from));
  job_ = std::make_shared<Job>();
  job_->rewrite = *std::move(rewrite);
  behind_->start([this, job = job_] { run(*job); });
  return {};
}

/// Behind: what is thrown there must neither end the process nor leave the job open.
void Upkeep::run(Job& job) {
  try {
    job.result = rewriter_->run(job.rewrite);
  } catch (const std::exception& error) {
    job.result = base::exhausted(fmt::format("the rewrite stopped: {}", error.what()));
  }
  job.done = true;
}

std::optional<Rewrite> Upkeep::plan(base::EventTime now) const {
  const int32_t today = base::utc_day(now);
  const auto is_left_alone = [this](const Part& part) { return left_alone_.contains(part.path()); };
  auto thin = parts_to_thin(store_.parts(), options_.retention, today,
                            {.rows_max = archive::kPartRows, .is_left_alone = is_left_alone});
  if (!thin.empty()) {
    return Rewrite{.from = std::move(thin), .name = {}, .drops_minutes = true};
  }
  auto parts = archive::plan_merge(
      store_.parts(),
      {.fan = options_.fan,
       .today = today,
       .span_days = [this](const Part& part) { return span_days(part, options_.retention); },
       .is_left_alone = is_left_alone});
  if (parts.empty()) return std::nullopt;
  return Rewrite{.from = std::move(parts), .name = {}};
}

}  // namespace purvey::store::depot
