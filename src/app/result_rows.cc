#include "app/result_rows.h"

#include <fmt/core.h>

#include "event/json_encoder.h"

namespace purvey::app {

using event::Verdict;
using store::RowBuffer;
using store::TableId;

void ResultRows::add_kpi(const flow::KpiRow& row, std::string_view name, std::string_view group,
                         int64_t seq) {
  RowBuffer& out = rows_.buffer(TableId::kKpi);
  out.integer(seq);
  out.text(name);
  out.text(group);
  out.time(row.window_start);
  out.integer(row.window_seconds);
  out.number(row.value);
  out.integer(row.n);
  out.integer(row.revision);
  out.flag(row.final);
  end_row(out, row.window_start);
  ++kpis_;
}

void ResultRows::add_incident(const watch::IncidentStep& step, int64_t seq) {
  RowBuffer& out = rows_.buffer(TableId::kIncidentStep);
  out.integer(seq);
  out.text(step.incident_id);
  out.text(step.rule);
  out.text(watch::severity_name(step.severity));
  out.text(watch::incident_state_name(step.state));
  out.time(step.happened_at);
  out.null();
  out.text(step.title);
  out.text(step.metric);
  out.text(step.dimensions);
  out.text(step.detail);
  end_row(out, step.happened_at);
  if (step.state == watch::IncidentState::kFiring) ++incidents_;
}

void ResultRows::add_dead_letter(const event::EventBatch& batch, const event::EventRow& row,
                                 int64_t seq, const Refusal& refusal) {
  RowBuffer& out = rows_.buffer(TableId::kDeadLetter);
  out.integer(seq);
  out.text_or_null(names_.text(row.source));
  out.text_or_null(batch.text(row.id));
  out.time(refusal.at);
  out.text(event::verdict_name(row.verdict));
  const auto reason = event::reason_name(refusal.reason);
  if (row.refused && row.verdict != Verdict::kConflict) {
    const auto& refused = batch.refusals[row.row];
    out.text(fmt::format("{}: {}", reason, refused.refusal.detail));
    out.text(batch.text(refused.raw));
  } else {
    // What was read well is quarantined for its time or by cleaning.
    const bool by_cleaning =
        row.verdict == Verdict::kQuarantined && refusal.reason != event::Reason::kFuture;
    out.text(by_cleaning ? fmt::format("{}: {}", reason, refusal.by_cleaning)
                         : std::string(reason));
    row.refused ? out.text(batch.text(batch.refusals[row.row].raw))
                : out.text(event::encode_json(batch, row, names_));
  }
  end_row(out, refusal.at);
}

void ResultRows::add_dead_letter_step(const LetterStep& step, int64_t seq) {
  RowBuffer& out = rows_.buffer(TableId::kDeadLetterStep);
  out.integer(seq);
  out.integer(step.letter);
  out.text(step.step);
  out.time(step.at);
  out.text_or_null(step.verdict);
  out.text_or_null(step.reason);
  end_row(out, step.at);
}

void ResultRows::add_quality(const flow::QualityKey& key, uint64_t count, base::EventTime now,
                             int64_t seq) {
  RowBuffer& out = rows_.buffer(TableId::kQuality);
  out.integer(seq);
  out.text_or_null(names_.text(key.source));
  const bool has_day = key.day != flow::QualityKey::kNoDay;
  has_day ? out.date(key.day) : out.null();
  out.text(event::verdict_name(key.verdict));
  out.text(event::reason_name(key.reason));
  out.integer(static_cast<int64_t>(count));
  constexpr int64_t kDay = 86'400'000'000;
  end_row(out, has_day ? base::EventTime{key.day * kDay} : now);
}

}  // namespace purvey::app
