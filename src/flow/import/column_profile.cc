#include "flow/import/column_profile.h"

#include <absl/container/flat_hash_set.h>

#include <algorithm>
#include <array>
#include <functional>

#include "event/csv/decimal.h"
#include "event/csv/stamp.h"

namespace purvey::flow {
namespace {

using event::csv::Decimal;
using event::csv::StampPattern;
using Kind = ColumnProfile::Kind;

/// Tried in this order; where two fit, the earlier one is taken.
constexpr std::array<std::string_view, 30> kPatterns = {
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y-%m-%dT%H:%M:%S.%f%z",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y",
    "%m/%d/%y %H:%M",
    "%m/%d/%y",
    "%d/%m/%y %H:%M",
    "%d/%m/%y",
    "%d-%b-%y",
    "%d-%b-%Y",
    "%Y年%m月%d日 %H:%M:%S",
    "%Y年%m月%d日 %H:%M",
    "%Y年%m月%d日",
    "%d-%m-%Y",
};

/// A column with more than these different words among its numbers or times is text.
constexpr size_t kMissingWordsMax = 4;

struct Words {
  ColumnRole role;
  std::vector<std::string_view> parts;
};

/// The first row of which a part stands in the name decides: the narrower before the wider.
const std::vector<Words>& role_words() {
  static const std::vector<Words> words = {
      {ColumnRole::kPromised, {"estimated", "promised", "expected", "scheduled", "预计", "承诺"}},
      {ColumnRole::kShipped,
       {"shipped", "ship_date", "shipdate", "carrier_date", "dispatch", "versand", "enviado",
        "发货", "出库"}},
      {ColumnRole::kDelivered,
       {"delivered", "delivery", "received", "geliefert", "entregue", "签收", "收货时间", "送达"}},
      {ColumnRole::kPaid,
       {"approved", "paid_at", "paid", "payment_date", "bezahlt", "pago", "付款时间", "支付时间",
        "付款"}},
      {ColumnRole::kPlaced,
       {"purchase_timestamp", "placed", "order_date", "orderdate", "invoicedate", "invoice_date",
        "created", "timestamp", "datum", "fecha", "下单", "订单时间", "订单日期", "创建时间",
        "日期", "时间", "date"}},
      {ColumnRole::kStatus, {"status", "estado", "状态"}},
      {ColumnRole::kCustomer,
       {"customer", "user_id", "userid", "buyer", "client", "household", "kunde", "cliente", "客户",
        "买家", "会员", "用户", "顾客"}},
      {ColumnRole::kOrder,
       {"order_id", "orderid", "order_no", "order number", "orderno", "invoice", "basket",
        "bestell", "pedido", "commande", "订单号", "订单编号", "单号", "po / so", "order"}},
      {ColumnRole::kSupplier, {"supplier", "vendor", "lieferant", "proveedor", "供应商", "供货"}},
      {ColumnRole::kQty,
       {"quantity", "qty", "menge", "anzahl", "cantidad", "quantidade", "数量", "件数"}},
      {ColumnRole::kPrice,
       {"unit_price", "unitprice", "price", "preis", "precio", "preco", "prix", "单价", "售价",
        "价格"}},
      {ColumnRole::kAmount,
       {"amount", "total", "sales_value", "revenue", "payment_value", "betrag", "importe", "valor",
        "金额", "总价", "实付", "应付"}},
      {ColumnRole::kSku,
       {"sku", "stockcode", "product", "item", "artikel", "producto", "produto", "商品", "货号",
        "产品", "物料"}},
      {ColumnRole::kWarehouse,
       {"warehouse", "store", "depot", "lager", "almacen", "仓库", "门店", "仓"}},
      {ColumnRole::kChannel, {"channel", "platform", "kanal", "渠道", "平台"}},
      {ColumnRole::kRegion,
       {"state", "country", "region", "province", "land", "pais", "省", "地区", "国家", "城市",
        "city"}},
  };
  return words;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

/// The words that `fits` refuses, if they are few; false if they are too many.
bool few_others(const std::vector<std::string>& cells,
                const std::function<bool(const std::string&)>& fits,
                std::vector<std::string>& others) {
  others.clear();
  size_t fitting = 0;
  for (const auto& cell : cells) {
    if (fits(cell)) {
      ++fitting;
    } else if (std::ranges::find(others, cell) == others.end()) {
      if (others.size() == kMissingWordsMax) return false;
      others.push_back(cell);
    }
  }
  return fitting > 0;
}

/// Fewest patterns, each the best for what is left.
bool find_patterns(const std::vector<std::string>& cells, ColumnProfile& profile) {
  std::vector<std::string> left = cells;
  for (int round = 0; round < 3 && !left.empty(); ++round) {
    size_t best_count = 0;
    std::string_view best;
    for (const auto text : kPatterns) {
      const auto pattern = StampPattern::compile(text);
      const auto fitting = static_cast<size_t>(std::ranges::count_if(
          left, [&](const auto& cell) { return pattern && pattern->parse(cell).has_value(); }));
      if (fitting > best_count) {
        best_count = fitting;
        best = text;
      } else if (fitting > 0 && fitting == best_count && text.find("/%m/") != text.npos) {
        profile.day_month_unsure = true;
      }
    }
    if (best_count == 0) break;
    profile.patterns.emplace_back(best);
    const auto pattern = StampPattern::compile(best);
    std::erase_if(left, [&](const auto& cell) { return pattern->parse(cell).has_value(); });
  }
  if (profile.patterns.empty()) return false;
  return few_others(
      cells, [&](const auto& cell) { return std::ranges::find(left, cell) == left.end(); },
      profile.missing);
}

bool find_number(const std::vector<std::string>& cells, ColumnProfile& profile) {
  const auto is_plain = [](const auto& cell) { return Decimal::parse(cell).has_value(); };
  const auto is_comma = [](const auto& cell) {
    return Decimal::parse(cell, {',', '.'}).has_value();
  };
  const bool plain = few_others(cells, is_plain, profile.missing);
  if (!plain || !profile.missing.empty()) {
    std::vector<std::string> others;
    if (few_others(cells, is_comma, others) && (!plain || others.size() < profile.missing.size())) {
      profile.decimal_comma = true;
      profile.missing = others;
    } else if (!plain) {
      return false;
    }
  }
  const bool whole = std::ranges::all_of(cells, [&](const auto& cell) {
    const auto number =
        profile.decimal_comma ? Decimal::parse(cell, {',', '.'}) : Decimal::parse(cell);
    return !number || number->whole();
  });
  profile.kind = whole ? Kind::kWhole : Kind::kDecimal;
  return true;
}

}  // namespace

ColumnProfile profile_column(std::string_view name, const std::vector<std::string>& cells) {
  ColumnProfile profile;
  profile.name = name;
  std::vector<std::string> filled;
  absl::flat_hash_set<std::string_view> seen;
  for (const auto& cell : cells) {
    if (cell.empty()) continue;
    filled.push_back(cell);
    profile.repeats = profile.repeats || !seen.insert(cell).second;
  }
  profile.filled = filled.size();
  if (filled.empty()) return profile;
  profile.example = filled.front();
  if (find_patterns(filled, profile)) {
    profile.kind = Kind::kTime;
    return profile;
  }
  profile.patterns.clear();
  profile.missing.clear();
  if (find_number(filled, profile)) return profile;
  profile.missing.clear();
  profile.decimal_comma = false;
  profile.kind = Kind::kText;
  return profile;
}

std::string_view role_name(ColumnRole role) {
  switch (role) {
    case ColumnRole::kNone:
      return "";
    case ColumnRole::kOrder:
      return "order number";
    case ColumnRole::kCustomer:
      return "customer";
    case ColumnRole::kSku:
      return "product (sku)";
    case ColumnRole::kQty:
      return "quantity";
    case ColumnRole::kPrice:
      return "price of one";
    case ColumnRole::kAmount:
      return "amount";
    case ColumnRole::kStatus:
      return "status";
    case ColumnRole::kPlaced:
      return "time of the order";
    case ColumnRole::kPaid:
      return "time of payment";
    case ColumnRole::kShipped:
      return "time of shipping";
    case ColumnRole::kDelivered:
      return "time of delivery";
    case ColumnRole::kPromised:
      return "promised time";
    case ColumnRole::kRegion:
      return "region";
    case ColumnRole::kWarehouse:
      return "warehouse or store";
    case ColumnRole::kChannel:
      return "channel";
    case ColumnRole::kSupplier:
      return "supplier";
  }
  return "";
}

ColumnRole guess_role(const ColumnProfile& column) {
  const std::string name = lower(column.name);
  const bool number = column.kind == Kind::kWhole || column.kind == Kind::kDecimal;
  for (const auto& [role, parts] : role_words()) {
    const bool named = std::ranges::any_of(
        parts, [&](std::string_view part) { return name.find(part) != name.npos; });
    if (!named) continue;
    const bool wants_time = role == ColumnRole::kPlaced || role == ColumnRole::kPaid ||
                            role == ColumnRole::kShipped || role == ColumnRole::kDelivered ||
                            role == ColumnRole::kPromised;
    const bool wants_number =
        role == ColumnRole::kQty || role == ColumnRole::kPrice || role == ColumnRole::kAmount;
    if (wants_time && column.kind != Kind::kTime) continue;
    if (wants_number && !number) continue;
    if (!wants_time && column.kind == Kind::kTime) continue;
    if (!wants_number && column.kind == Kind::kDecimal) continue;
    return role;
  }
  return ColumnRole::kNone;
}

}  // namespace purvey::flow
