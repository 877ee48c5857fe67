#include "store/depot/upkeep.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>

#include "store/archive/merge_plan.h"

namespace purvey::store::depot {
namespace {

using archive::Rewrite;
using archive::Rewritten;
using base::Result;

// A disk that is full, or fails, is not asked again at once.
constexpr std::chrono::minutes kPause{1};

}  // namespace

Upkeep::Upkeep(Store& store, const UpkeepOptions& options)
    : store_(store),
      options_(options),
      behind_(options.behind ? options.behind : std::make_shared<base::BehindThread>()) {}

Result<std::unique_ptr<Upkeep>> Upkeep::open(Store& store, const UpkeepOptions& options) {
  std::unique_ptr<Upkeep> upkeep(new Upkeep(store, options));
  upkeep->rewriter_ = PURVEY_TRY(store.rewriter());
  return upkeep;
}

Upkeep::~Upkeep() {
  behind_->wait();
  const bool is_left = job_ && job_->done && job_->result->has_value() && (*job_->result)->part;
  if (is_left) rewriter_->discard(*(*job_->result)->part);
}

UpkeepReport Upkeep::report() const {
  const std::lock_guard lock(report_mutex_);
  return report_;
}

Result<void> Upkeep::step(base::EventTime now) {
  if (job_ && !job_->done) return {};
  if (job_) {
    const auto job = std::exchange(job_, nullptr);
    if (job->result->has_value()) {
      PURVEY_TRY(put_in_place(job->rewrite, **job->result));
    } else {
      note_failure(job->rewrite, job->result->error(), now);
    }
  }
  return now < not_before_ ? Result<void>() : begin(now);
}

Result<void> Upkeep::put_in_place(const Rewrite& rewrite, const Rewritten& rewritten) {
  PURVEY_TRY(store_.replace({.from = rewrite.from, .part = rewritten.part}));
  const std::lock_guard lock(report_mutex_);
  ++report_.merges;
  report_.parts_merged += rewrite.from.size();
  if (!rewritten.part) return {};
  report_.rows_rewritten += rewritten.part->rows;
  report_.bytes_written += rewritten.part->bytes;
  return {};
}

void Upkeep::note_failure(const Rewrite& rewrite, const base::Error& error, base::EventTime now) {
  const bool may_go_better_later = error.code == base::ErrorCode::kUnavailable;
  if (may_go_better_later) {
    not_before_ = now + kPause;
  } else {
    for (const Part& part : rewrite.from) left_alone_.insert(part.path());
  }
  options_.tell(
      fmt::format("{} small parts were not merged: {}", rewrite.from.size(), error.message));
  const std::lock_guard lock(report_mutex_);
  ++report_.failures;
}

Result<void> Upkeep::begin(base::EventTime now) {
  auto rewrite = plan(now);
  if (!rewrite) return {};
  rewrite->name = PURVEY_TRY(store_.take_part_name(rewrite->from));
  job_ = std::make_shared<Job>();
  job_->rewrite = *std::move(rewrite);
  behind_->start([this, job = job_] {
    job->result = rewriter_->run(job->rewrite);
    job->done = true;
  });
  return {};
}

std::optional<Rewrite> Upkeep::plan(base::EventTime now) const {
  auto parts = archive::plan_merge(
      store_.parts(),
      {.fan = options_.fan, .today = base::utc_day(now), .is_left_alone = [this](const Part& part) {
         return left_alone_.contains(part.path());
       }});
  if (parts.empty()) return std::nullopt;
  return Rewrite{.from = std::move(parts), .name = {}};
}

}  // namespace purvey::store::depot
