#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace purvey::flow {

/// What a column looks like in the first rows of a file.
struct ColumnProfile {
  enum class Kind : uint8_t { kEmpty, kText, kWhole, kDecimal, kTime };

  std::string name;
  Kind kind = Kind::kEmpty;
  std::vector<std::string> patterns;  ///< of a kTime column, which together fit all its cells
  std::vector<std::string> missing;   ///< words among numbers or times that seem to mean "nothing"
  bool decimal_comma = false;
  bool day_month_unsure = false;  ///< day and month could be the other way round
  bool repeats = false;           ///< some value stands in more than one row
  std::string example;
  uint64_t filled = 0;
};

/// Looks at the cells of one column.
ColumnProfile profile_column(std::string_view name, const std::vector<std::string>& cells);

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
