#include "flow/import/event_maker.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "base/json_text.h"
#include "event/json_decoder.h"
#include "event/line_reader.h"
#include "flow/import/rfc3339_text.h"

namespace purvey::flow {
namespace {

using event::FieldType;
using event::csv::Decimal;

constexpr int kNumberDecimals = 9;  // of a rounded number that is no money

Fault not_taken() {
  return {.reason = "no event of the map takes it", .cause = Fault::Cause::kNotTaken};
}

/// Whether JSON writes a number so: it may be larger than anything that is calculated with.
bool is_json_number(std::string_view text) {
  const auto take_digits = [&text] {
    const size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
    const bool some = end > 0;
    text.remove_prefix(end);
    return some;
  };
  if (text.starts_with('-')) text.remove_prefix(1);
  if (text.starts_with('0') && text.find_first_of("0123456789", 1) == 1) return false;
  if (!take_digits()) return false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (!take_digits()) return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    if (!take_digits()) return false;
  }
  return text.empty();
}

std::string too_long(size_t limit) {
  return fmt::format("longer than {} bytes", limit);
}

}  // namespace

EventMaker::EventMaker(const ImportMap& map, EventSink& writer, RejectSink& report,
                       std::string folder, size_t memory, Judge judge)
    : map_(map),
      writer_(writer),
      report_(report),
      judges_(judge == Judge::kMaker),
      values_(map),
      lookups_(std::move(folder), memory) {
  for (const EventRule& rule : map.rules) {
    heads_.push_back(fmt::format(R"(,"source":"/import/{}","type":"{}","time":")", map.source,
                                 event::spec_of(rule.kind).type));
  }
}

base::Result<void> EventMaker::make(uint32_t table, Thing& thing) {
  const TableSpec& spec = map_.tables[table];
  dropped_.clear();
  do {  // each turn drops at least one more row
    again_ = false;
    json_.clear();
    made_.clear();
    if (spec.grouped) thing.main = next_main(thing);
    if (thing.main == nullptr) break;
    thing.main->used = false;
    for (auto& group : thing.groups) {
      for (RowView& row : group) row.used = false;
    }
    if (!make_events(table, thing)) {
      if (!judges_) return refuse_whole(thing);
      if (!again_) return reject_all(table, thing, values_.fault());
    }
  } while (again_);
  if (thing.main != nullptr) {
    for (const Made& made : made_) {
      const std::string_view json = std::string_view(json_).substr(made.json_begin);
      const auto id =
          std::string_view(json_).substr(made.id_begin, made.json_begin - made.id_begin);
      PURVEY_TRY(writer_.add(made.time, made.row, made.rule, id,
                             json.substr(0, made.json_end - made.json_begin)));
    }
  }
  return settle(table, thing);
}

RowView* EventMaker::next_main(Thing& thing) {
  for (RowView& row : thing.groups.front()) {
    if (!row.dropped) return &row;
  }
  return nullptr;
}

/// False if an event of the main row has a fault, or, where the decoder judges, one of the rows
/// that it takes its lines or sums from.
bool EventMaker::make_events(uint32_t table, Thing& thing) {
  const Scope scope{thing.main, nullptr, &thing};
  dropped_before_ = dropped_.size();
  for (size_t i = 0; i < map_.rules.size(); ++i) {
    const EventRule& rule = map_.rules[i];
    if (rule.table != table || !values_.all_hold(rule.when, scope)) continue;
    const Got got = make_event(i, scope);
    for (auto& [row, fault] : values_.dropped()) drop(*row, std::move(fault));
    values_.dropped().clear();
    if (got == Got::kFault || (!judges_ && dropped_.size() > dropped_before_)) return false;
    thing.main->used = true;
  }
  for (uint32_t group = 0; group < thing.groups.size(); ++group) {
    if (map_.tables[table].groups[group] != table) make_events_of_group(group, thing);
  }
  return true;
}

