#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/event_time.h"
#include "base/money.h"
#include "event/schema.h"
#include "event/verdict.h"

namespace purvey::event {

/// The slot of a field that an event does not carry.
inline constexpr int64_t kAbsent = std::numeric_limits<int64_t>::min();

/// A text of a batch: where it lies, and its 64-bit hash, by which keyed state finds it.
struct TextRef {
  uint32_t offset = 0;
  uint32_t size = 0;
  uint64_t hash = 0;
};

/// One line of an order. Price in minor units of the order's currency.
struct OrderLine {
  int64_t line_no = 0;
  uint32_t sku = 0;  ///< names dictionary
  int64_t qty = 0;
  int64_t price_minor = 0;
};

/// Lines [begin, begin + count) of a batch, packed into a field's slot.
struct LineRange {
  uint32_t begin = 0;
  uint32_t count = 0;

  int64_t pack() const {
    return static_cast<int64_t>((static_cast<uint64_t>(begin) << 31) | count);
  }
  static LineRange unpack(int64_t slot) {
    const auto bits = static_cast<uint64_t>(slot);
    return {static_cast<uint32_t>(bits >> 31), static_cast<uint32_t>(bits & 0x7FFFFFFF)};
  }
};

/// What every event has, one compact row each.
struct EventRow {
  base::EventTime time;
  uint64_t id_hash = 0;       ///< of source and id: the identity of an event
  uint64_t payload_hash = 0;  ///< of type, time and the known fields, decoded
  TextRef id;
  uint32_t source = 0;  ///< names dictionary
  uint32_t row = 0;     ///< in the columns of its kind; of a refused event: in `refusals`
  EventKind kind = EventKind::kOrderPlaced;
  Verdict verdict = Verdict::kAccepted;
  base::Currency currency;
  bool refused = false;   ///< decoding ended in a refusal: there are no fields
  bool backfill = false;  ///< of a source that fills in the past; known when it is counted
};

/// Events as columns: rows in order of arrival, fields by kind, interned names, one block of text.
///
/// Built by one decoder, then read-only but for the verdicts, which cleaning sets. Names are ids of
/// the dictionary that the decoder was given.
class EventBatch {
 public:
  /// A refused event, with the raw line for the dead letters.
  struct Refused {
    Refusal refusal;
    TextRef raw;
  };

  std::vector<EventRow> rows;
  std::vector<OrderLine> lines;
  std::vector<Refused> refusals;
  uint64_t unknown_fields = 0;  ///< fields that no schema knows, dropped

  int64_t field(const EventRow& row, size_t field) const {
    return columns_[static_cast<size_t>(row.kind)][field][row.row];
  }
  double number(const EventRow& row, size_t place) const {
    return std::bit_cast<double>(field(row, place));
  }
  const TextRef& text_ref(int64_t slot) const { return texts_[static_cast<size_t>(slot)]; }
  std::string_view text(const TextRef& ref) const { return {&bytes_[ref.offset], ref.size}; }
  /// The text of a kId, kPerson or kText slot; empty for kAbsent.
  std::string_view text(int64_t slot) const {
    return slot == kAbsent ? std::string_view() : text(text_ref(slot));
  }
  std::span<const OrderLine> line_span(int64_t slot) const {
    if (slot == kAbsent) return {};
    const auto range = LineRange::unpack(slot);
    return std::span(lines).subspan(range.begin, range.count);
  }

  /// Copies `text` into the batch.
  TextRef keep(std::string_view text, uint64_t hash);
  /// As keep(), for a field's slot.
  int64_t keep_slot(std::string_view text, uint64_t hash);
  /// Adds a row to the columns of a kind and gives its number.
  uint32_t add_fields(EventKind kind, std::span<const int64_t> slots);
  /// Changes one field of a row in place (cleaning unifies units).
  void set_field(const EventRow& row, size_t place, int64_t slot) {
    columns_[static_cast<size_t>(row.kind)][place][row.row] = slot;
  }

  /// Memory held, about.
  size_t bytes() const;

  /// Takes memory at once for about as much as another batch holds.
  void reserve_like(const EventBatch& other);

  /// Empties it, keeping the memory.
  void clear();

 private:
  std::array<std::vector<std::vector<int64_t>>, kEventKinds> columns_;
  std::vector<TextRef> texts_;
  std::string bytes_;
};

}  // namespace purvey::event
