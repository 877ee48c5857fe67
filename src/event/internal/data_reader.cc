#include "event/internal/data_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/event_time.h"
#include "base/hash.h"
#include "base/json_text.h"
#include "base/shown_text.h"
#include "event/json_decoder.h"
#include "event/json_fault.h"
#include "event/labels.h"
#include "event/masking.h"

namespace purvey::event::internal {
namespace {

using simdjson::SUCCESS;

constexpr uint32_t kNoSku = 0xFFFFFFFF;
constexpr double kBoundless = 1e300;                  // the `most` of a field without one
constexpr double kExactInteger = 9007199254740992.0;  // 2^53: beyond it a double skips integers

int64_t bits(double number) {
  return std::bit_cast<int64_t>(number == 0 ? 0.0 : number);
}

size_t find_from(std::span<const FieldSpec> fields, std::string_view key, size_t from) {
  for (size_t i = from; i < fields.size(); ++i) {
    if (fields[i].name == key) return i;
  }
  for (size_t i = 0; i < std::min(from, fields.size()); ++i) {
    if (fields[i].name == key) return i;
  }
  return fields.size();
}

}  // namespace

bool DataReader::read(const simdjson::dom::object& data, EventRow& row, EventBatch& batch,
                      RefusalNote& note) {
  row_ = &row;
  batch_ = &batch;
  note_ = &note;
  fields_ = spec_of(row.kind).fields;
  slots_.fill(kAbsent);
  lines_.reset();
  range_ = {};
  if (!read_fields(data) || !check_required()) return false;
  if (lines_ && !read_lines(*lines_)) return false;
  find_currency();
  hash_payload();
  if (currency_known_) convert_money();
  if (note.is_rejection()) return false;
  check_ranges();
  return true;
}

bool DataReader::read_fields(const simdjson::dom::object& data) {
  unknown_keys_.clear();
  seen_ = 0;
  size_t keys = 0;
  size_t next = 0;  // senders keep an order: the next field is usually the next of the schema
  for (const auto [key, value] : data) {
    if (++keys > kKeysMax) {
      return note_->reject(Reason::kTooLong, fmt::format("data: more than {} fields", kKeysMax));
    }
    const size_t place = find_from(fields_, key, next);
    if (place == fields_.size()) {
      unknown_keys_.push_back(key);
      continue;
    }
    next = place + 1;
    if (!see_once(seen_, place, key, *note_)) return false;
    if (!value.is_null() && !read_field(fields_[place], place, value)) return false;
  }
  batch_->unknown_fields += unknown_keys_.size();
  return check_twins("data.", unknown_keys_, *note_);
}

bool DataReader::read_field(const FieldSpec& field, size_t place, const Element& value) {
  int64_t& slot = slots_[place];
  switch (field.type) {
    case FieldType::kId:
    case FieldType::kName:
    case FieldType::kPerson:
    case FieldType::kText:
    case FieldType::kTime:
    case FieldType::kChoice: {
      std::string_view text;
      if (value.get(text) != SUCCESS) return wrong_type(field.name, "a string", value);
      return read_text(field, place, text, slot);
    }
    case FieldType::kMoney:
    case FieldType::kNumber:
      return read_number(field, value, slot);
    case FieldType::kInteger:
      return read_integer(field.name, value, slot);
    case FieldType::kFlag: {
      bool flag = false;
      if (value.get(flag) != SUCCESS) return wrong_type(field.name, "true or false", value);
      slot = flag ? 1 : 0;
      return true;
    }
    case FieldType::kLines:
      if (!value.is_array()) return wrong_type(field.name, "an array of lines", value);
      lines_ = value;
      slot = 0;
      return true;
    case FieldType::kLabels:
      return read_labels(field, value, slot);
  }
  return false;
}

bool DataReader::wrong_type(std::string_view field, std::string_view expected,
                            const Element& found) {
  return note_->reject(Reason::kWrongType, fmt::format("data.{}: expected {}, found {}", field,
                                                       expected, kind_of(found)));
}

bool DataReader::read_text(const FieldSpec& field, size_t place, std::string_view text,
                           int64_t& slot) {
  const bool is_personal =
      field.type == FieldType::kPerson || people_.fields().covers(row_->kind, place);
  switch (field.type) {
    case FieldType::kTime: {
      const auto time = base::parse_rfc3339(text);
      if (!time) {
        return note_->reject(Reason::kBadTime,
                             fmt::format("data.{}: {}", field.name, time.error().message));
      }
      slot = time->micros;
      return true;
    }
    case FieldType::kText: {
      if (text.size() > kTextBytesMax) {
        return note_->reject(Reason::kTooLong, fmt::format("data.{}: longer than {} bytes",
                                                           field.name, kTextBytesMax));
      }
      const auto masked = is_personal ? people_.pseudonym(text) : mask_personal(text, scratch_);
      slot = batch_->keep_slot(masked, base::hash64(masked));
      return true;
    }
    case FieldType::kChoice:
      return read_choice(field, text, slot);
    default:
      break;
  }
  if (text.empty() && !field.required) return true;  // as if it were not given
  if (!check_word(field.name, text, *note_)) return false;
  if (is_personal) text = people_.pseudonym(text);
  if (field.type == FieldType::kName) return intern(field.name, text, slot);
  slot = batch_->keep_slot(text, base::hash64(text));
  return true;
}

bool DataReader::intern(std::string_view field, std::string_view text, int64_t& slot) {
  return keep_name(field, names_.intern(text), slot);
}

bool DataReader::keep_name(std::string_view field, uint32_t id, int64_t& slot) {
  if (id == base::Dictionary::kFull) {
    return note_->reject(Reason::kTooManyNames,
                         fmt::format("data.{}: too many different names", field));
  }
  slot = id;
  return true;
}

bool DataReader::read_number(const FieldSpec& field, const Element& value, int64_t& slot) {
  double number = 0;
  if (value.get(number) != SUCCESS) return wrong_type(field.name, "a number", value);
  slot = bits(number);
  return true;
}

bool DataReader::read_integer(std::string_view name, const Element& value, int64_t& slot) {
  if (value.get(slot) == SUCCESS) {
    if (slot == kAbsent) slot = kAbsent + 1;  // out of every range as well
    return true;
  }
  double number = 0;
  if (value.get(number) != SUCCESS) return wrong_type(name, "a whole number", value);
  if (std::trunc(number) != number) {
    return note_->reject(Reason::kWrongType,
                         fmt::format("data.{}: expected a whole number, found {}", name, number));
  }
  slot = static_cast<int64_t>(std::clamp(number, -kExactInteger, kExactInteger));
  return true;
}

bool DataReader::read_choice(const FieldSpec& field, std::string_view text, int64_t& slot) {
  std::string_view rest = field.choices;
  for (int64_t place = 0; !rest.empty(); ++place) {
    const size_t blank = std::min(rest.find(' '), rest.size());
    if (rest.substr(0, blank) == text) {
      slot = place;
      return true;
    }
    rest.remove_prefix(std::min(blank + 1, rest.size()));
  }
  return note_->reject(Reason::kWrongType,
                       fmt::format("data.{}: \"{}\" is none of: {}", field.name,
                                   base::shown_text(text, kNameBytesMax), field.choices));
}

bool DataReader::read_labels(const FieldSpec& field, const Element& value, int64_t& slot) {
  simdjson::dom::object object;
  if (value.get(object) != SUCCESS) return wrong_type(field.name, "an object of texts", value);
  labels_.clear();
  for (const auto [key, label] : object) {
    std::string_view text;
    if (label.get(text) != SUCCESS) return wrong_type(field.name, "texts as values", label);
    if (labels_.size() == kLabelsMax) {
      return note_->reject(Reason::kTooLong, fmt::format("data.labels: more than {}", kLabelsMax));
    }
    if (!check_word("labels", key, *note_) || !check_word("labels", text, *note_)) return false;
    labels_.emplace_back(key, text);
  }
  std::sort(labels_.begin(), labels_.end());
  scratch_.assign(1, '{');
  for (size_t i = 0; i < labels_.size(); ++i) {
    if (i > 0 && labels_[i].first == labels_[i - 1].first) {
      return note_->reject(Reason::kDuplicateKey, "data.labels: a label given twice");
    }
    if (i > 0) scratch_ += ',';
    base::append_json_string(scratch_, labels_[i].first);
    scratch_ += ':';
    base::append_json_string(scratch_, labels_[i].second);
  }
  scratch_ += '}';
  return keep_name(field.name, intern_labels(names_, scratch_), slot);
}

bool DataReader::read_lines(const Element& value) {
  range_.begin = static_cast<uint32_t>(batch_->lines.size());
  for (const Element line : simdjson::dom::array(value)) {
    if (range_.count == kLinesMax) {
      return note_->reject(Reason::kTooLong, fmt::format("data.lines: more than {}", kLinesMax));
    }
    if (!read_line(line, range_.count)) return false;
    ++range_.count;
  }
  const size_t place = field_at(row_->kind, "lines");
  slots_[place] = range_.pack();
  return true;
}

bool DataReader::read_line(const Element& value, size_t index) {
  simdjson::dom::object object;
  if (value.get(object) != SUCCESS) return wrong_type("lines", "an object for each line", value);
  const bool is_placed = row_->kind == EventKind::kOrderPlaced;
  OrderLine line{.line_no = static_cast<int64_t>(index) + 1,
                 .sku = kNoSku,
                 .qty = kAbsent,
                 .price_minor = kAbsent};
  uint64_t seen = 0;
  size_t keys = 0;
  unknown_keys_.clear();
  for (const auto [key, field] : object) {
    if (++keys > kKeysMax) {
      return note_->reject(Reason::kTooLong,
                           fmt::format("data.lines[{}]: more than {} fields", index, kKeysMax));
    }
    if (!read_line_field(key, field, line, seen)) return false;
  }
  batch_->unknown_fields += unknown_keys_.size();
  if (!check_twins("data.lines.", unknown_keys_, *note_)) return false;
  const std::pair<bool, std::string_view> needed[] = {
      {line.sku != kNoSku, "sku"},
      {line.qty != kAbsent, "qty"},
      {line.price_minor != kAbsent || !is_placed, "price"}};
  for (const auto& [given, name] : needed) {
    if (!given) {
      return note_->reject(Reason::kMissingField,
                           fmt::format("data.lines[{}].{}: missing", index, name));
    }
  }
  check_line_ranges(line, index);
  batch_->lines.push_back(line);
  return true;
}

void DataReader::check_line_ranges(const OrderLine& line, size_t index) {
  constexpr int64_t kMost = 1'000'000'000;
  if (line.qty < 1 || line.qty > kMost) {
    note_->quarantine(Reason::kBadLine, fmt::format("data.lines[{}].qty: {} is not from 1 to {}",
                                                    index, line.qty, kMost));
  }
  if (line.line_no < 0 || line.line_no > kMost) {
    note_->quarantine(
        Reason::kBadLine,
        fmt::format("data.lines[{}].line_no: {} is not from 0 to {}", index, line.line_no, kMost));
  }
}

bool DataReader::read_line_field(std::string_view key, const Element& value, OrderLine& line,
                                 uint64_t& seen) {
  constexpr std::string_view kNames[] = {"line_no", "sku", "qty", "price"};
  const auto place =
      static_cast<size_t>(std::find(std::begin(kNames), std::end(kNames), key) - kNames);
  if (place == std::size(kNames)) {
    unknown_keys_.push_back(key);
    return true;
  }
  if (!see_once(seen, place, key, *note_)) return false;
  if (value.is_null()) return true;
  if (place == 0) return read_integer("lines.line_no", value, line.line_no);
  if (place == 2) return read_integer("lines.qty", value, line.qty);
  if (place == 3) {
    double price = 0;
    if (value.get(price) != SUCCESS) return wrong_type("lines.price", "a number", value);
    line.price_minor = bits(price);
    return true;
  }
  std::string_view sku;
  if (value.get(sku) != SUCCESS) return wrong_type("lines.sku", "a string", value);
  int64_t slot = 0;
  if (!check_word("lines.sku", sku, *note_) || !intern("lines.sku", sku, slot)) return false;
  line.sku = static_cast<uint32_t>(slot);
  return true;
}

bool DataReader::check_required() {
  for (size_t i = 0; i < fields_.size(); ++i) {
    const bool said_null = fields_[i].nullable && (seen_ >> i & 1) != 0;
    if (fields_[i].required && slots_[i] == kAbsent && !said_null) {
      return note_->reject(Reason::kMissingField, fmt::format("data.{}: missing", fields_[i].name));
    }
  }
  return true;
}

void DataReader::find_currency() {
  const auto place = find_field(row_->kind, "currency");
  currency_known_ = true;
  if (!place) return;
  if (slots_[*place] == kAbsent) {
    row_->currency = base_currency_.value_or(*base::Currency::find("CNY"));
    return;
  }
  const auto code = names_.text(static_cast<uint32_t>(slots_[*place]));
  const auto currency = base::Currency::find(code);
  if (!currency) {
    currency_known_ = false;
    note_->quarantine(Reason::kUnknownCurrency,
                      fmt::format("data.currency: \"{}\" is no ISO 4217 code", code));
    return;
  }
  row_->currency = *currency;
}

void DataReader::convert_money() {
  for (size_t i = 0; i < fields_.size(); ++i) {
    if (fields_[i].type != FieldType::kMoney || slots_[i] == kAbsent) continue;
    if (!convert(fields_[i].name, slots_[i])) return;
  }
  for (auto& line : std::span(batch_->lines).subspan(range_.begin, range_.count)) {
    if (line.price_minor == kAbsent) continue;
    if (std::bit_cast<double>(line.price_minor) < 0) {
      note_->quarantine(Reason::kBadLine, "data.lines.price: below 0");
    }
    if (row_->currency == base::Currency()) {
      line.price_minor =
          kAbsent;  // a step has no currency: the order itself says what a line costs
    } else if (!convert("lines.price", line.price_minor)) {
      return;
    }
  }
}

bool DataReader::convert(std::string_view field, int64_t& slot) {
  const auto major = std::bit_cast<double>(slot);
  switch (base::minor_units(major, row_->currency, slot)) {
    case base::MoneyFault::kNone:
      return true;
    case base::MoneyFault::kTooManyDecimals:
      return note_->reject(Reason::kTooManyDecimals,
                           fmt::format("data.{}: {} has more than the {} decimals of {}", field,
                                       major, row_->currency.decimals(), row_->currency.code()));
    case base::MoneyFault::kTooLarge:
      return note_->reject(Reason::kAmountTooLarge,
                           fmt::format("data.{}: {} is beyond {} {}", field, major,
                                       base::largest_major(row_->currency), row_->currency.code()));
  }
  return false;
}

bool DataReader::check_ranges() {
  for (size_t i = 0; i < fields_.size(); ++i) {
    const FieldSpec& field = fields_[i];
    if (slots_[i] == kAbsent) continue;
    double value = 0;
    if (field.type == FieldType::kNumber) {
      value = std::bit_cast<double>(slots_[i]);
    } else if (field.type == FieldType::kInteger || field.type == FieldType::kMoney) {
      value = static_cast<double>(slots_[i]);
      if (field.type == FieldType::kMoney) {
        value /= std::pow(10, row_->currency.decimals());
      }
    } else {
      continue;
    }
    if (value < field.least || value > field.most) {
      const std::string bounds = field.most >= kBoundless
                                     ? fmt::format("below {}", field.least)
                                     : fmt::format("not from {} to {}", field.least, field.most);
      return note_->quarantine(Reason::kOutOfRange,
                               fmt::format("data.{}: {} is {}", field.name, value, bounds));
    }
  }
  return check_order_of_times();
}

bool DataReader::check_order_of_times() {
  if (row_->kind != EventKind::kPromotionPlanned) return true;
  static const size_t kStarts = field_at(EventKind::kPromotionPlanned, "starts_at");
  static const size_t kEnds = field_at(EventKind::kPromotionPlanned, "ends_at");
  if (slots_[kStarts] <= slots_[kEnds]) return true;
  return note_->quarantine(Reason::kEndsBeforeStart, "data.ends_at: before data.starts_at");
}

void DataReader::hash_payload() {
  uint64_t hash =
      base::mix64(static_cast<uint64_t>(row_->kind) + 1, static_cast<uint64_t>(row_->time.micros));
  for (size_t i = 0; i < fields_.size(); ++i) {
    const int64_t slot = slots_[i];
    auto value = static_cast<uint64_t>(slot);
    if (slot != kAbsent) {
      switch (fields_[i].type) {
        case FieldType::kName:
        case FieldType::kLabels:
          value = names_.hash(static_cast<uint32_t>(slot));
          break;
        case FieldType::kId:
        case FieldType::kPerson:
        case FieldType::kText:
          value = batch_->text_ref(slot).hash;
          break;
        case FieldType::kLines:
          value = range_.count;
          break;
        default:
          break;
      }
    }
    hash = base::mix64(hash, value);
  }
  for (const auto& line : std::span(batch_->lines).subspan(range_.begin, range_.count)) {
    hash = base::mix64(hash, static_cast<uint64_t>(line.line_no));
    hash = base::mix64(hash, names_.hash(line.sku));
    hash = base::mix64(hash, static_cast<uint64_t>(line.qty));
    hash = base::mix64(hash, static_cast<uint64_t>(line.price_minor));
  }
  row_->payload_hash = hash;
}

}  // namespace purvey::event::internal
