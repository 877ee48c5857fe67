#include "base/money.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/check.h"

namespace purvey::base {
namespace {

// Beyond so many minor units, several of them share one double, and which was meant is lost.
constexpr int64_t kExactIntegers = int64_t{1} << 53;

/// ISO 4217:2015 with amendments up to 177 (2024): active codes by digits of the minor unit. Sorted
/// within a group.
constexpr std::string_view kNoDecimals = "BIFCLPDJFGNFISKJPYKMFKRWPYGRWFUGXUYIVNDVUVXAFXOFXPF";
constexpr std::string_view kTwoDecimals =
    "AEDAFNALLAMDANGAOAARSAUDAWGAZNBAMBBDBDTBGNBMDBNDBOBBRLBSDBTNBWPBYNBZDCADCDFCHFCNYCOPCRCCUPCVEC"
    "ZK"
    "DKKDOPDZDEGPERNETBEURFJDFKPGBPGELGHSGIPGMDGTQGYDHKDHNLHTGHUFIDRILSINRIRRJMDKESKGSKHRKPWKYDKZTL"
    "AK"
    "LBPLKRLRDLSLMADMDLMGAMKDMMKMNTMOPMRUMURMVRMWKMXNMYRMZNNADNGNNIONOKNPRNZDPABPENPGKPHPPKRPLNQARR"
    "ON"
    "RSDRUBSARSBDSCRSDGSEKSGDSHPSLESOSSRDSSPSTNSVCSYPSZLTHBTJSTMTTOPTRYTTDTWDTZSUAHUSDUYUUZSVEDVESW"
    "ST"
    "XCDYERZARZMWZWG";
constexpr std::string_view kThreeDecimals = "BHDIQDJODKWDLYDOMRTND";
constexpr size_t kCount = (kNoDecimals.size() + kTwoDecimals.size() + kThreeDecimals.size()) / 3;
static_assert(kNoDecimals.size() % 3 == 0 && kTwoDecimals.size() % 3 == 0 && kCount < 255);

struct Row {
  std::string_view code;
  int decimals;
};

constexpr auto kTable = [] {
  std::array<Row, kCount + 1> table{};
  table[0] = {"", 0};
  size_t at = 1;
  const auto add = [&](std::string_view codes, int decimals) {
    for (size_t i = 0; i < codes.size(); i += 3) table[at++] = {codes.substr(i, 3), decimals};
  };
  add(kNoDecimals, 0);
  add(kTwoDecimals, 2);
  add(kThreeDecimals, 3);
  return table;
}();

constexpr std::array<int64_t, 5> kPowersOfTen = {1, 10, 100, 1'000, 10'000};

}  // namespace

std::optional<Currency> Currency::find(std::string_view code) {
  if (code.size() != 3) return std::nullopt;
  for (size_t i = 1; i < kTable.size(); ++i) {
    if (kTable[i].code == code) return Currency{static_cast<uint8_t>(i)};
  }
  return std::nullopt;
}

std::string_view Currency::code() const {
  return kTable[index].code;
}

int Currency::decimals() const {
  return kTable[index].decimals;
}

int64_t largest_major(Currency currency) {
  const int64_t scale = kPowersOfTen[static_cast<size_t>(currency.decimals())];
  return std::min(kMoneyMajorMax, kExactIntegers / scale);
}

MoneyFault minor_units(double major, Currency currency, int64_t& minor) {
  if (!(std::abs(major) <= static_cast<double>(kMoneyMajorMax))) return MoneyFault::kTooLarge;
  const double scale = static_cast<double>(kPowersOfTen[static_cast<size_t>(currency.decimals())]);
  const double rounded = std::nearbyint(major * scale);
  // A division of two exactly held integers is rounded once, just as parsing the decimal text was.
  if (std::abs(rounded) > static_cast<double>(kExactIntegers)) return MoneyFault::kTooLarge;
  if (rounded / scale != major) return MoneyFault::kTooManyDecimals;
  minor = static_cast<int64_t>(rounded);
  return MoneyFault::kNone;
}

bool to_decimal4(Money money, int64_t& decimal4) {
  const auto shift = static_cast<size_t>(4 - money.currency.decimals());
  return !__builtin_mul_overflow(money.minor, kPowersOfTen[shift], &decimal4);
}

std::string format_money(Money money) {
  const int decimals = money.currency.decimals();
  const int64_t scale = kPowersOfTen[static_cast<size_t>(decimals)];
  const bool negative = money.minor < 0;
  const uint64_t size =
      negative ? 0 - static_cast<uint64_t>(money.minor) : static_cast<uint64_t>(money.minor);
  const auto unsigned_scale = static_cast<uint64_t>(scale);
  auto text = fmt::format("{}{}", negative ? "-" : "", size / unsigned_scale);
  if (decimals > 0) text += fmt::format(".{:0{}}", size % unsigned_scale, decimals);
  return text + " " + std::string(money.currency.code());
}

}  // namespace purvey::base