void EventMaker::make_events_of_group(uint32_t group, Thing& thing) {
  for (size_t i = 0; i < map_.rules.size(); ++i) {
    const EventRule& rule = map_.rules[i];
    const TableSpec& spec = map_.tables[rule.table];
    if (spec.role != TableSpec::Role::kBelongs ||
        map_.tables[spec.of].groups[group] != rule.table) {
      continue;
    }
    for (RowView& row : thing.groups[group]) {
      const Scope scope{&row, thing.main, nullptr};
      if (row.dropped || !values_.all_hold(rule.when, scope)) continue;
      if (make_event(i, scope) == Got::kFault) {
        drop(row, values_.fault());
      } else {
        row.used = true;
      }
    }
  }
}

/// The row is out; what was made with it is made again without it.
void EventMaker::drop(RowView& row, Fault fault) {
  row.dropped = true;
  again_ = true;
  dropped_.emplace_back(&row, std::move(fault));
}

Got EventMaker::make_event(size_t place, const Scope& scope) {
  const EventRule& rule = map_.rules[place];
  const auto missing = [&](std::string_view what, std::span<const ValueTerm> terms) {
    return values_.missing(fmt::format("{} of {} is missing", what, event::spec_of(rule.kind).type),
                           terms, scope);
  };
  Made made{{}, scope.own->id, place, json_.size(), 0, 0};
  Got got = values_.text(rule.id, scope, text_);
  if (got == Got::kMissing) {
    ValueTerm id;
    id.parts = {rule.id};
    return missing("the id", {&id, 1});
  }
  if (got == Got::kFault) return got;
  if (judges_ && text_.size() > event::kNameBytesMax)
    return values_.wrong("an id that is too long", {}, text_);
  json_ += text_;
  made.json_begin = json_.size();
  size_t which = 0;
  got = values_.time(rule.time, scope, made.time, which);
  if (got == Got::kFault) return got;
  if (got == Got::kMissing) return missing("the time", rule.time);
  json_ += R"({"specversion":"1.0","id":)";
  base::append_json_string(json_, text_);
  json_ += heads_[place];
  append_rfc3339(json_, made.time);
  json_ += R"(","data":{)";
  got = append_fields(rule, scope);
  if (got == Got::kFault) find_bad_lines(rule, scope);
  if (got == Got::kValue && which > 0 && rule.inferred_place && !rule.says_inferred) {
    json_ += R"(,"inferred":true)";
  }
  json_ += "}}";
  made.json_end = json_.size();
  if (judges_ && got == Got::kValue && made.json_end - made.json_begin > event::kLineBytesMax) {
    got = values_.wrong(fmt::format("an event longer than {} bytes", event::kLineBytesMax), {}, "");
  }
  if (got == Got::kFault) {
    json_.resize(made.id_begin);
    return got;
  }
  made_.push_back(made);
  return Got::kValue;
}

/// kValue, or kFault.
Got EventMaker::append_fields(const EventRule& rule, const Scope& scope) {
  if (find_currency(rule, scope) == Got::kFault) return Got::kFault;
  bool first = true;
  for (const FieldRule& field : rule.fields) {
    const auto& spec = event::spec_of(rule.kind).fields[field.place];
    const size_t begin = json_.size();
    if (!first) json_ += ',';
    json_ += '"';
    json_ += spec.name;
    json_ += "\":";
    const Got got = append_field(rule, field, scope);
    if (got == Got::kFault) return got;
    if (got == Got::kMissing) {
      json_.resize(begin);
      if (!spec.required) continue;
      return values_.missing(
          fmt::format("{} of {} is missing", spec.name, event::spec_of(rule.kind).type),
          field.terms, scope);
    }
    first = false;
  }
  return Got::kValue;
}

