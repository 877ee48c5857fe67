#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/dictionary.h"
#include "base/event_time.h"
#include "event/batch.h"
#include "flow/admit/admission.h"
#include "flow/fact/pending_rows.h"
#include "flow/metric/kpi_board.h"
#include "watch/incident_desk.h"

namespace purvey::app {

/// Puts what the flow comes to beside facts into rows of its tables: KPIs, incidents, dead letters,
/// quality.
class ResultRows {
 public:
  /// Both must outlive it.
  ResultRows(flow::RowCollector& rows, const base::Dictionary& names)
      : rows_(rows), names_(names) {}

  void add_kpi(const flow::KpiRow& row, std::string_view name, std::string_view group, int64_t seq);
  void add_incident(const watch::IncidentStep& step, int64_t seq);

  /// Why an event became a dead letter, and when.
  struct Refusal {
    event::Reason reason = event::Reason::kNone;
    std::string_view by_cleaning = {};  ///< what cleaning said, if it was that
    base::EventTime at = {};
  };
  void add_dead_letter(const event::EventBatch& batch, const event::EventRow& row, int64_t seq,
                       const Refusal& refusal);

  /// What an operator did about the letter of this seq; a retry came to `verdict` and `reason`.
  struct LetterStep {
    int64_t letter = 0;
    std::string_view step;
    std::string_view verdict = {};
    std::string_view reason = {};
    base::EventTime at = {};
  };
  void add_dead_letter_step(const LetterStep& step, int64_t seq);

  /// Events since the last report, at `now`.
  void add_quality(const flow::QualityKey& key, uint64_t count, base::EventTime now, int64_t seq);

  uint64_t rows() const { return count_; }
  uint64_t kpis() const { return kpis_; }
  uint64_t incidents() const { return incidents_; }  ///< that fired

 private:
  void end_row(store::RowBuffer& out, base::EventTime partition_time) {
    out.end_row(partition_time);
    ++count_;
  }

  flow::RowCollector& rows_;
  const base::Dictionary& names_;
  uint64_t count_ = 0;
  uint64_t kpis_ = 0;
  uint64_t incidents_ = 0;
};

}  // namespace purvey::app
