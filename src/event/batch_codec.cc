#include "event/batch_codec.h"

#include <absl/container/flat_hash_map.h>
#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "base/byte_codec.h"
#include "base/hash.h"
#include "event/labels.h"

namespace purvey::event {
namespace {

using base::Result;

constexpr uint64_t kVersion = 1;
constexpr uint64_t kRefusedKind = kEventKinds;  // stands where a row's kind does

/// Rows before the names that they use are known: written to a body of its own, which follows them.
class RowEncoder {
 public:
  RowEncoder(const EventBatch& batch, const base::Dictionary& names)
      : batch_(batch), names_(names), body_(body_bytes_) {}

  void add(const EventRow& row) {
    body_.varint(row.refused ? kRefusedKind : static_cast<uint64_t>(row.kind));
    body_.varint(place_of(names_.text(row.source)));
    body_.text(batch_.text(row.id));
    time(row.time.micros);
    body_.word(row.payload_hash);
    row.refused ? refusal(batch_.refusals[row.row]) : fields(row);
  }

  void write_to(std::string& out, size_t rows) const {
    base::ByteWriter head(out);
    head.varint(kVersion);
    head.varint(texts_.size());
    for (const std::string_view text : texts_) head.text(text);
    head.varint(rows);
    out += body_bytes_;
  }

 private:
  /// As the distance from the time before, around the corner where it does not fit.
  void time(int64_t micros) {
    body_.zigzag(
        static_cast<int64_t>(static_cast<uint64_t>(micros) - static_cast<uint64_t>(last_time_)));
    last_time_ = micros;
  }

  void refusal(const EventBatch::Refused& refused) {
    body_.varint(static_cast<uint64_t>(refused.refusal.verdict));
    body_.varint(static_cast<uint64_t>(refused.refusal.reason));
    body_.text(refused.refusal.detail);
    body_.text(batch_.text(refused.raw));
  }

  /// A bit for each field, set if it is there, and then those that are.
  void fields(const EventRow& row) {
    body_.varint(place_of(row.currency.code()));
    const auto specs = spec_of(row.kind).fields;
    uint64_t present = 0;
    for (size_t i = 0; i < specs.size(); ++i) {
      if (batch_.field(row, i) != kAbsent) present |= uint64_t{1} << i;
    }
    body_.varint(present);
    for (size_t i = 0; i < specs.size(); ++i) {
      const int64_t slot = batch_.field(row, i);
      if (slot != kAbsent) value(specs[i].type, slot);
    }
  }

  void value(FieldType type, int64_t slot) {
    switch (type) {
      case FieldType::kId:
      case FieldType::kPerson:
      case FieldType::kText:
        return body_.text(batch_.text(slot));
      case FieldType::kName:
      case FieldType::kLabels:
        return body_.varint(place_of(names_.text(static_cast<uint32_t>(slot))));
      case FieldType::kNumber:
        return body_.word(static_cast<uint64_t>(slot));
      case FieldType::kMoney:
      case FieldType::kInteger:
      case FieldType::kTime:
      case FieldType::kFlag:
      case FieldType::kChoice:
        return body_.zigzag(slot);
      case FieldType::kLines:
        return lines(slot);
    }
  }

  void lines(int64_t slot) {
    const auto lines = batch_.line_span(slot);
    body_.varint(lines.size());
    for (const OrderLine& line : lines) {
      body_.zigzag(line.line_no);
      body_.varint(place_of(names_.text(line.sku)));
      body_.zigzag(line.qty);
      body_.zigzag(line.price_minor);
    }
  }

  uint64_t place_of(std::string_view text) {
    const auto [place, is_new] = places_.try_emplace(text, texts_.size());
    if (is_new) texts_.push_back(text);
    return place->second;
  }

  const EventBatch& batch_;
  const base::Dictionary& names_;
  std::string body_bytes_;
  base::ByteWriter body_;
  int64_t last_time_ = 0;
  std::vector<std::string_view> texts_;
  absl::flat_hash_map<std::string_view, uint64_t> places_;
};

/// The way back. A value that cannot stand where it does makes `good_` false.
class RowDecoder {
 public:
  RowDecoder(std::string_view bytes, base::Dictionary& names, EventBatch& batch)
      : reader_(bytes), names_(names), batch_(batch) {}

  Result<void> decode() {
    const uint64_t version = reader_.varint();
    if (reader_.ok() && version > kVersion) {
      return base::unsupported(
          fmt::format("a batch of events of version {}, this program reads {}", version, kVersion));
    }
    PURVEY_TRY(read_names());
    const uint64_t rows = reader_.varint();
    if (reader_.fits(rows, 12)) {
      for (uint64_t i = 0; i < rows && good(); ++i) read_row();
    }
    if (full_) return base::exhausted("a batch of events: too many different names");
    PURVEY_TRY(reader_.finish("a batch of events"));
    if (!good()) return base::corrupt("a batch of events: a value that cannot stand there");
    return {};
  }

 private:
  bool good() const { return good_ && !full_ && reader_.ok(); }

  /// The next time, which stands as the distance from the one before it.
  base::EventTime read_time() {
    const auto distance = static_cast<uint64_t>(reader_.zigzag());
    last_time_ = static_cast<int64_t>(static_cast<uint64_t>(last_time_) + distance);
    return {last_time_};
  }