/// A field has a fault, perhaps only because of a bad row: if the lines show one, it is dropped and
/// all is made again.
void EventMaker::find_bad_lines(const EventRule& rule, const Scope& scope) {
  const Fault fault = values_.fault();
  const size_t end = json_.size();
  for (const FieldRule& field : rule.fields) {
    if (field.lines) append_lines(*field.lines, scope);
  }
  json_.resize(end);
  values_.restore(fault);
}

/// Sets the decimals of the event's money.
Got EventMaker::find_currency(const EventRule& rule, const Scope& scope) {
  decimals_ = map_.currency.decimals();
  if (!rule.currency_field) return Got::kValue;
  const auto& terms = rule.fields[*rule.currency_field].terms;
  const Got got = values_.text(terms, scope, text_);
  if (got != Got::kValue) return got;
  if (text_ != currency_) {
    const auto currency = base::Currency::find(text_);
    if (!currency && judges_) return values_.wrong("no currency of ISO 4217", terms, text_);
    currency_ = text_;
    currency_decimals_ = currency.value_or(base::Currency()).decimals();
  }
  decimals_ = currency_decimals_;
  return Got::kValue;
}

Got EventMaker::append_field(const EventRule& rule, const FieldRule& field, const Scope& scope) {
  const auto& spec = event::spec_of(rule.kind).fields[field.place];
  switch (spec.type) {
    case FieldType::kId:
    case FieldType::kName:
    case FieldType::kPerson:
    case FieldType::kText:
    case FieldType::kChoice:
    case FieldType::kFlag:
      return append_text(spec, field, scope);
    case FieldType::kMoney:
    case FieldType::kInteger:
    case FieldType::kNumber:
      return append_number(spec, field.terms, scope, spec.least, spec.most);
    case FieldType::kTime: {
      base::EventTime time;
      size_t which = 0;
      const Got got = values_.time(field.terms, scope, time, which);
      if (got != Got::kValue) return got;
      json_ += '"';
      append_rfc3339(json_, time);
      json_ += '"';
      return got;
    }
    case FieldType::kLines:
      if (field.lines) return append_lines(*field.lines, scope);
      json_ += "[]";
      return Got::kValue;
    case FieldType::kLabels:
      return append_labels(field, scope);
  }
  return Got::kMissing;
}

Got EventMaker::append_text(const event::FieldSpec& spec, const FieldRule& field,
                            const Scope& scope) {
  const Got got = values_.text(field.terms, scope, text_);
  if (got != Got::kValue) return got;
  if (spec.type == FieldType::kFlag && (text_ == "true" || text_ == "false")) {
    json_ += text_;
    return Got::kValue;
  }
  if (!judges_) {
    base::append_json_string(json_, text_);
    return Got::kValue;
  }
  if (spec.type == FieldType::kFlag) {
    return values_.wrong("neither true nor false", field.terms, text_);
  }
  if (spec.type == FieldType::kChoice) {
    const std::string choices = fmt::format(" {} ", spec.choices);
    if (choices.find(fmt::format(" {} ", text_)) == choices.npos) {
      return values_.wrong(fmt::format("none of: {}", spec.choices), field.terms, text_);
    }
  }
  const size_t limit = spec.type == FieldType::kText ? event::kTextBytesMax : event::kNameBytesMax;
  if (text_.size() > limit) {
    return values_.wrong(too_long(limit), field.terms, text_);
  }
  base::append_json_string(json_, text_);
  return Got::kValue;
}

