#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "event/csv/decimal.h"

namespace purvey::flow {

/// The ways to write numbers that are told apart; where two fit, the earlier one is taken.
inline constexpr std::array<event::csv::NumberFormat, 3> kNumberForms = {
    {{'.', '\0'}, {'.', ','}, {',', '.'}}};

/// What a column looks like in the first rows of a file.
struct ColumnProfile {
  enum class Kind : uint8_t { kEmpty, kText, kWhole, kDecimal, kTime };

  std::string name;
  Kind kind = Kind::kEmpty;
  std::vector<std::string> patterns;  ///< of a kTime column
  std::vector<std::string> missing;   ///< well-known words for "nothing" among numbers or times
  std::vector<std::string> others;    ///< the first of what else is no number or time there
  std::array<size_t, kNumberForms.size()> fitting{};  ///< cells that are numbers so written
  std::string_view sign;                              ///< of money, at numbers
  bool day_month_unsure = false;  ///< day and month could be the other way round
  bool repeats = false;           ///< some value stands in more than one row
  std::string example;
  uint64_t filled = 0;
};

/// Looks at the cells of one column.
ColumnProfile profile_column(std::string_view name, const std::vector<std::string>& cells);

/// The pattern with day and month the other way round; empty where nobody mixes them up.
std::string day_month_swapped(std::string_view pattern);

/// What a column is likely to be used for.
enum class ColumnRole : uint8_t {
  kNone,
  kOrder,
  kCustomer,
  kSku,
  kQty,
  kPrice,
  kAmount,
  kStatus,
  kPlaced,
  kPaid,
  kShipped,
  kDelivered,
  kPromised,
  kRegion,
  kWarehouse,
  kChannel,
  kSupplier,
};

/// "order number", ...: for comments.
std::string_view role_name(ColumnRole role);

/// The role that a column's name tells, in English, German, Spanish, Portuguese, French or Chinese.
ColumnRole guess_role(const ColumnProfile& column);

}  // namespace purvey::flow
