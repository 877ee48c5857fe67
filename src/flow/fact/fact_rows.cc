#include "flow/fact/fact_rows.h"

#include <fmt/core.h>

#include <array>
#include <bit>
#include <optional>

#include "base/check.h"
#include "base/json_text.h"
#include "base/money.h"

namespace purvey::flow {
namespace {

using event::EventBatch;
using event::EventKind;
using event::EventRow;
using event::FieldType;
using event::kAbsent;
using store::RowBuffer;
using store::TableId;

TableId table_of(EventKind kind) {
  if (event::is_order_step(kind)) return TableId::kOrderStep;
  if (event::is_purchase(kind)) return TableId::kSupplyStep;
  if (event::is_behavior(kind)) return TableId::kBehavior;
  if (event::is_ad(kind)) return TableId::kAd;
  if (event::is_payment(kind)) return TableId::kPayment;
  if (event::is_feedback(kind)) return TableId::kFeedback;
  if (event::is_catalog(kind)) return TableId::kCatalog;
  switch (kind) {
    case EventKind::kOrderPlaced:
      return TableId::kOrderHead;
    case EventKind::kStockLevel:
      return TableId::kStockLevel;
    case EventKind::kStockMoved:
      return TableId::kStockMove;
    case EventKind::kTransferSent:
    case EventKind::kTransferReceived:
      return TableId::kTransferStep;
    case EventKind::kShipmentStatus:
      return TableId::kShipmentStep;
    case EventKind::kShipmentPosition:
      return TableId::kPosition;
    case EventKind::kServiceRequest:
      return TableId::kRequest;
    case EventKind::kServiceLog:
      return TableId::kLog;
    case EventKind::kServiceSpan:
      return TableId::kSpan;
    case EventKind::kChangeMade:
      return TableId::kChange;
    case EventKind::kPromotionPlanned:
      return TableId::kPromotion;
    default:
      return TableId::kSample;
  }
}

/// Where a cell comes from.
enum class Origin : uint8_t {
  kField,
  kSeq,
  kTime,
  kWord,
  kCurrency,
  kUnits,
  kFirst,
  kAttributes,
  kNone
};

struct CellPlan {
  Origin origin = Origin::kNone;
  size_t field = 0;
  FieldType type = FieldType::kName;
};

struct RowPlan {
  TableId table = TableId::kSample;
  std::string_view word;  ///< behind the dot of the type
  std::vector<CellPlan> cells;
};

/// The field that a column is named after.
std::optional<size_t> field_for(EventKind kind, std::string_view column) {
  if (column == "customer") column = "customer_id";
  if (column == "from_warehouse") column = "from";
  if (column == "to_warehouse") column = "to";
  return event::find_field(kind, column);
}

CellPlan plan_cell(EventKind kind, std::string_view column) {
  if (column == "seq") return {Origin::kSeq};
  if (column == "currency") return {Origin::kCurrency};
  if (const auto field = field_for(kind, column)) {
    return {Origin::kField, *field, event::spec_of(kind).fields[*field].type};
  }
  if (column == "happened_at" || column == "placed_at" || column == "valid_from") {
    return {Origin::kTime};
  }
  if (column == "step" || column == "outcome" || column == "kind") return {Origin::kWord};
  if (column == "id") return {Origin::kFirst};
  if (column == "attributes") return {Origin::kAttributes};
  if (column == "qty") return {Origin::kUnits};
  return {};
}

std::array<RowPlan, event::kEventKinds> plan_rows() {
  std::array<RowPlan, event::kEventKinds> plans;
  for (const event::KindSpec& spec : event::kSchema) {
    RowPlan& plan = plans[static_cast<size_t>(spec.kind)];
    plan.table = table_of(spec.kind);
    plan.word = spec.type.substr(spec.type.find('.') + 1);
    for (const auto& column : store::table_spec(plan.table).columns) {
      plan.cells.push_back(plan_cell(spec.kind, column.name));
    }
  }
  return plans;
}

/// Of an order.placed event.
std::span<const event::OrderLine> lines_of(const EventBatch& batch, const EventRow& row) {
  static const size_t kLines = event::field_at(EventKind::kOrderPlaced, "lines");
  return batch.line_span(batch.field(row, kLines));
}

}  // namespace

class FactRows::Impl {
 public:
  explicit Impl(const base::Dictionary& names) : names_(names), plans_(plan_rows()) {
    for (const auto& spec : store::all_tables()) buffers_.emplace_back(spec.id);
  }

  void add(const EventBatch& batch, const EventRow& row, int64_t seq) {
    const RowPlan& plan = plans_[static_cast<size_t>(row.kind)];
    RowBuffer& out = buffer(plan.table);
    for (const CellPlan& cell : plan.cells) add_cell(out, batch, row, seq, plan, cell);
    out.end_row(row.time);
    if (row.kind == EventKind::kOrderPlaced) add_lines(batch, row, seq);
  }

  std::span<const RowBuffer> buffers() const { return buffers_; }
  void clear() {
    for (RowBuffer& buffer : buffers_) buffer.clear();
  }

