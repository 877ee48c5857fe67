#include "app/source_filter.h"

#include <algorithm>

namespace purvey::app {

using event::EventRow;
using store::ledger::RecordKind;

SourceFilter::Left SourceFilter::filter(FlowInput& input, const base::Dictionary& names,
                                        NextSeq& next) {
  const auto source = names.find(source_);
  Left left = has_begun_ ? Left::kAll : Left::kNothing;  // of a tick or a stop
  if (input.kind == RecordKind::kEvents) {
    left = filter_events(*input.batch, source, next);
  } else if (input.kind == RecordKind::kCommand) {
    left = filter_command(*input.command, source, next);
  }
  has_begun_ = has_begun_ || left != Left::kNothing;
  return left;
}

SourceFilter::Left SourceFilter::filter_events(event::EventBatch& batch,
                                               std::optional<uint32_t> source, NextSeq& next) {
  const size_t all = batch.rows.size();
  const auto is_gone = [&](const EventRow& row) { return row.source == source; };
  const auto is_other = [&](const EventRow& row) { return row.source != 0 && !is_gone(row); };
  const bool has_any = std::any_of(batch.rows.begin(), batch.rows.end(), is_gone);
  if (has_any && std::none_of(batch.rows.begin(), batch.rows.end(), is_other)) {
    next.before += static_cast<int64_t>(all);
    return Left::kNothing;
  }
  for (const EventRow& row : batch.rows) {
    const int64_t before = next.before++;
    if (is_gone(row)) continue;
    if (letters_.is_named(before)) letters_.move(before, next.now);
    ++next.now;
  }
  if (!has_any) return Left::kAll;
  std::erase_if(batch.rows, is_gone);
  return Left::kSome;
}

SourceFilter::Left SourceFilter::filter_command(OperatorCommand& command,
                                                std::optional<uint32_t> source, NextSeq& next) {
  std::vector<int64_t> letters;
  std::vector<EventRow> rows;
  bool is_changed = false;
  for (size_t i = 0; i < command.letters.size(); ++i) {
    const auto now = letters_.find(command.letters[i]);
    const EventRow* const row = command.events ? &command.events->rows[i] : nullptr;
    if (!now || (row != nullptr && row->source == source)) continue;
    is_changed = is_changed || *now != command.letters[i];
    letters.push_back(*now);
    if (row != nullptr) rows.push_back(*row);
  }
  is_changed = is_changed || letters.size() < command.letters.size();
  if (command.events) {
    next.before += static_cast<int64_t>(command.events->rows.size());
    next.now += static_cast<int64_t>(rows.size());
    command.events->rows = std::move(rows);
  }
  command.letters = std::move(letters);
  if (command.letters.empty()) return Left::kNothing;
  return is_changed ? Left::kSome : Left::kAll;
}

}  // namespace purvey::app
