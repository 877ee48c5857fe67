#include "flow/hook/document_mapper.h"

#include <absl/strings/str_join.h>
#include <fmt/core.h>

#include <algorithm>

#include "base/check.h"
#include "base/json_text.h"
#include "base/shown_text.h"
#include "event/json_decoder.h"
#include "event/json_fault.h"
#include "event/masking.h"
#include "flow/import/condition.h"

namespace purvey::flow {
namespace {

using event::Reason;
using simdjson::dom::element;
using Role = TableSpec::Role;

constexpr size_t kUsualCapacity = 64U << 10;  // of the parser; more is given back

/// What a row takes besides its texts, at the least: many small ones are much, too.
constexpr size_t kRowBytes = 256;

base::Error too_much() {
  return base::exhausted(
      fmt::format("the message comes to more than {} MiB of events; send less at once",
                  DocumentMapper::kMappedBytesMax >> 20));
}

Fault not_an_object(const element& found, Reason kind) {
  return {fmt::format("expected an object, found {}", event::kind_of(found)), "", "", kind};
}

template <class Use>
void for_each_cell(std::span<const ValueTerm> terms, const Use& use) {
  const auto in = [&](const Template& from) {
    for (const auto& piece : from.pieces) {
      if (piece.cell) use(*piece.cell);
    }
  };
  for (const ValueTerm& term : terms) {
    std::ranges::for_each(term.parts, in);
    if (term.otherwise) in(*term.otherwise);
  }
}

}  // namespace

/// Puts what the maker gives behind one another; what is no fault of a row is passed over.
class DocumentMapper::Sink final : public EventSink, public RejectSink {
 public:
  struct Place {
    uint32_t table;
    std::string where;
    const std::string* record;
  };

  explicit Sink(const DocumentMapper& mapper) : mapper_(mapper) {}

  /// The rows of a new thing follow.
  void begin() {
    places_.clear();
    outcomes_ = 0;
    main_not_taken_ = false;
  }
  RowId place(uint32_t table, const std::string& where, const std::string& record) {
    places_.push_back({table, where, &record});
    return RowId::of(0, places_.size());
  }

  base::Result<void> add(base::EventTime, RowId row, size_t, std::string_view,
                         std::string_view json) override {
    return add_event(json, place_of(row).where);
  }

  base::Result<void> add_event(std::string_view json, const std::string& where) {
    ++outcomes_;
    MappedBody& out = *mapper_.out_;
    out.rows.push_back({.message = out.messages,
                        .where = where,
                        .is_event = true,
                        .begin = out.texts.size(),
                        .size = json.size()});
    out.texts += json;
    out.texts += '\n';
    return count(json.size());
  }

  base::Result<void> reject(RowId row, const Fault& fault) override {
    const Place& place = place_of(row);
    switch (fault.cause) {
      case Fault::Cause::kItsOwner:
        return {};  // one refusal for one fault
      case Fault::Cause::kNotTaken:
        main_not_taken_ |= row == RowId::of(0, 1);
        return {};
      case Fault::Cause::kItself:
      case Fault::Cause::kDeclined:
        break;
    }
    return reject(fault, place.table, place.where, mapper_.raw_of(place.table, *place.record));
  }

  base::Result<void> reject(const Fault& fault, uint32_t table, const std::string& where,
                            std::string raw) {
    ++outcomes_;
    MappedBody& out = *mapper_.out_;
    out.rows.push_back(
        {.message = out.messages,
         .where = where,
         .refusal = {event::Verdict::kRejected, fault.kind, mapper_.detail_of(fault, table, where)},
         .raw = std::move(raw),
         .declined = fault.cause == Fault::Cause::kDeclined});
    return count(out.rows.back().raw.size() + out.rows.back().refusal.detail.size());
  }