 private:
  void add_cell(RowBuffer& out, const EventBatch& batch, const EventRow& row, int64_t seq,
                const RowPlan& plan, const CellPlan& cell) {
    switch (cell.origin) {
      case Origin::kField:
        return add_field(out, batch, row, cell);
      case Origin::kSeq:
        return out.integer(seq);
      case Origin::kTime:
        return out.time(row.time);
      case Origin::kWord:
        return out.text(plan.word);
      case Origin::kCurrency:
        return out.text_or_null(row.currency.code());
      case Origin::kUnits:
        return add_units(out, batch, row);
      case Origin::kFirst:
        return add_field(out, batch, row, {Origin::kField, 0, FieldType::kName});
      case Origin::kAttributes:
        return out.text(attributes(batch, row));
      case Origin::kNone:
        return out.null();
    }
  }

  void add_field(RowBuffer& out, const EventBatch& batch, const EventRow& row,
                 const CellPlan& cell) {
    const int64_t slot = batch.field(row, cell.field);
    if (slot == kAbsent) {
      // An event that says nothing of `inferred` states a fact.
      return cell.type == FieldType::kFlag ? out.flag(false) : out.null();
    }
    switch (cell.type) {
      case FieldType::kId:
      case FieldType::kPerson:
      case FieldType::kText:
        return out.text(batch.text(slot));
      case FieldType::kName:
      case FieldType::kLabels:
        return out.text(names_.text(static_cast<uint32_t>(slot)));
      case FieldType::kMoney:
        return add_money(out, {slot, row.currency});
      case FieldType::kInteger:
        return out.integer(slot);
      case FieldType::kNumber:
        return out.number(std::bit_cast<double>(slot));
      case FieldType::kTime:
        return out.time({slot});
      case FieldType::kFlag:
        return out.flag(slot != 0);
      case FieldType::kChoice:
        return out.text(event::choice_word(event::spec_of(row.kind).fields[cell.field], slot));
      case FieldType::kLines:
        return out.null();
    }
  }

  static void add_money(RowBuffer& out, base::Money money) {
    int64_t decimal4 = 0;
    PURVEY_CHECK(base::to_decimal4(money, decimal4), "an amount that its check let through");
    out.decimal(decimal4);
  }

  /// Units that a step is about; null where it names no lines.
  static void add_units(RowBuffer& out, const EventBatch& batch, const EventRow& row) {
    static const size_t lines_field = event::field_at(EventKind::kOrderPaid, "lines");
    const int64_t slot = batch.field(row, lines_field);
    if (batch.line_span(slot).empty()) return out.null();
    int64_t units = 0;
    for (const auto& line : batch.line_span(slot)) units += line.qty;
    out.integer(units);
  }

  void add_lines(const EventBatch& batch, const EventRow& row, int64_t seq) {
    static const size_t order_field = event::field_at(EventKind::kOrderPlaced, "order_id");
    RowBuffer& out = buffer(TableId::kOrderLine);
    const auto order = batch.text(batch.field(row, order_field));
    for (const auto& line : lines_of(batch, row)) {
      out.integer(seq);
      out.text(order);
      out.integer(line.line_no);
      out.text(names_.text(line.sku));
      out.integer(line.qty);
      add_money(out, {line.price_minor, row.currency});
      out.text(row.currency.code());
      out.end_row(row.time);
    }
  }

  RowBuffer& buffer(TableId table) { return buffers_[static_cast<size_t>(table)]; }

  /// What a version of reference data says, as an object of its fields in the schema's order.
  std::string attributes(const EventBatch& batch, const EventRow& row) const {
    const auto fields = event::spec_of(row.kind).fields;
    std::string out = "{";
    for (size_t i = 1; i < fields.size(); ++i) {
      const int64_t slot = batch.field(row, i);
      if (slot == kAbsent) continue;
      if (out.size() > 1) out += ',';
      base::append_json_string(out, fields[i].name);
      out += ':';
      switch (fields[i].type) {
        case FieldType::kName:
          base::append_json_string(out, names_.text(static_cast<uint32_t>(slot)));
          break;
        case FieldType::kText:
          base::append_json_string(out, batch.text(slot));
          break;
        case FieldType::kInteger:
          out += fmt::format("{}", slot);
          break;
        case FieldType::kNumber:
          out += fmt::format("{}", std::bit_cast<double>(slot));
          break;
        case FieldType::kMoney: {
          const auto text = base::format_money({slot, row.currency});
          out += text.substr(0, text.find(' '));
          break;
        }
        default:
          base::check_failed("type", "reference data of a type it never has");
      }
    }
    return out + "}";
  }

  const base::Dictionary& names_;
  std::array<RowPlan, event::kEventKinds> plans_;
  std::vector<RowBuffer> buffers_;
};

FactRows::FactRows(const base::Dictionary& names) : impl_(std::make_unique<Impl>(names)) {}
FactRows::~FactRows() = default;
FactRows::FactRows(FactRows&&) noexcept = default;

void FactRows::add(const EventBatch& batch, const EventRow& row, int64_t seq) {
  impl_->add(batch, row, seq);
}
size_t FactRows::rows_of(const EventBatch& batch, const EventRow& row) {
  return 1 + (row.kind == EventKind::kOrderPlaced ? lines_of(batch, row).size() : 0);
}
std::span<const RowBuffer> FactRows::buffers() const {
  return impl_->buffers();
}
void FactRows::clear() {
  impl_->clear();
}

}  // namespace purvey::flow
