#include <absl/strings/str_join.h>
#include <fmt/core.h>

#include <algorithm>
#include <filesystem>

#include "event/csv/csv_reader.h"
#include "flow/import/column_profile.h"
#include "flow/import/guessed_formats.h"
#include "flow/import/import.h"

namespace purvey::flow {
namespace {

using Kind = ColumnProfile::Kind;

constexpr size_t kRowsLookedAt = 2000;
constexpr size_t kExampleShown = 40;

/// A text as TOML writes it.
std::string toml_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string toml_list(const std::vector<std::string>& texts) {
  std::vector<std::string> written;
  for (const auto& text : texts) written.push_back(toml_text(text));
  return fmt::format("[{}]", absl::StrJoin(written, ", "));
}

/// One line of a comment.
std::string plain_line(std::string_view text, size_t limit) {
  std::string out(text.substr(0, limit));
  while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0xC0) == 0x80) out.pop_back();
  if (!out.empty() && static_cast<unsigned char>(out.back()) >= 0xC0) out.pop_back();
  if (text.size() <= limit) out = text;
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return out;
}

std::string_view kind_words(Kind kind) {
  switch (kind) {
    case Kind::kEmpty:
      return "empty";
    case Kind::kText:
      return "text";
    case Kind::kWhole:
      return "whole numbers";
    case Kind::kDecimal:
      return "numbers";
    case Kind::kTime:
      return "times";
  }
  return "";
}

/// The currency that a sign of money stands for, most likely.
struct Money {
  std::string_view currency;
  std::string_view note;
};

Money money_of(std::string_view sign) {
  constexpr std::pair<std::string_view, Money> kKnown[] = {
      {"", {"EUR", "not found in the file, choose"}},
      {"$", {"USD", "$ is also the sign of CAD, AUD, MXN and others"}},
      {"€", {"EUR", "by the sign in the file"}},
      {"£", {"GBP", "by the sign in the file"}},
      {"¥", {"CNY", "¥ is also the sign of JPY"}},
      {"￥", {"CNY", "￥ is also the sign of JPY"}},
      {"元", {"CNY", "by the sign in the file"}},
      {"US$", {"USD", "by the sign in the file"}},
      {"R$", {"BRL", "by the sign in the file"}},
      {"₹", {"INR", "by the sign in the file"}},
      {"₩", {"KRW", "by the sign in the file"}},
      {"₽", {"RUB", "by the sign in the file"}},
      {"kr", {"SEK", "kr is also the sign of DKK and NOK"}},
      {"zł", {"PLN", "by the sign in the file"}},
      {"Kč", {"CZK", "by the sign in the file"}},
  };
  static_assert(std::size(kKnown) == event::csv::kMoneySigns.size() + 1);
  const auto* found = std::ranges::find(kKnown, sign, &std::pair<std::string_view, Money>::first);
  return found == std::end(kKnown) ? kKnown[0].second : found->second;
}

/// Writes the draft from what the columns look like.
class Draft {
 public:
  Draft(const event::csv::CsvReader& reader, std::string path, std::vector<ColumnProfile> columns,
        size_t rows)
      : reader_(reader), path_(std::move(path)), columns_(std::move(columns)), rows_(rows) {
    for (const ColumnProfile& column : columns_) roles_.push_back(guess_role(column));
  }

  std::string write() {
    write_columns();
    write_head();
    write_file();
    write_order();
    write_step(ColumnRole::kPaid, "order.paid", "paid");
    write_step(ColumnRole::kShipped, "order.shipped", "shipped");
    write_step(ColumnRole::kDelivered, "order.delivered", "delivered");
    return std::move(out_);
  }

 private:
  void line(std::string_view text) {
    out_ += text;
    out_ += '\n';
  }

  /// The column with the role, of several the one with the shortest name ("Vendor" before "Vendor
  /// INCO ValueTerm"); names with braces cannot stand in a template.
  const ColumnProfile* find(ColumnRole role) const {
    const ColumnProfile* best = nullptr;
    for (size_t i = 0; i < columns_.size(); ++i) {
      const bool usable = columns_[i].name.find_first_of("{}") == std::string::npos;
      if (roles_[i] != role || !usable) continue;
      if (best == nullptr || columns_[i].name.size() < best->name.size()) best = &columns_[i];
    }
    return best;
  }

  std::string cell(const ColumnProfile& column) const {
    return toml_text(fmt::format("{{{}}}", column.name));
  }

  /// A field, or a comment that says which column is wanted.
  void field(std::string_view name, ColumnRole role, std::string_view otherwise) {
    if (const auto* column = find(role)) {
      line(fmt::format("{} = {}", name, cell(*column)));
    } else if (!otherwise.empty()) {
      line(fmt::format("{} = {}   # no column was recognised as {}: name it", name, otherwise,
                       role_name(role)));
    }
  }

