#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace purvey::event {

/// What became of a received event; docs/data.md, section 3. received = the sum of the seven.
enum class Verdict : uint8_t {
  kAccepted,
  kLate,
  kDuplicate,
  kConflict,
  kTooOld,
  kQuarantined,
  kRejected,
};
inline constexpr size_t kVerdicts = 7;
inline constexpr std::array<std::string_view, kVerdicts> kVerdictNames = {
    "accepted", "late", "duplicate", "conflict", "too_old", "quarantined", "rejected"};

constexpr std::string_view verdict_name(Verdict verdict) {
  return kVerdictNames[static_cast<size_t>(verdict)];
}

/// Why an event was not accepted: few, stable words, which stand in `quality.reason`. The dead
/// letter adds where and what.
enum class Reason : uint8_t {
  kNone,
  // rejected: schema and limits
  kNotJson,
  kNotUtf8,
  kTooLong,
  kTooDeep,
  kNotAnObject,
  kDuplicateKey,
  kMissingField,
  kWrongType,
  kBadSpecversion,
  kUnknownType,
  kBadTime,
  kBadNumber,
  kBadText,
  kTooManyDecimals,
  kAmountTooLarge,
  kTooManyNames,
  // quarantined: well-formed but impossible
  kFuture,
  kOutOfRange,
  kUnknownCurrency,
  kUnknownUnit,
  kBadLine,
  kEndsBeforeStart,
  // conflict and duplicate
  kSameIdOtherPayload,
  kSameId,
  // late and too old
  kWindowsClosed,
  kBeyondHorizon,
  // rejected: of foreign documents
  kNotMapped,
};
inline constexpr Reason kLastReason = Reason::kNotMapped;  ///< the numbers stand in the journal

/// "", "not_json", "missing_field", ...
std::string_view reason_name(Reason reason);

/// A verdict with its reason and, for people, the exact detail: `data.amount: expected a number,
/// found a string`.
struct Refusal {
  Verdict verdict = Verdict::kRejected;
  Reason reason = Reason::kNone;
  std::string detail;
};

}  // namespace purvey::event
