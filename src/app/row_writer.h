#pragma once

#include "base/dictionary.h"
#include "base/result.h"
#include "flow/fact/fact_rows.h"
#include "flow/fact/pending_rows.h"
#include "store/depot/store.h"

namespace purvey::app {

/// Makes the rows that are still to be made, and appends all to the store. One thread; not that
/// which counts, where there are several.
class RowWriter {
 public:
  /// Both must outlive it.
  RowWriter(store::depot::Store& store, const base::Dictionary& names)
      : store_(store), facts_(names) {}

  /// Errors: kUnavailable.
  base::Result<void> append(const flow::PendingRows& rows) {
    for (const auto& [batch, events] : rows.facts) {
      for (const auto& [place, seq] : events) facts_.add(*batch, batch->rows[place], seq);
    }
    PURVEY_TRY(append(facts_.buffers()));
    facts_.clear();
    return append(rows.made);
  }

 private:
  base::Result<void> append(std::span<const store::RowBuffer> buffers) {
    for (const store::RowBuffer& rows : buffers) {
      if (rows.rows() > 0) PURVEY_TRY(store_.append(rows));
    }
    return {};
  }

  store::depot::Store& store_;
  flow::FactRows facts_;  ///< empty between two calls
};

}  // namespace purvey::app
