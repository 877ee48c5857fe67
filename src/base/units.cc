#include "base/units.h"

#include <fmt/core.h>

#include <cstdint>
#include <numeric>
#include <vector>

#include "base/closest_name.h"

namespace purvey::base {
namespace {

enum class Dimension : uint8_t { kTemperature, kMass, kVolume, kLength, kTime, kSpeed, kNumber };

/// (value - zero) * numerator / denominator gives the dimension's first unit.
struct Unit {
  Dimension dimension;
  std::string_view symbol;
  std::string_view names;  ///< further ones, between bars
  int64_t numerator;
  int64_t denominator;
  double zero = 0;
};

using enum Dimension;

/// Definitions: pound, ounce, gallon and mile by the international agreement of 1959, inch = 25.4
/// mm.
constexpr Unit kUnits[] = {
    {kTemperature, "C", "|Cel|°C|℃|degC|celsius|摄氏度|", 1, 1},
    {kTemperature, "F", "|[degF]|°F|℉|degF|fahrenheit|华氏度|", 5, 9, 32},
    {kTemperature, "K", "|kelvin|开尔文|", 1, 1, 273.15},
    {kMass, "g", "|gram|grams|gramme|克|", 1, 1},
    {kMass, "mg", "|milligram|milligrams|毫克|", 1, 1'000},
    {kMass, "kg", "|kilogram|kilograms|kilo|kgs|千克|公斤|", 1'000, 1},
    {kMass, "t", "|Mg|tonne|tonnes|ton|tons|吨|", 1'000'000, 1},
    {kMass, "lb", "|[lb_av]|lbs|pound|pounds|磅|", 45'359'237, 100'000},
    {kMass, "oz", "|[oz_av]|ounce|ounces|盎司|", 45'359'237, 1'600'000},
    {kMass, "jin", "|[jin]|斤|市斤|", 500, 1},
    {kMass, "liang", "|两|市两|", 50, 1},
    {kVolume, "mL", "|milliliter|millilitre|cc|cm3|毫升|", 1, 1},
    {kVolume, "L", "|liter|litre|liters|litres|dm3|升|公升|", 1'000, 1},
    {kVolume, "m3", "|m³|cbm|立方米|方|", 1'000'000, 1},
    {kVolume, "gal", "|[gal_us]|gallon|gallons|加仑|", 3'785'411'784, 1'000'000},
    {kLength, "m", "|meter|metre|meters|metres|米|公尺|", 1, 1},
    {kLength, "mm", "|millimeter|millimetre|毫米|", 1, 1'000},
    {kLength, "cm", "|centimeter|centimetre|厘米|公分|", 1, 100},
    {kLength, "km", "|kilometer|kilometre|千米|公里|", 1'000, 1},
    {kLength, "in", "|[in_i]|inch|inches|英寸|", 254, 10'000},
    {kLength, "mi", "|[mi_i]|mile|miles|英里|", 1'609'344, 1'000},
    {kTime, "s", "|sec|secs|second|seconds|秒|", 1, 1},
    {kTime, "ms", "|millisecond|milliseconds|毫秒|", 1, 1'000},
    {kTime, "min", "|mins|minute|minutes|分|分钟|", 60, 1},
    {kTime, "h", "|hr|hrs|hour|hours|时|小时|", 3'600, 1},
    {kTime, "d", "|day|days|天|日|", 86'400, 1},
    {kSpeed, "m/s", "|mps|米/秒|米每秒|", 1, 1},
    {kSpeed, "km/h", "|kmh|kph|kmph|公里/小时|千米/小时|公里/时|千米/时|公里每小时|千米每小时|", 5,
     18},
    {kSpeed, "mph", "|[mi_i]/h|mi/h|英里/小时|", 1'609'344, 3'600'000},
    {kNumber, "1", "|{count}|count|pc|pcs|piece|pieces|ea|each|unit|units|个|件|只|台|", 1, 1},
    {kNumber, "%", "|percent|百分比|", 1, 100},
    {kNumber, "dozen", "|打|", 12, 1}};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

/// The unit called `name`, with `names` and symbols in lower case if `fold`.
const Unit* find_as_written(std::string_view name, bool fold) {
  const std::string barred = fmt::format("|{}|", name);
  for (const Unit& unit : kUnits) {
    if (fold ? lower(unit.symbol) == name : unit.symbol == name) return &unit;
    const bool listed = fold ? lower(unit.names).find(barred) != std::string::npos
                             : unit.names.find(barred) != std::string_view::npos;
    if (listed) return &unit;
  }
  return nullptr;
}

std::vector<std::string_view> every_name() {
  std::vector<std::string_view> all;
  for (const Unit& unit : kUnits) {
    all.push_back(unit.symbol);
    std::string_view rest = unit.names.substr(1);
    for (size_t bar = rest.find('|'); bar != std::string_view::npos; bar = rest.find('|')) {
      all.push_back(rest.substr(0, bar));
      rest.remove_prefix(bar + 1);
    }
  }
  return all;
}

Result<const Unit*> find_unit(std::string_view name) {
  const bool plain = !name.empty() && name.find('|') == std::string_view::npos;
  const Unit* unit = plain ? find_as_written(name, false) : nullptr;
  if (unit == nullptr && plain) unit = find_as_written(lower(name), true);
  if (unit != nullptr) return unit;
  constexpr size_t kShown = 24;
  const std::string_view nearest = closest_name(name, every_name());
  const std::string hint = nearest.empty() ? "write one such as C, kg, L, m, min, km/h"
                                           : fmt::format("did you mean {}?", nearest);
  return invalid_input(fmt::format("unknown unit \"{}\"; {}", name.substr(0, kShown), hint));
}

}  // namespace

Result<UnitConversion> unit_conversion(std::string_view from, std::string_view to) {
  const Unit* source = PURVEY_TRY(find_unit(from));
  const Unit* target = PURVEY_TRY(find_unit(to));
  UnitConversion conversion;
  if (source == target) return conversion;
  if (source->dimension != target->dimension) {
    return invalid_input(fmt::format("{} cannot become {}: they measure different things",
                                     source->symbol, target->symbol));
  }
  // (n1 / d1) / (n2 / d2), cancelled crosswise so that whole factors stay exact.
  const int64_t tops = std::gcd(source->numerator, target->numerator);
  const int64_t bottoms = std::gcd(source->denominator, target->denominator);
  conversion.from_zero_ = source->zero;
  conversion.numerator_ = static_cast<double>(source->numerator / tops) *
                          static_cast<double>(target->denominator / bottoms);
  conversion.denominator_ = static_cast<double>(source->denominator / bottoms) *
                            static_cast<double>(target->numerator / tops);
  conversion.to_zero_ = target->zero;
  return conversion;
}

Result<double> convert_unit(double value, std::string_view from, std::string_view to) {
  return PURVEY_TRY(unit_conversion(from, to)).apply(value);
}

Result<std::string> unit_symbol(std::string_view name) {
  return std::string(PURVEY_TRY(find_unit(name))->symbol);
}

}  // namespace purvey::base