  Result<void> read_names() {
    const uint64_t count = reader_.varint();
    if (!reader_.fits(count, 1)) return {};
    texts_.reserve(count);
    for (uint64_t i = 0; i < count; ++i) texts_.push_back(reader_.text());
    ids_.assign(count, base::Dictionary::kFull);
    return {};
  }

  void read_row() {
    EventRow row;
    const uint64_t kind = reader_.varint();
    row.refused = kind == kRefusedKind;
    good_ &= kind <= kRefusedKind;
    row.source = name();
    const std::string_view id = reader_.text();
    row.time = read_time();
    row.payload_hash = reader_.word();
    if (!good()) return;
    if (!id.empty()) row.id_hash = base::hash64(id, names_.hash(row.source));
    row.id = batch_.keep(id, row.id_hash);
    if (row.refused) {
      read_refusal(row);
    } else {
      row.kind = static_cast<EventKind>(kind);
      read_fields(row);
    }
    if (good()) batch_.rows.push_back(row);
  }

  void read_refusal(EventRow& row) {
    EventBatch::Refused refused;
    const uint64_t verdict = reader_.varint();
    const uint64_t reason = reader_.varint();
    good_ &= verdict < kVerdicts && reason <= static_cast<uint64_t>(kLastReason);
    if (!good()) return;
    refused.refusal.verdict = static_cast<Verdict>(verdict);
    refused.refusal.reason = static_cast<Reason>(reason);
    refused.refusal.detail = std::string(reader_.text());
    refused.raw = batch_.keep(reader_.text(), 0);
    row.verdict = refused.refusal.verdict;
    row.row = static_cast<uint32_t>(batch_.refusals.size());
    batch_.refusals.push_back(std::move(refused));
  }

  void read_fields(EventRow& row) {
    const std::string_view code = text();
    if (!code.empty()) {
      const auto currency = base::Currency::find(code);
      good_ &= currency.has_value();
      row.currency = currency.value_or(base::Currency{});
    }
    const auto specs = spec_of(row.kind).fields;
    const uint64_t present = reader_.varint();
    good_ &= specs.size() >= 64 || present >> specs.size() == 0;
    slots_.assign(specs.size(), kAbsent);
    for (size_t i = 0; i < specs.size() && good(); ++i) {
      if ((present >> i & 1) != 0) slots_[i] = value(specs[i]);
    }
    if (good()) row.row = batch_.add_fields(row.kind, slots_);
  }

  int64_t value(const FieldSpec& field) {
    switch (field.type) {
      case FieldType::kId:
      case FieldType::kPerson:
      case FieldType::kText: {
        const std::string_view text = reader_.text();
        return batch_.keep_slot(text, base::hash64(text));
      }
      case FieldType::kName:
        return name();
      case FieldType::kLabels:
        return labels();
      case FieldType::kNumber:
        return static_cast<int64_t>(reader_.word());
      case FieldType::kMoney:
      case FieldType::kInteger:
      case FieldType::kTime:
        return reader_.zigzag();
      case FieldType::kFlag:
        return below(2);
      case FieldType::kChoice:
        return below(1 + std::count(field.choices.begin(), field.choices.end(), ' '));
      case FieldType::kLines:
        return lines();
    }
    return kAbsent;
  }

  int64_t below(int64_t end) {
    const int64_t number = reader_.zigzag();
    good_ &= number >= 0 && number < end;
    return number;
  }

  int64_t lines() {
    const uint64_t count = reader_.varint();
    if (!reader_.fits(count, 4)) return kAbsent;
    const LineRange range{static_cast<uint32_t>(batch_.lines.size()), static_cast<uint32_t>(count)};
    for (uint64_t i = 0; i < count; ++i) {
      OrderLine line;
      line.line_no = reader_.zigzag();
      line.sku = name();
      line.qty = reader_.zigzag();
      line.price_minor = reader_.zigzag();
      batch_.lines.push_back(line);
    }
    return range.pack();
  }

  /// The text at a place in the table of names.
  std::string_view text() {
    place_ = reader_.varint();
    good_ &= place_ < texts_.size();
    return good() ? texts_[place_] : std::string_view();
  }

  /// The id of the text that comes next, interned when it is first met.
  uint32_t name() {
    const std::string_view word = text();
    if (!good()) return 0;
    uint32_t& id = ids_[place_];
    if (id == base::Dictionary::kFull) id = names_.intern(word);
    full_ |= id == base::Dictionary::kFull;
    return id;
  }

  /// The id of a set of labels, whose words are interned with it.
  uint32_t labels() {
    const uint32_t id = name();
    if (good() && id != base::Dictionary::kFull) intern_labels(names_, texts_[place_]);
    return id;
  }

  base::ByteReader reader_;
  base::Dictionary& names_;
  EventBatch& batch_;
  bool good_ = true;
  bool full_ = false;  ///< the dictionary takes no more
  int64_t last_time_ = 0;
  uint64_t place_ = 0;
  std::vector<std::string_view> texts_;
  std::vector<uint32_t> ids_;
  std::vector<int64_t> slots_;
};

}  // namespace

void encode_rows(const EventBatch& batch, size_t begin, size_t end, const base::Dictionary& names,
                 std::string& out) {
  RowEncoder encoder(batch, names);
  for (size_t i = begin; i < end; ++i) encoder.add(batch.rows[i]);
  encoder.write_to(out, end - begin);
}

Result<void> decode_rows(std::string_view bytes, base::Dictionary& names, EventBatch& batch) {
  return RowDecoder(bytes, names, batch).decode();
}

}  // namespace purvey::event
