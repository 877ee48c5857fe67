#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace purvey::base {

/// How numbers of one unit become numbers of another: value * numerator / denominator, with the
/// zero points of temperatures. Made by unit_conversion().
class UnitConversion {
 public:
  /// The identity.
  UnitConversion() = default;

  double apply(double value) const {
    return (value - from_zero_) * numerator_ / denominator_ + to_zero_;
  }

 private:
  friend Result<UnitConversion> unit_conversion(std::string_view from, std::string_view to);

  double from_zero_ = 0;
  double numerator_ = 1;
  double denominator_ = 1;
  double to_zero_ = 0;
};

/// The conversion between two units. Names are those of UCUM (`Cel`, `[degF]`, `kg`, `mL`, `km/h`)
/// or common ones (`°C`, `lb`, `公斤`, `分钟`); the case of letters matters only where it tells two
/// units apart (`mg`, `Mg`). Factors are exact by definition, so a conversion is rounded at most
/// twice. Errors: kInvalidInput for an unknown unit (with the nearest name) and between dimensions
/// (kg to km).
Result<UnitConversion> unit_conversion(std::string_view from, std::string_view to);

/// unit_conversion() applied to one number.
Result<double> convert_unit(double value, std::string_view from, std::string_view to);

/// The short name of a unit however it was written: `kg` for `公斤`. Errors: kInvalidInput if it is
/// unknown.
Result<std::string> unit_symbol(std::string_view name);

}  // namespace purvey::base
