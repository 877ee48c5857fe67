#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "flow/import/event_writer.h"
#include "flow/import/import_map.h"
#include "flow/import/record_sorter.h"
#include "flow/import/reject_report.h"
#include "flow/import/value_maker.h"

namespace purvey::flow {

/// Who refuses a value that is well written and still not right: too long, out of range, no
/// currency.
enum class Judge : uint8_t {
  kMaker,    ///< the maker, with row and column: of files, whose events may never meet a decoder
  kDecoder,  ///< the decoder that the events go to at once, by whose verdict all events stand
};

/// Makes the events of one thing after the other by the rules of a map, and settles what became of
/// its rows.
///
/// A thing is taken whole or not at all: if an event of its main row cannot be made, all its rows
/// are rejected. A row that belongs to it and is bad by itself (a price that is no number) is
/// rejected alone, as if it were not there. A row of which no event takes anything is rejected too.
/// Where the decoder judges, a thing with a bad row is refused whole, and once.
/// One thread.
class EventMaker {
 public:
  /// All but the text must outlive it.
  EventMaker(const ImportMap& map, EventSink& writer, RejectSink& report, std::string folder,
             size_t memory, Judge judge = Judge::kMaker);

  /// `table` is that of the main row. Errors: what writer and report give.
  base::Result<void> make(uint32_t table, Thing& thing);

  /// A row that comes to no thing at all. Also says so of the rows that describe it.
  base::Result<void> reject(const RowView& row, const Fault& fault);

  /// Rejects the rows that described only rejected ones. Called once, at the end.
  base::Result<void> settle_lookups();

  uint64_t mapped_rows() const { return mapped_rows_; }

 private:
  struct Made {
    base::EventTime time;
    RowId row;
    size_t rule;
    size_t id_begin;
    size_t json_begin;
    size_t json_end;
  };

  bool make_events(uint32_t table, Thing& thing);
  void make_events_of_group(uint32_t group, Thing& thing);
  Got make_event(size_t place, const Scope& scope);
  Got append_fields(const EventRule& rule, const Scope& scope);
  Got append_field(const EventRule& rule, const FieldRule& field, const Scope& scope);
  Got append_text(const event::FieldSpec& spec, const FieldRule& field, const Scope& scope);
  Got append_number(const event::FieldSpec& spec, std::span<const ValueTerm> terms,
                    const Scope& scope, double least, double most);
  Got append_lines(const LinesRule& lines, const Scope& scope);
  Got append_line(const LinesRule& lines, const Scope& scope);
  Got append_as_written(std::span<const ValueTerm> terms);
  Got append_labels(const FieldRule& field, const Scope& scope);
  void find_bad_lines(const EventRule& rule, const Scope& scope);
  Got find_currency(const EventRule& rule, const Scope& scope);
  void drop(RowView& row, Fault fault);
  RowView* next_main(Thing& thing);
  base::Result<void> reject_all(uint32_t table, Thing& thing, const Fault& fault);
  base::Result<void> refuse_whole(const Thing& thing);
  base::Result<void> settle(uint32_t table, Thing& thing);
  base::Result<void> settle_row(const RowView& row, bool used);

  const ImportMap& map_;
  EventSink& writer_;
  RejectSink& report_;
  const bool judges_;
  ValueMaker values_;
  RecordSorter lookups_;  ///< rows that describe others: minor 0 where an event took them
  uint64_t mapped_rows_ = 0;
  std::vector<std::string> heads_;  ///< `","source":...,"time":"` by rule
  // Of the thing at hand.
  std::string json_;
  std::vector<Made> made_;
  std::vector<std::pair<RowView*, Fault>> dropped_;
  bool again_ = false;
  size_t dropped_before_ = 0;  ///< rows, when the events of the thing were begun anew
  int decimals_ = 0;           ///< of the currency of the event at hand
  std::string text_;
  std::string currency_;  ///< the last one looked up
  int currency_decimals_ = 0;
};

}  // namespace purvey::flow
