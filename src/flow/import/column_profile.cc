#include "flow/import/column_profile.h"

#include <absl/container/flat_hash_set.h>

#include <algorithm>
#include <array>
#include <functional>

#include "base/check.h"
#include "event/csv/stamp.h"

namespace purvey::flow {
namespace {

using event::csv::Decimal;
using event::csv::NumberFormat;
using event::csv::StampPattern;
using Kind = ColumnProfile::Kind;

/// Days, then clocks behind them; where two patterns fit, the earlier one is taken.
constexpr std::array<std::string_view, 17> kDays = {
    "%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%m/%d/%Y",  "%d/%m/%Y",     "%m/%d/%y",
    "%d/%m/%y", "%d.%m.%y", "%d-%b-%y", "%d-%b-%Y",  "%Y年%m月%d日", "%m-%d-%Y",
    "%d-%m-%Y", "%Y.%m.%d", "%d %b %Y", "%b %d, %Y", "%b %d %Y",
};
constexpr std::array<std::string_view, 17> kClocks = {
    " %H:%M:%S",      " %H:%M",      "",
    " %I:%M:%S %p",   " %I:%M %p",   "T%H:%M:%S%z",
    "T%H:%M:%S.%f%z", "T%H:%M:%S",   "T%H:%M:%S.%f",
    " %H:%M:%S.%f",   " %H:%M:%S%z", " %H:%M:%S %z",
    " %I:%M:%S%p",    " %I:%M%p",    ", %I:%M:%S %p",
    ", %I:%M %p",     ", %H:%M:%S",
};

/// In small letters.
constexpr std::array<std::string_view, 24> kWordsForNothing = {
    "null", "(null)", "<null>", "n/a",   "#n/a", "na", "n.a.", "nan",
    "none", "(none)", "nil",    "\\n",   "-",    "--", "—",    "?",
    "??",   "/",      "k.a.",   "k. a.", "无",   "空", "暂无", "没有"};

/// A column with more different words among its numbers or times is text: so many, or one in so
/// many cells.
constexpr size_t kOthersMax = 4;
constexpr size_t kCellsForAnother = 20;

struct Words {
  ColumnRole role;
  std::vector<std::string_view> parts;
};

/// The first row of which a part stands in the name decides: the narrower before the wider. Blanks
/// in names count as underscores.
const std::vector<Words>& role_words() {
  static const std::vector<Words> words = {
      {ColumnRole::kPromised, {"estimated", "promised", "expected", "scheduled", "预计", "承诺"}},
      {ColumnRole::kShipped,
       {"shipped", "ship_date", "shipdate", "shipping_date", "carrier_date", "dispatch", "versand",
        "enviado", "发货", "出库"}},
      {ColumnRole::kDelivered,
       {"delivered", "delivery", "received", "geliefert", "entregue", "签收", "收货时间", "送达"}},
      {ColumnRole::kPaid,
       {"approved", "paid_at", "paid", "payment_date", "bezahlt", "pago", "付款时间", "支付时间",
        "付款"}},
      {ColumnRole::kPlaced,
       {"purchase_timestamp", "placed", "order_date", "orderdate", "ordered", "invoicedate",
        "invoice_date", "created", "timestamp", "datum", "fecha", "下单", "订单时间", "订单日期",
        "创建时间", "日期", "时间", "date"}},
      {ColumnRole::kStatus, {"status", "estado", "状态"}},
      {ColumnRole::kQty,
       {"quantity", "qty", "menge", "anzahl", "units", "cantidad", "quantidade", "数量", "件数"}},
      {ColumnRole::kPrice,
       {"unit_price", "unitprice", "price", "preis", "precio", "preco", "prix", "单价", "售价",
        "价格"}},
      {ColumnRole::kAmount,
       {"amount", "total", "sales_value", "revenue", "payment_value", "betrag", "importe", "valor",
        "金额", "总价", "实付", "应付"}},
      {ColumnRole::kCustomer,
       {"customer", "user_id", "userid", "buyer", "client", "household", "kunde", "cliente", "客户",
        "买家", "会员", "用户", "顾客"}},
      {ColumnRole::kOrder,
       {"order_id", "orderid", "order_no", "order_number", "orderno", "invoice", "basket",
        "bestell", "pedido", "commande", "订单号", "订单编号", "单号", "po_/_so", "order"}},
      {ColumnRole::kSupplier, {"supplier", "vendor", "lieferant", "proveedor", "供应商", "供货"}},
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

const std::vector<StampPattern>& patterns() {
  static const std::vector<StampPattern> compiled = [] {
    std::vector<StampPattern> list;
    for (const auto day : kDays) {
      for (const auto clock : kClocks) {
        const auto pattern = StampPattern::compile(std::string(day) + std::string(clock));
        PURVEY_CHECK(pattern.has_value(), "a pattern to be guessed is none");
        list.push_back(*pattern);
      }
    }
    return list;
  }();
  return compiled;
}

/// The words that `fits` refuses, if there are few; false if there are too many.
bool few_others(const std::vector<std::string>& cells,
                const std::function<bool(const std::string&)>& fits,
                std::vector<std::string>& others) {
  others.clear();
  const size_t limit = std::max(kOthersMax, cells.size() / kCellsForAnother);
  size_t fitting = 0;
  for (const auto& cell : cells) {
    if (fits(cell)) {
      ++fitting;
    } else if (std::ranges::find(others, cell) == others.end()) {
      if (others.size() == limit) return false;
      others.push_back(cell);
    }
  }
  return fitting > 0;
}

size_t count_fitting(const std::vector<std::string>& cells, const StampPattern& pattern) {
  return static_cast<size_t>(std::ranges::count_if(
      cells, [&](const auto& cell) { return pattern.parse(cell).has_value(); }));
}

/// Fewest patterns, each the best for what is left.
bool find_patterns(const std::vector<std::string>& cells, ColumnProfile& profile) {
  std::vector<std::string> left = cells;
  for (int round = 0; round < 3 && !left.empty(); ++round) {
    size_t best_count = 0;
    const StampPattern* best = nullptr;
    for (const StampPattern& pattern : patterns()) {
      const size_t fitting = count_fitting(left, pattern);
      if (fitting <= best_count) continue;
      best_count = fitting;
      best = &pattern;
      if (fitting == left.size()) break;
    }
    if (best == nullptr) break;
    const auto swapped = day_month_swapped(best->text());
    if (!swapped.empty()) {
      const auto other = StampPattern::compile(swapped);
      const bool mixed = std::ranges::find(profile.patterns, swapped) != profile.patterns.end();
      const bool either = other && count_fitting(left, *other) == best_count;
      profile.day_month_unsure = profile.day_month_unsure || mixed || either;
    }
    profile.patterns.push_back(best->text());
    std::erase_if(left, [&](const auto& cell) { return best->parse(cell).has_value(); });
  }
  if (profile.patterns.empty()) return false;
  return few_others(
      cells, [&](const auto& cell) { return std::ranges::find(left, cell) == left.end(); },
      profile.others);
}

NumberFormat with_sign(NumberFormat format, std::string_view sign) {
  format.sign = sign;
  return format;
}

/// The sign of money that most numbers carry; empty if none does.
std::string_view find_sign(const std::vector<std::string>& cells) {
  std::string_view best;
  int64_t best_count = 0;
  for (const std::string_view sign : event::csv::kMoneySigns) {
    const auto count = std::ranges::count_if(cells, [&](const auto& cell) {
      return cell.find(sign) != cell.npos &&
             std::ranges::any_of(kNumberForms, [&](const NumberFormat& form) {
               return Decimal::parse(cell, with_sign(form, sign)).has_value();
             });
    });
    if (count <= best_count) continue;
    best_count = count;
    best = sign;
  }
  return best;
}

bool find_number(const std::vector<std::string>& cells, ColumnProfile& profile) {
  profile.sign = find_sign(cells);
  const auto reads = [&](const std::string& cell, size_t form) {
    return Decimal::parse(cell, with_sign(kNumberForms[form], profile.sign));
  };
  for (size_t form = 0; form < kNumberForms.size(); ++form) {
    profile.fitting[form] = static_cast<size_t>(std::ranges::count_if(
        cells, [&](const auto& cell) { return reads(cell, form).has_value(); }));
  }
  const auto best =
      static_cast<size_t>(std::ranges::max_element(profile.fitting) - profile.fitting.begin());
  const auto fits = [&](const auto& cell) { return reads(cell, best).has_value(); };
  if (!few_others(cells, fits, profile.others)) return false;
  const bool whole = std::ranges::all_of(cells, [&](const auto& cell) {
    const auto number = reads(cell, best);
    return !number || number->whole();
  });
  profile.kind = whole ? Kind::kWhole : Kind::kDecimal;
  return true;
}

/// Splits the cells that are filled into words for "nothing" and the rest.
std::vector<std::string> take_missing(const std::vector<std::string>& cells,
                                      ColumnProfile& profile) {
  std::vector<std::string> rest;
  for (const auto& cell : cells) {
    if (std::ranges::find(kWordsForNothing, lower(cell)) == kWordsForNothing.end()) {
      rest.push_back(cell);
    } else if (std::ranges::find(profile.missing, cell) == profile.missing.end()) {
      profile.missing.push_back(cell);
    }
  }
  return rest;
}

/// Of all cells one that fits, and the first of those that do not.
void choose_examples(const std::vector<std::string>& cells, ColumnProfile& profile) {
  const auto usual = std::ranges::find_if(cells, [&](const auto& cell) {
    return std::ranges::find(profile.others, cell) == profile.others.end();
  });
  if (usual != cells.end()) profile.example = *usual;
  profile.others.resize(std::min(profile.others.size(), kOthersMax));
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
  const auto said = take_missing(filled, profile);
  if (find_patterns(said, profile)) {
    profile.kind = Kind::kTime;
    choose_examples(said, profile);
    return profile;
  }
  profile.patterns.clear();
  profile.day_month_unsure = false;
  if (find_number(said, profile)) {
    choose_examples(said, profile);
    return profile;
  }
  profile.missing.clear();
  profile.others.clear();
  profile.sign = {};
  profile.kind = Kind::kText;
  return profile;
}

std::string day_month_swapped(std::string_view pattern) {
  constexpr std::string_view kPairs[] = {"%m/%d", "%d/%m", "%m-%d", "%d-%m"};
  for (size_t i = 0; i < std::size(kPairs); ++i) {
    if (!pattern.starts_with(kPairs[i])) continue;
    return std::string(kPairs[i ^ 1]) + std::string(pattern.substr(kPairs[i].size()));
  }
  return "";
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
  std::string name = lower(column.name);
  std::ranges::replace(name, ' ', '_');
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
