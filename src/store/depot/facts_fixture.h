#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "store/depot/store_fixture.h"

namespace purvey::store::depot {

/// Cells by column name, as text; columns that are not named are null.
using Cells = std::initializer_list<std::pair<std::string_view, std::string_view>>;

/// Adds one row. Times are RFC 3339, dates `2026-01-02`, decimals ten-thousandths, flags 1 or 0.
/// The first time or date given is the partition time.
void add_row(RowBuffer& rows, Cells cells);

/// A store to which rows are added and questions asked.
class FactsFixture : public StoreFixture {
 protected:
  void SetUp() override { store_ = open(); }
  Store& store() { return *store_; }
  void reopen() {
    store_.reset();
    store_ = open();
  }
  /// Opens it with another time zone of the site.
  void reopen_in(const std::string& timezone);

  /// Adds one row, not yet committed.
  void put(TableId table, Cells cells);
  /// An `order.placed` of seq `seq`, with lines `sku:qty:price` separated by blanks.
  void place(int64_t seq, std::string_view order, std::string_view at, std::string_view lines,
             Cells more = {});
  void step(const StepRow& row);
  void commit_all(std::string_view watermark = "2026-06-01T00:00:00Z");

  /// The answer as CSV without its header, lines ended by \n.
  std::string ask(std::string_view sql);
  base::Error refusal(std::string_view sql, const QueryLimits& limits = {});

  std::unique_ptr<Store> store_;
  int64_t next_seq_ = 1;
};

}  // namespace purvey::store::depot
