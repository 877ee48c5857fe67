#include "flow/admit/admission.h"

#include <map>
#include <string_view>

namespace purvey::flow {

using event::Reason;
using event::Verdict;

Verdict Admission::admit(event::EventBatch& batch, event::EventRow& row, const Inspect& inspect) {
  reason_ = Reason::kNone;
  row.verdict = judge(batch, row, inspect);
  ++counts_[static_cast<size_t>(row.verdict)];
  ++totals_[row.source][static_cast<size_t>(row.verdict)];
  const bool has_time = row.time.micros != 0 || !row.refused;
  ++quality_[{.source = row.source,
              .day = has_time ? zone_.day_of(row.time).date : QualityKey::kNoDay,
              .verdict = row.verdict,
              .reason = reason_}];
  return row.verdict;
}

Verdict Admission::judge(const event::EventBatch& batch, const event::EventRow& row,
                         const Inspect& inspect) {
  if (row.refused) {
    const auto& refusal = batch.refusals[row.row].refusal;
    reason_ = refusal.reason;
    if (refusal.verdict == Verdict::kRejected) return Verdict::kRejected;
  }
  if (row.time < horizon_.too_old && !event::is_catalog(row.kind)) {
    reason_ = Reason::kBeyondHorizon;
    return Verdict::kTooOld;
  }
  switch (ids_.insert({row.id_hash, row.payload_hash})) {
    case Seen::kNew:
      break;
    case Seen::kSame:
      return judge_again(row, Verdict::kDuplicate, inspect);
    case Seen::kOther:
      return judge_again(row, Verdict::kConflict, inspect);
  }
  const Verdict verdict = judge_new(row, inspect);
  if (verdict != Verdict::kAccepted) ids_.set_verdict(verdict);
  return verdict;
}

/// Of an event whose id came before: `otherwise` unless that one was quarantined and this one can
/// be taken.
Verdict Admission::judge_again(const event::EventRow& row, Verdict otherwise,
                               const Inspect& inspect) {
  if (ids_.find(row.id_hash) == Verdict::kQuarantined) {
    const Verdict verdict = judge_new(row, inspect);
    if (verdict != Verdict::kQuarantined) {
      ids_.replace({row.id_hash, row.payload_hash}, verdict);
      return verdict;
    }
  }
  reason_ = otherwise == Verdict::kDuplicate ? Reason::kSameId : Reason::kSameIdOtherPayload;
  return otherwise;
}

/// Of an event that is not too old and whose id is new.
Verdict Admission::judge_new(const event::EventRow& row, const Inspect& inspect) {
  if (row.refused) return Verdict::kQuarantined;
  if (row.time > horizon_.future) {
    reason_ = Reason::kFuture;
    return Verdict::kQuarantined;
  }
  if (inspect) reason_ = inspect();
  if (reason_ != Reason::kNone) return Verdict::kQuarantined;
  if (row.time >= horizon_.late || event::is_catalog(row.kind)) return Verdict::kAccepted;
  reason_ = Reason::kWindowsClosed;
  return Verdict::kLate;
}

void Admission::save(base::ByteWriter& writer, const base::Dictionary& names) const {
  std::map<std::string_view, const VerdictCounts*> by_name;
  for (const auto& [source, counts] : totals_) by_name.emplace(names.text(source), &counts);
  writer.varint(by_name.size());
  for (const auto& [name, counts] : by_name) {
    writer.text(name);
    for (const uint64_t count : *counts) writer.varint(count);
  }
}

void Admission::load(base::ByteReader& reader, base::Dictionary& names) {
  const uint64_t sources = reader.varint();
  for (uint64_t i = 0; i < sources && reader.ok(); ++i) {
    for (uint64_t& count : totals_[names.intern(reader.text())]) count = reader.varint();
  }
}

}  // namespace purvey::flow