  /// A line that no import takes as it is: better than a guess that would be counted.
  void to_fill_in(std::string_view name, ColumnRole role) {
    line(fmt::format("{} = \"{{}}\"   # FILL IN: no column was recognised as {}", name,
                     role_name(role)));
  }

  void write_columns() {
    line(fmt::format("# A first draft of a map for {}, from its first {} rows.",
                     plain_line(path_, 200), rows_));
    line(
        "# Check each line: what is guessed from names can be wrong. docs/import.md explains the "
        "words.");
    line("#");
    line("# The columns:");
    for (size_t i = 0; i < columns_.size(); ++i) {
      const ColumnProfile& column = columns_[i];
      std::string text =
          fmt::format("#   {}: {}", plain_line(column.name, 80), kind_words(column.kind));
      if (column.filled < rows_)
        text += fmt::format(", {} of {} empty", rows_ - column.filled, rows_);
      if (!column.example.empty()) {
        text += fmt::format(", such as \"{}\"", plain_line(column.example, kExampleShown));
      }
      if (!column.others.empty()) {
        text +=
            fmt::format(", but also {}", plain_line(toml_list(column.others), 2 * kExampleShown));
      }
      if (roles_[i] != ColumnRole::kNone && find(roles_[i]) == &column)
        text += fmt::format(" -> {}", role_name(roles_[i]));
      line(text);
    }
    line("");
  }

  void write_head() {
    const GuessedFormats formats = guess_formats(columns_);
    const Money money = money_of(formats.numbers.sign);
    line("[import]");
    line("source = \"shop\"      # events say \"source\": \"/import/shop\": choose a name");
    line(
        "zone = \"UTC\"         # of times without an offset: \"Europe/Berlin\", "
        "\"Asia/Shanghai\", ...");
    line(fmt::format("currency = \"{}\"     # of money: {}", money.currency, money.note));
    if (!formats.dates.empty()) write_dates(formats);
    if (!formats.missing.empty()) {
      line(fmt::format("missing = {}   # words among numbers or times: no value, in all columns",
                       toml_list(formats.missing)));
    }
    write_numbers(formats);
    line("");
  }

  void write_dates(const GuessedFormats& formats) {
    std::string_view note;
    if (formats.day_month_unsure) note = "   # day and month could be the other way round: check";
    if (formats.day_month_mixed) {
      note = "   # the day stands first in some values, the month in others: check";
    }
    line(fmt::format("dates = {}{}", toml_list(formats.dates), note));
  }

  void write_numbers(const GuessedFormats& formats) {
    const auto& numbers = formats.numbers;
    if (numbers.decimal != '.') line(fmt::format("decimal = \"{}\"", numbers.decimal));
    if (numbers.thousands != '\0') {
      line(fmt::format("thousands = \"{}\"{}", numbers.thousands,
                       formats.comma_unsure
                           ? "   # if it is the decimal mark: decimal = \",\" and no thousands"
                           : ""));
    }
    if (numbers.sign.empty()) return;
    std::string note;
    if (!formats.other_signs.empty()) {
      note = fmt::format("   # numbers with {} would be rejected: one map, one currency",
                         absl::StrJoin(std::vector<std::string>(formats.other_signs.begin(),
                                                                formats.other_signs.end()),
                                       ", "));
    }
    line(fmt::format("currency_sign = {}{}", toml_text(numbers.sign), note));
  }

  void write_file() {
    std::string name = std::filesystem::path(path_).filename().string();
    for (const std::string_view ending : {".gz", ".zst"}) {
      if (name.ends_with(ending)) name.resize(name.size() - ending.size());
    }
    line("[file.orders]");
    line(fmt::format("match = {}   # * and ? may stand for what changes in the name",
                     toml_text(name)));
    line(fmt::format("separator = {}", toml_text(std::string(1, reader_.separator()))));
    line(fmt::format("encoding = \"{}\"", event::csv::encoding_name(reader_.encoding())));
    const auto* order = find(ColumnRole::kOrder);
    if (is_grouped()) {
      line(fmt::format("group_by = {}   # {}", toml_text(order->name),
                       order->repeats
                           ? "the same value in several rows: they are lines of one order"
                           : "each row has a product and a price: it is a line of its order"));
    } else if (order != nullptr) {
      line(fmt::format("key = {}   # a second row with the same value is rejected",
                       toml_text(order->name)));
    }
    line("");
  }

  std::string first_cell() const {
    for (const ColumnProfile& column : columns_) {
      if (column.name.find_first_of("{}") == std::string::npos) return cell(column);
    }
    return "\"1\"";
  }

  std::string id(std::string_view step) const {
    const auto* order = find(ColumnRole::kOrder);
    if (order != nullptr) return toml_text(fmt::format("{{{}}}/{}", order->name, step));
    std::string first = first_cell();
    first.pop_back();
    return fmt::format("{}/{}\"", first, step);
  }

