#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/dictionary.h"
#include "flow/metric/kpi_board.h"
#include "watch/labels.h"

namespace purvey::watch::internal {

/// A bit for each dimension of a split; 0 for the total.
uint32_t split_mask(const flow::Split& split);
uint32_t split_mask(const Labels& labels);

/// The groups of a board by text, each asked for once. A label is the number of a text here, and as
/// good as a text until the desk is gone; texts can have labels before the board knows the group.
class GroupLabels {
 public:
  /// `board` must outlive this.
  explicit GroupLabels(const flow::KpiBoard& board) : board_(board) {}

  uint32_t split(uint32_t group) { return entry(group).split; }
  uint32_t label(uint32_t group) { return entry(group).label; }

  uint32_t intern(std::string_view text);
  std::string_view text(uint32_t label) const { return texts_.text(label); }

 private:
  static constexpr uint32_t kUnknown = UINT32_MAX;
  struct Entry {
    uint32_t split = kUnknown;
    uint32_t label = 0;
  };

  const Entry& entry(uint32_t group);

  const flow::KpiBoard& board_;
  base::Dictionary texts_;
  std::vector<Entry> entries_;
};

}  // namespace purvey::watch::internal
