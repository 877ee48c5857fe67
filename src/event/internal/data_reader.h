#pragma once

#include <simdjson.h>

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/dictionary.h"
#include "base/money.h"
#include "event/batch.h"
#include "event/internal/json_checks.h"
#include "event/pseudonym.h"

namespace purvey::event::internal {

/// Reads the `data` of one event after the other into the slots of a batch, as its kind's schema
/// says.
///
/// 1. every known field is read by its type; unknown ones are dropped and counted;
/// 2. required fields are checked;
/// 3. money is converted once the currency is known, wherever that stood;
/// 4. values outside their bounds quarantine the event.
class DataReader {
 public:
  static constexpr size_t kFieldsMax = 16;

  DataReader(base::Dictionary& names, Pseudonymizer people, std::optional<base::Currency> base)
      : names_(names), people_(std::move(people)), base_currency_(base) {}

  /// Fills slots() and sets row.currency and row.payload_hash. False if the event is rejected; a
  /// quarantine is noted and true.
  bool read(const simdjson::dom::object& data, EventRow& row, EventBatch& batch, RefusalNote& note);

  std::span<const int64_t> slots(EventKind kind) const {
    return std::span(slots_).first(spec_of(kind).fields.size());
  }

 private:
  using Element = simdjson::dom::element;

  bool read_fields(const simdjson::dom::object& data);
  bool read_field(const FieldSpec& field, size_t place, const Element& value);
  bool read_text(const FieldSpec& field, size_t place, std::string_view text, int64_t& slot);
  bool read_number(const FieldSpec& field, const Element& value, int64_t& slot);
  bool read_integer(std::string_view name, const Element& value, int64_t& slot);
  bool read_choice(const FieldSpec& field, std::string_view text, int64_t& slot);
  bool read_labels(const FieldSpec& field, const Element& value, int64_t& slot);
  bool read_lines(const Element& value);
  bool read_line(const Element& value, size_t index);
  void check_line_ranges(const OrderLine& line, size_t index);
  bool read_line_field(std::string_view key, const Element& value, OrderLine& line, uint64_t& seen);
  bool intern(std::string_view field, std::string_view text, int64_t& slot);
  bool keep_name(std::string_view field, uint32_t id, int64_t& slot);
  bool check_required();
  bool check_ranges();
  bool check_order_of_times();
  void find_currency();
  void convert_money();
  bool convert(std::string_view field, int64_t& slot);
  void hash_payload();
  bool wrong_type(std::string_view field, std::string_view expected, const Element& found);

  base::Dictionary& names_;
  Pseudonymizer people_;
  const std::optional<base::Currency> base_currency_;

  // Of the event at hand.
  EventRow* row_ = nullptr;
  EventBatch* batch_ = nullptr;
  RefusalNote* note_ = nullptr;
  std::span<const FieldSpec> fields_;
  std::array<int64_t, kFieldsMax> slots_{};
  uint64_t seen_ = 0;  ///< fields given, null or not
  std::optional<Element> lines_;
  LineRange range_;
  bool currency_known_ = true;
  std::vector<std::string_view> unknown_keys_;
  std::vector<std::pair<std::string_view, std::string_view>> labels_;
  std::string scratch_;
};

}  // namespace purvey::event::internal