  /// All rows of the thing have had their say.
  base::Result<void> end() {
    if (outcomes_ > 0 || !main_not_taken_) return {};
    const Place& main = places_.front();
    return reject({.reason = "no [[event]] of the map is for it", .cause = Fault::Cause::kDeclined},
                  main.table, main.where, mapper_.raw_of(main.table, *main.record));
  }

  base::Result<void> count(size_t bytes) {
    mapper_.out_->bytes += bytes + kRowBytes;
    return mapper_.out_->bytes > kMappedBytesMax ? base::Result<void>(too_much())
                                                 : base::Result<void>();
  }

 private:
  const Place& place_of(RowId row) const { return places_[row.line() - 1]; }

  const DocumentMapper& mapper_;
  std::vector<Place> places_;
  size_t outcomes_ = 0;
  bool main_not_taken_ = false;
};

DocumentMapper::DocumentMapper(std::shared_ptr<const ImportMap> map)
    : map_(std::move(map)),
      source_("/import/" + map_->source),
      sink_(std::make_unique<Sink>(*this)),
      // Rows are not looked up in others, so the maker never sorts and needs no folder.
      maker_(*map_, *sink_, *sink_, "", RecordSorter::kMemoryMin, Judge::kDecoder),
      parser_(kMessageBytesMax) {
  PURVEY_CHECK(map_->of_documents, "a map of files maps no documents");
  for (const TableSpec& table : map_->tables) {
    trees_.emplace_back(table.columns, table.numbers.decimal);
  }
  note_personal_columns();
}

DocumentMapper::~DocumentMapper() = default;

void DocumentMapper::note_personal_columns() {
  for (const EventRule& rule : map_->rules) {
    for (const FieldRule& field : rule.fields) {
      if (event::spec_of(rule.kind).fields[field.place].type != event::FieldType::kPerson) continue;
      for_each_cell(field.terms,
                    [&](const CellRef& cell) { personal_.insert({cell.table, cell.column}); });
    }
  }
}

/// Whether messages are events as a whole: then the decoder alone looks at them.
bool DocumentMapper::is_passed_on() const {
  const auto& table = map_->tables.back();
  return map_->tables.size() == 2 && table.cloudevents && table.each.empty() &&
         table.refusals.empty();
}

base::Result<void> DocumentMapper::add(std::string_view message, MappedBody& out) {
  out_ = &out;
  sink_->begin();
  base::Result<void> done;
  if (is_passed_on()) {
    done = sink_->add_event(message, "");
  } else if (message.size() > kMessageBytesMax) {
    done = sink_->reject({fmt::format("a message longer than {} MiB; send it in smaller ones",
                                      kMessageBytesMax >> 20),
                          "", "", Reason::kTooLong},
                         0, "", "");
  } else {
    auto error = simdjson::SUCCESS;
    if (message.size() > parser_.capacity()) {
      error = parser_.allocate(std::max(message.size(), kUsualCapacity), event::kDepthMax);
    }
    element root;
    if (error == simdjson::SUCCESS) {
      error = parser_.parse(message.data(), message.size(), false).get(root);
    }
    if (error == simdjson::SUCCESS) {
      done = map_message(root, message);
    } else {
      // What cannot be read cannot be cleared of personal data either: nothing of it is kept.
      const auto why = event::refusal_of(error);
      done = sink_->reject({why.detail, "", "", why.reason}, 0, "", "");
    }
    if (parser_.capacity() > kUsualCapacity) {
      parser_ = simdjson::dom::parser(kMessageBytesMax);
    }
  }
  ++out.messages;
  return done;
}

base::Result<void> DocumentMapper::map_message(const element& root, std::string_view text) {
  simdjson::dom::object object;
  if (root.get(object) != simdjson::SUCCESS) {
    return sink_->reject(not_an_object(root, Reason::kNotAnObject), 0, "", "");
  }
  if (const auto fault = trees_[0].read(object, message_cells_)) {
    return sink_->reject(*fault, 0, "", "");
  }
  bool found = false;
  std::vector<std::string> sought;
  for (uint32_t table = 1; table < map_->tables.size(); ++table) {
    const TableSpec& spec = map_->tables[table];
    if (spec.role != Role::kMain) continue;
    if (spec.cloudevents && spec.each.empty() && spec.refusals.empty()) {
      found = true;
      PURVEY_TRY(sink_->add_event(text, ""));
      continue;
    }
    const Elements elements = find(root, spec, "");
    found |= elements.found || elements.fault;
    sought.push_back(absl::StrJoin(spec.each, "."));
    PURVEY_TRY(map_rows(table, elements));
  }
  if (found) return {};
  return sink_->reject({.reason = fmt::format("the message has no rows; the map looks for {}",
                                              absl::StrJoin(sought, ", ")),
                        .cause = Fault::Cause::kDeclined},
                       0, "", "");
}

base::Result<void> DocumentMapper::map_rows(uint32_t table, const Elements& elements) {
  if (elements.fault) return sink_->reject(*elements.fault, table, "", "");
  for (size_t i = 0; i < elements.items.size(); ++i) {
    PURVEY_TRY(map_thing(table, elements.items[i], elements.where(i)));
  }
  return {};
}

/// A main row with the rows that belong to it.
base::Result<void> DocumentMapper::map_thing(uint32_t table, const element& element,
                                             const std::string& where) {
  const TableSpec& spec = map_->tables[table];
  sink_->begin();
  records_.clear();
  if (PURVEY_TRY(make_row(table, element, where, main_)) != Made::kRow) return {};
  if (spec.cloudevents) return sink_->add_event(simdjson::to_string(element), where);
  thing_.main = &main_;
  thing_.groups.resize(spec.groups.size());
  for (size_t group = 0; group < spec.groups.size(); ++group) {
    thing_.groups[group].clear();
    if (!PURVEY_TRY(gather_group(group, spec.groups[group], element, where))) return {};
  }
  PURVEY_TRY(maker_.make(table, thing_));
  return sink_->end();
}

/// False if one of the rows is faulty, and with it the thing.
base::Result<bool> DocumentMapper::gather_group(size_t group, uint32_t table,
                                                const simdjson::dom::element& owner,
                                                const std::string& where) {
  const Elements elements = find(owner, map_->tables[table], where);
  if (elements.fault) {
    PURVEY_TRY(sink_->reject(*elements.fault, table, "", ""));
    return false;
  }
  RowList& rows = thing_.groups[group];
  if (!elements.found) rows.set_absent();
  for (size_t i = 0; i < elements.items.size(); ++i) {
    switch (PURVEY_TRY(make_row(table, elements.items[i], elements.where(i), rows.add()))) {
      case Made::kRow:
        break;
      case Made::kDeclined:
        rows.remove_last();
        break;
      case Made::kFaulty:
        return false;
    }
  }
  return true;
}

/// Rejects the row if it is faulty or declined.
base::Result<DocumentMapper::Made> DocumentMapper::make_row(uint32_t table, const element& element,
                                                            const std::string& where,
                                                            RowView& row) {
  const TableSpec& spec = map_->tables[table];
  simdjson::dom::object object;
  std::optional<Fault> fault;
  if (element.get(object) != simdjson::SUCCESS) {
    fault = not_an_object(element, Reason::kWrongType);
    cells_.assign(spec.columns.size(), {});
  } else {
    fault = trees_[table].read(object, cells_);
  }
  std::string& record = records_.emplace_back();
  const RowId id = sink_->place(table, where, record);
  begin_record(record, id, 0, spec.lookups.size());
  const auto append = [&](const std::string& cell) {
    if (std::ranges::find(spec.missing, cell) == spec.missing.end()) {
      append_cell(record, cell);
    } else {
      append_missing_cell(record, cell);
    }
  };
  std::ranges::for_each(cells_, append);
  std::ranges::for_each(message_cells_, append);
  PURVEY_TRY(sink_->count(record.size()));
  read_record(record, spec.lookups.size(), row);
  for (const RefusalRule& rule : spec.refusals) {
    if (fault) break;
    const bool all = std::ranges::all_of(rule.when, [&](const Condition& condition) {
      return holds(condition, row.cells[condition.cell.slot], spec.numbers);
    });
    if (all) fault = Fault{.reason = rule.reason, .cause = Fault::Cause::kDeclined};
  }
  if (!fault) return Made::kRow;
  PURVEY_TRY(sink_->reject(id, *fault));
  return fault->cause == Fault::Cause::kDeclined ? Made::kDeclined : Made::kFaulty;
}

DocumentMapper::Elements DocumentMapper::find(const element& root, const TableSpec& table,
                                              const std::string& above) {
  if (table.each.empty()) return {.found = true, .path = above, .items = {root}};
  element at = root;
  std::string path = above;
  for (const std::string& key : table.each) {
    simdjson::dom::object object;
    if (at.get(object) != simdjson::SUCCESS) {
      simdjson::dom::array list;
      if (at.get(list) == simdjson::SUCCESS && list.size() == 0) return {};
      return {.fault = Fault{fmt::format("expected an object, found {}", event::kind_of(at)), path,
                             "", Reason::kWrongType}};
    }
    path += path.empty() ? key : "." + key;
    size_t seen = 0;
    for (const auto [name, value] : object) {
      if (name != key) continue;
      if (++seen > 1) {
        return {.fault = Fault{"a key that stands twice", path, "", Reason::kDuplicateKey}};
      }
      at = value;
    }
    if (seen == 0 || at.is_null()) return {};
  }
  if (at.is_object()) return {.found = true, .path = path, .items = {at}};
  Elements found{.found = true, .is_list = true, .path = path};
  simdjson::dom::array list;
  if (at.get(list) != simdjson::SUCCESS) {
    found.fault = Fault{fmt::format("expected a list, found {}", event::kind_of(at)), path, "",
                        Reason::kWrongType};
    return found;
  }
  for (const element item : list) found.items.push_back(item);
  return found;
}

std::string DocumentMapper::Elements::where(size_t item) const {
  return is_list ? fmt::format("{}[{}]", path, item) : path;
}

/// The named cells of a row as JSON, those of persons where scrub_raw() finds them.
std::string DocumentMapper::raw_of(uint32_t table, std::string_view record) const {
  const TableSpec& spec = map_->tables[table];
  std::string raw = "{";
  for (size_t slot = 0; slot < spec.columns.size() && raw.size() < event::kRawKept; ++slot) {
    const auto cell = record_word(record, spec.lookups.size(), slot);
    if (cell.empty()) continue;
    if (raw.size() > 1) raw += ',';
    base::append_json_string(raw, spec.columns[slot]);
    const bool personal = personal_.contains({table, spec.columns[slot]});
    raw += personal ? R"(:{"customer_id":)" : ":";
    base::append_json_string(raw, cell);
    if (personal) raw += '}';
  }
  return raw += '}';
}

/// `line_items[2].price: no number: "abc"`, without what names a person.
std::string DocumentMapper::detail_of(const Fault& fault, uint32_t table,
                                      const std::string& where) const {
  constexpr size_t kShown = 60;
  std::string detail = where;
  if (!fault.column.empty()) detail += (detail.empty() ? "" : ".") + fault.column;
  if (!detail.empty()) detail += ": ";
  detail += fault.reason;
  const bool personal = std::ranges::any_of(
      personal_, [&](const auto& column) { return column.second == fault.column; });
  if (fault.value.empty() || personal || table == 0) return detail;
  std::string masked;
  return detail + fmt::format(": \"{}\"",
                              base::shown_text(event::mask_personal(fault.value, masked), kShown));
}

}  // namespace purvey::flow