Got EventMaker::append_number(const event::FieldSpec& spec, std::span<const ValueTerm> terms,
                              const Scope& scope, double least, double most) {
  const int decimals = spec.type == FieldType::kMoney     ? decimals_
                       : spec.type == FieldType::kInteger ? 0
                                                          : kNumberDecimals;
  Decimal number;
  const Got got = values_.number(terms, scope, decimals, number);
  if (got == Got::kFault && !judges_) return append_as_written(terms);
  if (got != Got::kValue) return got;
  const size_t begin = json_.size();
  number.append_to(json_);
  if (!judges_) return Got::kValue;
  const auto refuse = [&](std::string reason) {
    return values_.wrong(std::move(reason), terms, std::string_view(json_).substr(begin));
  };
  if (spec.type != FieldType::kNumber && number.decimals() > decimals) {
    return refuse(spec.type == FieldType::kMoney
                      ? fmt::format("{} has more than {} decimals", spec.name, decimals)
                      : fmt::format("{} is no whole number", spec.name));
  }
  const double size = number.approximate();
  const bool money = spec.type == FieldType::kMoney;
  if (money && std::abs(size) > static_cast<double>(base::kMoneyMajorMax)) {
    return refuse(fmt::format("{} is too large", spec.name));
  }
  if (size < least) return refuse(fmt::format("{} is below {}", spec.name, least));
  if (size > most) return refuse(fmt::format("{} is above {}", spec.name, most));
  return Got::kValue;
}

/// A number of JSON that is beyond what is calculated with, such as 1e300, is left to the decoder;
/// anything else stays the fault that it is.
Got EventMaker::append_as_written(std::span<const ValueTerm> terms) {
  const bool is_plain = terms.size() == 1 && terms[0].kind == ValueTerm::Kind::kTemplate &&
                        terms[0].replace.empty() && terms[0].parts[0].single_cell() != nullptr;
  if (!is_plain || !is_json_number(values_.fault().value)) return Got::kFault;
  json_ += values_.fault().value;
  return Got::kValue;
}

Got EventMaker::append_lines(const LinesRule& lines, const Scope& scope) {
  auto& rows = scope.thing->groups[lines.group];
  if (rows.is_absent()) return Got::kMissing;
  json_ += '[';
  size_t count = 0;
  for (RowView& row : rows) {
    if (row.dropped) continue;
    const size_t begin = json_.size();
    if (count > 0) json_ += ',';
    if (append_line(lines, {&row, scope.own, nullptr}) == Got::kFault) {
      json_.resize(begin);
      drop(row, values_.fault());
      continue;
    }
    row.used = true;
    if (++count > event::kLinesMax && judges_) {
      return values_.wrong(fmt::format("more than {} lines", event::kLinesMax), {}, "");
    }
  }
  json_ += ']';
  return Got::kValue;
}

Got EventMaker::append_line(const LinesRule& lines, const Scope& scope) {
  constexpr double kQtyMost = 1e9;
  constexpr event::FieldSpec kLineNo{"line_no", FieldType::kInteger, false};
  constexpr event::FieldSpec kQty{"qty", FieldType::kInteger, true};
  constexpr event::FieldSpec kPrice{"price", FieldType::kMoney, true};
  const auto missing = [&](std::string_view what, std::span<const ValueTerm> terms) {
    return values_.missing(fmt::format("{} of a line is missing", what), terms, scope);
  };
  json_ += '{';
  if (!lines.line_no.empty()) {
    json_ += R"("line_no":)";
    const Got got = append_number(kLineNo, lines.line_no, scope, 0, kQtyMost);
    if (got != Got::kValue) return got == Got::kFault ? got : missing("line_no", lines.line_no);
    json_ += ',';
  }
  json_ += R"("sku":)";
  Got got = values_.text(lines.sku, scope, text_);
  if (got != Got::kValue) return got == Got::kFault ? got : missing("sku", lines.sku);
  if (judges_ && text_.size() > event::kNameBytesMax) {
    return values_.wrong(too_long(event::kNameBytesMax), lines.sku, text_);
  }
  base::append_json_string(json_, text_);
  json_ += R"(,"qty":)";
  got = append_number(kQty, lines.qty, scope, 1, kQtyMost);
  if (got != Got::kValue) return got == Got::kFault ? got : missing("qty", lines.qty);
  if (!lines.price.empty()) {
    json_ += R"(,"price":)";
    got = append_number(kPrice, lines.price, scope, 0, 1e300);
    if (got != Got::kValue) return got == Got::kFault ? got : missing("price", lines.price);
  }
  json_ += '}';
  return Got::kValue;
}

