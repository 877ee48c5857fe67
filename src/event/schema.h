#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace purvey::event {

/// What happened: every event type of docs/data.md, in the order of its table. The numbers stand in
/// saved state: new kinds go to the end.
enum class EventKind : uint8_t {
  kOrderPlaced,
  kOrderPaid,
  kOrderAllocated,
  kOrderPicked,
  kOrderPacked,
  kOrderShipped,
  kOrderDelivered,
  kOrderCancelled,
  kOrderReturned,
  kStockLevel,
  kStockMoved,
  kPurchaseOrdered,
  kPurchaseConfirmed,
  kPurchaseShipped,
  kPurchaseReceived,
  kPurchaseCancelled,
  kTransferSent,
  kTransferReceived,
  kShipmentStatus,
  kShipmentPosition,
  kBehaviorVisited,
  kBehaviorViewed,
  kBehaviorCarted,
  kBehaviorFavorited,
  kBehaviorSearched,
  kBehaviorBought,
  kAdShown,
  kAdClicked,
  kAdConverted,
  kPaymentAuthorized,
  kPaymentFailed,
  kPaymentRefunded,
  kFeedbackRated,
  kFeedbackComplained,
  kFeedbackAsked,
  kFeedbackAnswered,
  kServiceRequest,
  kServiceLog,
  kServiceSpan,
  kChangeMade,
  kPromotionPlanned,
  kMetricSample,
  kCatalogSku,
  kCatalogWarehouse,
  kCatalogSupplier,
  kCatalogBrand,
  kCatalogCarrier,
  kCatalogVehicle,
};
inline constexpr size_t kEventKinds = 48;

/// What a field of `data` holds, and how a batch keeps it in its 64-bit slot.
enum class FieldType : uint8_t {
  kId,       ///< text of many values (an order): index into the batch's texts
  kName,     ///< text of few values (a warehouse): id in the names dictionary
  kPerson,   ///< a personal id, kept as its pseudonym only: index into the texts
  kText,     ///< free text with personal data masked: index into the texts
  kMoney,    ///< minor units of the event's currency
  kInteger,  ///< a whole number
  kNumber,   ///< any finite number: the bits of a double
  kTime,     ///< microseconds UTC
  kFlag,     ///< 0 or 1
  kChoice,   ///< place in `FieldSpec::choices`
  kLines,    ///< order lines: LineRange into the batch's lines
  kLabels,   ///< an object of texts, as canonical JSON: id in the names dictionary
};

/// One field of an event's data.
struct FieldSpec {
  std::string_view name;
  FieldType type = FieldType::kName;
  bool required = false;
  /// A present value outside [least, most] is impossible: the event is quarantined.
  double least = -1e300;
  double most = 1e300;
  /// kChoice: the words allowed, separated by one blank.
  std::string_view choices = {};
  /// Required, but may be null: the sender says that the value is missing.
  bool nullable = false;
};

/// One event type: its name on the wire and its fields.
struct KindSpec {
  EventKind kind;
  std::string_view type;
  std::span<const FieldSpec> fields;
};

/// The contract of `docs/data.md`, section 1, as data: decoding, checks, import maps and documents
/// read it.
extern const std::array<KindSpec, kEventKinds> kSchema;

/// The spec of a kind.
inline const KindSpec& spec_of(EventKind kind) {
  return kSchema[static_cast<size_t>(kind)];
}

/// The kind with this type name, if there is one. O(1).
std::optional<EventKind> find_kind(std::string_view type);

/// Place of a field in its kind's data, if it has one. O(fields).
std::optional<size_t> find_field(EventKind kind, std::string_view field);

/// Place of a field that the kind has; a misspelt name is a bug. For constants at namespace scope.
size_t field_at(EventKind kind, std::string_view field);

/// The word of a kChoice value.
std::string_view choice_word(const FieldSpec& field, int64_t value);

constexpr bool is_order_step(EventKind kind) {
  return kind >= EventKind::kOrderPaid && kind <= EventKind::kOrderReturned;
}
constexpr bool is_purchase(EventKind kind) {
  return kind >= EventKind::kPurchaseOrdered && kind <= EventKind::kPurchaseCancelled;
}
constexpr bool is_transfer(EventKind kind) {
  return kind == EventKind::kTransferSent || kind == EventKind::kTransferReceived;
}
constexpr bool is_shipment(EventKind kind) {
  return kind == EventKind::kShipmentStatus || kind == EventKind::kShipmentPosition;
}
constexpr bool is_behavior(EventKind kind) {
  return kind >= EventKind::kBehaviorVisited && kind <= EventKind::kBehaviorBought;
}
constexpr bool is_ad(EventKind kind) {
  return kind >= EventKind::kAdShown && kind <= EventKind::kAdConverted;
}
constexpr bool is_payment(EventKind kind) {
  return kind >= EventKind::kPaymentAuthorized && kind <= EventKind::kPaymentRefunded;
}
constexpr bool is_feedback(EventKind kind) {
  return kind >= EventKind::kFeedbackRated && kind <= EventKind::kFeedbackAnswered;
}
constexpr bool is_catalog(EventKind kind) {
  return kind >= EventKind::kCatalogSku && kind <= EventKind::kCatalogVehicle;
}

}  // namespace purvey::event
