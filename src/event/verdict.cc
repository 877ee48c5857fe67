#include "event/verdict.h"

#include "base/check.h"

namespace purvey::event {

std::string_view reason_name(Reason reason) {
  switch (reason) {
    case Reason::kNone:
      return "";
    case Reason::kNotJson:
      return "not_json";
    case Reason::kNotUtf8:
      return "not_utf8";
    case Reason::kTooLong:
      return "too_long";
    case Reason::kTooDeep:
      return "too_deep";
    case Reason::kNotAnObject:
      return "not_an_object";
    case Reason::kDuplicateKey:
      return "duplicate_key";
    case Reason::kMissingField:
      return "missing_field";
    case Reason::kWrongType:
      return "wrong_type";
    case Reason::kBadSpecversion:
      return "bad_specversion";
    case Reason::kUnknownType:
      return "unknown_type";
    case Reason::kBadTime:
      return "bad_time";
    case Reason::kBadNumber:
      return "bad_number";
    case Reason::kBadText:
      return "bad_text";
    case Reason::kTooManyDecimals:
      return "too_many_decimals";
    case Reason::kAmountTooLarge:
      return "amount_too_large";
    case Reason::kTooManyNames:
      return "too_many_names";
    case Reason::kFuture:
      return "future";
    case Reason::kOutOfRange:
      return "out_of_range";
    case Reason::kUnknownCurrency:
      return "unknown_currency";
    case Reason::kUnknownUnit:
      return "unknown_unit";
    case Reason::kBadLine:
      return "bad_line";
    case Reason::kEndsBeforeStart:
      return "ends_before_start";
    case Reason::kSameIdOtherPayload:
      return "same_id_other_payload";
    case Reason::kSameId:
      return "same_id";
    case Reason::kWindowsClosed:
      return "windows_closed";
    case Reason::kBeyondHorizon:
      return "beyond_horizon";
    case Reason::kNotMapped:
      return "not_mapped";
  }
  base::check_failed("reason", "a reason without a name");
}

}  // namespace purvey::event