Got EventMaker::append_labels(const FieldRule& field, const Scope& scope) {
  json_ += '{';
  bool first = true;
  for (const auto& [name, terms] : field.labels) {
    const Got got = values_.text(terms, scope, text_);
    if (got == Got::kFault) return got;
    if (got == Got::kMissing) continue;
    if (judges_ && text_.size() > event::kNameBytesMax) {
      return values_.wrong(too_long(event::kNameBytesMax), terms, text_);
    }
    if (!first) json_ += ',';
    first = false;
    base::append_json_string(json_, name);
    json_ += ':';
    base::append_json_string(json_, text_);
  }
  json_ += '}';
  return Got::kValue;
}

base::Result<void> EventMaker::settle_row(const RowView& row, bool used) {
  for (const RowId lookup : row.lookups) {
    if (lookup.value == 0) continue;
    PURVEY_TRY(lookups_.add({lookup.value, used ? 0U : 1U}, {}));
  }
  if (used) ++mapped_rows_;
  return {};
}

base::Result<void> EventMaker::reject(const RowView& row, const Fault& fault) {
  PURVEY_TRY(settle_row(row, false));
  return report_.reject(row.id, fault);
}

/// An event of the main row cannot be made: nothing of the thing is taken.
base::Result<void> EventMaker::reject_all(uint32_t table, Thing& thing, const Fault& fault) {
  const TableSpec& spec = map_.tables[table];
  for (const auto& [row, why] : dropped_) PURVEY_TRY(reject(*row, why));
  if (!spec.grouped) PURVEY_TRY(reject(*thing.main, fault));
  for (size_t i = 0; i < thing.groups.size(); ++i) {
    const bool same = spec.groups[i] == table;
    const Fault passed{
        same ? fault.reason
             : fmt::format("its row of {}, line {}, is rejected", spec.name, thing.main->id.line()),
        same ? fault.column : "", same ? fault.value : "", fault.kind,
        same ? fault.cause : Fault::Cause::kItsOwner};
    for (const RowView& row : thing.groups[i]) {
      if (!row.dropped) PURVEY_TRY(reject(row, passed));
    }
  }
  return {};
}

/// Behind a decoder a thing is refused as an event would be, once: who sent it can mend it and send
/// it again, which would be a conflict if a part of it had been taken.
base::Result<void> EventMaker::refuse_whole(const Thing& thing) {
  if (dropped_.size() == dropped_before_) return reject(*thing.main, values_.fault());
  return reject(*dropped_[dropped_before_].first, dropped_[dropped_before_].second);
}

base::Result<void> EventMaker::settle(uint32_t table, Thing& thing) {
  const TableSpec& spec = map_.tables[table];
  for (const auto& [row, why] : dropped_) PURVEY_TRY(reject(*row, why));
  const bool main_used = thing.main != nullptr && thing.main->used;
  if (!spec.grouped) {
    PURVEY_TRY(main_used ? settle_row(*thing.main, true) : reject(*thing.main, not_taken()));
  }
  for (size_t i = 0; i < thing.groups.size(); ++i) {
    const bool all_used = spec.groups[i] == table && main_used;
    for (const RowView& row : thing.groups[i]) {
      if (row.dropped) continue;
      PURVEY_TRY(row.used || all_used ? settle_row(row, true) : reject(row, not_taken()));
    }
  }
  return {};
}

base::Result<void> EventMaker::settle_lookups() {
  PURVEY_TRY(lookups_.finish());
  uint64_t last = 0;
  SortKey key;
  std::string_view record;
  while (PURVEY_TRY(lookups_.next(key, record))) {
    if (key.major == last) continue;
    last = key.major;
    if (key.minor == 0) {
      ++mapped_rows_;
    } else {
      PURVEY_TRY(report_.reject({key.major}, {"what it describes is rejected"}));
    }
  }
  return {};
}

}  // namespace purvey::flow
