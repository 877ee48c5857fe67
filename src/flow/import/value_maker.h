#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/event_time.h"
#include "event/csv/stamp.h"
#include "flow/import/import_map.h"
#include "flow/import/reject_report.h"
#include "flow/import/row_record.h"

namespace purvey::flow {

/// What events are made of: a row, and the rows that belong to it (of a grouped table: all its
/// rows, of which `main` is the first that was not dropped).
struct Thing {
  RowView* main = nullptr;
  std::vector<RowList> groups;  ///< as TableSpec::groups
};

/// The row at hand, and the row that it belongs to.
struct Scope {
  const RowView* own = nullptr;
  const RowView* owner = nullptr;
  Thing* thing = nullptr;  ///< for sums; null where there are none
};

enum class Got : uint8_t { kValue, kMissing, kFault };

/// Computes the values that a map asks for. One thread.
class ValueMaker {
 public:
  explicit ValueMaker(const ImportMap& map);

  /// Of several terms the first that is not missing; a fault ends the search.
  Got text(std::span<const ValueTerm> terms, const Scope& scope, std::string& out);
  /// `decimals`: what `round` rounds to.
  Got number(std::span<const ValueTerm> terms, const Scope& scope, int decimals,
             event::csv::Decimal& out);
  /// `place` becomes the place of the term that gave the time.
  Got time(std::span<const ValueTerm> terms, const Scope& scope, base::EventTime& out,
           size_t& place);
  /// One template; kMissing if any of its cells is.
  Got text(const Template& from, const Scope& scope, std::string& out);

  bool all_hold(std::span<const Condition> conditions, const Scope& scope) const;

  /// After kFault.
  const Fault& fault() const { return fault_; }
  void restore(Fault fault) { fault_ = std::move(fault); }
  /// Says what is wrong with the value just made; gives kFault.
  Got wrong(std::string reason, std::span<const ValueTerm> terms, std::string_view value);
  /// Says that the value just asked for is missing, with the word in the file that means so.
  Got missing(std::string reason, std::span<const ValueTerm> terms, const Scope& scope);

  /// Rows of a group that a sum had to leave out, with the reason; the caller empties the list.
  std::vector<std::pair<RowView*, Fault>>& dropped() { return dropped_; }
  /// The first column that a term names, for messages.
  static std::string first_column(std::span<const ValueTerm> terms);

 private:
  static std::string_view cell_of(const CellRef& cell, const Scope& scope);
  static std::string_view word_of(const CellRef& cell, const Scope& scope);
  static const CellRef* find_empty(const ValueTerm& term, const Scope& scope);
  Got term_text(const ValueTerm& term, const Scope& scope, std::string& out);
  Got replaced(const ValueTerm& term, const Scope& scope, std::string& text);
  Got joined(const ValueTerm& term, const Scope& scope, std::string& out);
  Got term_number(const ValueTerm& term, const Scope& scope, int decimals,
                  event::csv::Decimal& out);
  Got sum_parts(const ValueTerm& term, const Scope& scope, int decimals, event::csv::Decimal& out);
  Got sum_group(const ValueTerm& term, const Scope& scope, int decimals, event::csv::Decimal& out);
  Got template_number(const Template& from, const Scope& scope, event::csv::Decimal& out);
  Got parse_number(std::string_view text, const Template& from, event::csv::NumberFormat format,
                   event::csv::Decimal& out);
  Got template_time(const Template& from, const Scope& scope, base::EventTime& out);
  Got term_time(const ValueTerm& term, const Scope& scope, base::EventTime& out);
  Got fault(std::string reason, const Template& from, std::string_view value,
            event::Reason kind = event::Reason::kNotMapped);

  const ImportMap& map_;
  std::vector<event::csv::StampReader> stamps_;  ///< by table
  Fault fault_;
  std::vector<std::pair<RowView*, Fault>> dropped_;
  std::string scratch_;
  std::string otherwise_;
};

}  // namespace purvey::flow