  void write_order() {
    line("[[event]]");
    line("type = \"order.placed\"");
    line("from = \"orders\"");
    line(fmt::format("id = {}", id("placed")));
    const auto* placed = find(ColumnRole::kPlaced);
    if (placed != nullptr) {
      line(fmt::format("time = {}", cell(*placed)));
    } else {
      to_fill_in("time", ColumnRole::kPlaced);
    }
    line("[event.data]");
    field("order_id", ColumnRole::kOrder, first_cell());
    field("customer_id", ColumnRole::kCustomer, "\"unknown\"");
    field("channel", ColumnRole::kChannel, "");
    field("region", ColumnRole::kRegion, "");
    field("warehouse", ColumnRole::kWarehouse, "");
    field("promised_at", ColumnRole::kPromised, "");
    write_money();
    line("");
  }

  /// Whether rows can be lines of an order: they tell its number, what was bought, and the price.
  bool has_lines() const {
    return find(ColumnRole::kOrder) != nullptr && find(ColumnRole::kSku) != nullptr &&
           find(ColumnRole::kPrice) != nullptr;
  }
  bool is_grouped() const {
    const auto* order = find(ColumnRole::kOrder);
    return order != nullptr && (order->repeats || has_lines());
  }

  void write_money() {
    write_amount();
    if (!has_lines()) return write_no_lines();
    const auto* qty = find(ColumnRole::kQty);
    line("[event.data.lines]");
    line("each = \"orders\"");
    line(fmt::format("sku = {}", cell(*find(ColumnRole::kSku))));
    line(qty != nullptr ? fmt::format("qty = {}", cell(*qty))
                        : "qty = 1   # no column was recognised as quantity: name it");
    line(fmt::format("price = {}", cell(*find(ColumnRole::kPrice))));
  }

  /// A column of amounts where there is one, unless it may repeat in the lines of an order.
  void write_amount() {
    const auto* order = find(ColumnRole::kOrder);
    const auto* amount = find(ColumnRole::kAmount);
    const auto* price = find(ColumnRole::kPrice);
    const auto* qty = find(ColumnRole::kQty);
    const bool repeats = order != nullptr && order->repeats;
    const bool by_price = price != nullptr && (amount == nullptr || (repeats && has_lines()));
    const auto* value = by_price ? price : amount;
    if (value == nullptr) return to_fill_in("amount", ColumnRole::kAmount);
    const bool times = by_price && qty != nullptr;
    const std::string factor = times ? fmt::format(", times = {}", cell(*qty)) : "";
    std::string text = cell(*value);
    if (is_grouped()) {
      text = fmt::format("{{ sum_of = \"orders\", add = {}{} }}", text, factor);
    } else if (times) {
      text = fmt::format("{{ value = {}{} }}", text, factor);
    }
    line(fmt::format(
        "amount = {}{}", text,
        by_price && !times ? "   # the price of one: no column was recognised as quantity" : ""));
  }

  void write_no_lines() {
    std::vector<std::string> wanted;
    for (const auto role : {ColumnRole::kOrder, ColumnRole::kSku, ColumnRole::kPrice}) {
      if (find(role) == nullptr) wanted.emplace_back(role_name(role));
    }
    line(
        fmt::format("lines = []   # no column was recognised as {}; if another file has the lines:",
                    absl::StrJoin(wanted, ", ")));
    line("             # [event.data.lines] with each = its name");
  }

  void write_step(ColumnRole role, std::string_view type, std::string_view step) {
    const auto* time = find(role);
    if (time == nullptr) return;
    line("[[event]]");
    line(fmt::format("type = \"{}\"", type));
    line("from = \"orders\"");
    line(fmt::format("id = {}", id(step)));
    line(fmt::format("time = {}", cell(*time)));
    line(fmt::format("when = {{ column = {}, missing = false }}", toml_text(time->name)));
    line("[event.data]");
    field("order_id", ColumnRole::kOrder, first_cell());
    line("");
  }

  const event::csv::CsvReader& reader_;
  const std::string path_;
  const std::vector<ColumnProfile> columns_;
  const size_t rows_;
  std::vector<ColumnRole> roles_;
  std::string out_;
};

}  // namespace

base::Result<std::string> guess_map(const std::string& path) {
  const auto reader = PURVEY_TRY(event::csv::open_csv(path, {}));
  std::vector<std::vector<std::string>> cells(reader->columns().size());
  event::csv::Row row;
  size_t rows = 0;
  while (rows < kRowsLookedAt && PURVEY_TRY(reader->next(row))) {
    if (row.fault != event::csv::RowFault::kNone) continue;
    for (size_t i = 0; i < cells.size(); ++i) cells[i].emplace_back(row.cells[i]);
    ++rows;
  }
  std::vector<ColumnProfile> profiles;
  for (size_t i = 0; i < cells.size(); ++i) {
    profiles.push_back(profile_column(reader->columns()[i], cells[i]));
  }
  return Draft(*reader, path, std::move(profiles), rows).write();
}

}  // namespace purvey::flow
