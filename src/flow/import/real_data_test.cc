// The maps of packs/import on the real files. Expected counts were made from the CSV files by other
// means (Python's csv and decimal modules); where one follows from others, the arithmetic stands
// beside it.

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "base/dictionary.h"
#include "event/csv/decimal.h"
#include "event/json_decoder.h"
#include "event/pseudonym.h"
#include "flow/import/import_fixture.h"

namespace purvey::flow {
namespace {

namespace fs = std::filesystem;
using event::csv::Decimal;

class RealData : public ImportFixture {
 protected:
  void SetUp() override {
    ImportFixture::SetUp();
    const char* named = std::getenv("PURVEY_TEST_DATA");
    data_ = named != nullptr ? fs::path(named) : fs::path(PURVEY_SOURCE_DIR) / "../shared/data";
    if (!fs::is_directory(data_)) {
      GTEST_SKIP() << "no real data: " << data_ << " is no folder (PURVEY_TEST_DATA names one)";
    }
  }

  /// Puts a file of the data into the folder to be imported, under another name.
  void take(const std::string& from, const std::string& name) {
    fs::create_symlink(fs::absolute(data_ / from), folder_ / "in" / name);
  }
  void take_olist(const std::string& before, const std::vector<std::string>& tables) {
    for (const auto& table : tables) take("olist/" + before + table + ".gz", table + ".gz");
  }

  /// Imports with a map that ships; every event must be accepted by the decoder that the flow uses.
  ImportSummary import_with(const std::string& map) {
    decoded_ = 0;
    auto with = options();
    with.map = fs::path(PURVEY_SOURCE_DIR) / "packs/import" / map;
    const auto summary = import(with);
    read_events(with.out);
    EXPECT_EQ(summary.events, decoded_);
    EXPECT_EQ(lines_of(content(with.report)).size(), summary.rejected + 1);
    return summary;
  }

  void read_events(const std::string& path) {
    base::Dictionary names;
    event::JsonDecoder decoder(names, event::Pseudonymizer(event::Pseudonymizer::published_key()),
                               std::nullopt);
    event::EventBatch batch;
    base::EventTime last = base::kNever;
    for (std::string line : lines_of(content(path))) {
      const size_t size = line.size();
      line.resize(size + 64);
      batch.clear();
      decoder.decode(std::string_view(line).substr(0, size), batch);
      const auto& row = batch.rows.at(0);
      ASSERT_EQ(row.verdict, event::Verdict::kAccepted)
          << batch.refusals.at(0).refusal.detail << ": " << line;
      ASSERT_LE(last, row.time) << line;
      last = row.time;
      line.resize(size);
      count(std::string(event::spec_of(row.kind).type), line, batch);
    }
  }

  void count(const std::string& type, const std::string& line, const event::EventBatch& batch) {
    ++decoded_;
    ++events_[type];
    if (line.find("\"inferred\":true") != line.npos) ++inferred_[type];
    if (type == "order.placed") lines_ += batch.lines.size();
    for (const auto* name : {"amount", "score", "qty"}) {
      const std::string key = std::string("\"") + name + "\":";
      const size_t at = line.find(key);
      if (at == line.npos) continue;
      const size_t begin = at + key.size();
      const auto number =
          Decimal::parse(line.substr(begin, line.find_first_of(",}", begin) - begin));
      ASSERT_TRUE(number) << line;
      auto& sum = sums_[type + "." + name];
      sum = *sum.plus(*number);
    }
  }

  std::string sum(const std::string& what) {
    std::string text;
    sums_[what].append_to(text);
    return text;
  }

  fs::path data_;
  uint64_t decoded_ = 0;
  uint64_t lines_ = 0;
  std::map<std::string, uint64_t> events_;
  std::map<std::string, uint64_t> inferred_;
  std::map<std::string, Decimal> sums_;
};

const std::vector<std::string> kOlistFiles = {
    "olist_orders_dataset.csv", "olist_order_items_dataset.csv", "olist_order_payments_dataset.csv",
    "olist_order_reviews_dataset.csv", "olist_customers_dataset.csv"};

TEST_F(RealData, olist_gives_every_order_line_payment_and_rating) {
  take_olist("merged_real_13606__", kOlistFiles);
  const auto summary = import_with("olist.toml");
  // 13,606 orders + 13,606 customers + 15,320 items + 14,265 payments + 3,986 reviews
  EXPECT_EQ(summary.rows, 60'783U);
  EXPECT_EQ(summary.rejected, 0U);
  EXPECT_EQ(events_["order.placed"], 13'606U);
  EXPECT_EQ(lines_, 15'320U);
  EXPECT_EQ(events_["payment.authorized"], 14'265U);
  EXPECT_EQ(events_["feedback.rated"], 3'986U);
  EXPECT_EQ(sum("order.placed.amount"), "2196258.2");
  EXPECT_EQ(sum("payment.authorized.amount"), "2196642.05");
  EXPECT_EQ(sum("feedback.rated.score"), "16264");
  // Handed over to the carrier: all delivered, all shipped, and 2 that were cancelled on the way.
  // Approved: all but 17 cancelled and 3 delivered ones; 114 unavailable and 2 created count as
  // placed only.
  EXPECT_EQ(events_["order.delivered"], 13'163U);
  EXPECT_EQ(events_["order.shipped"], 13'163U + 140U + 2U);
  EXPECT_EQ(events_["order.cancelled"], 80U);
  EXPECT_EQ(events_["order.paid"], 13'606U - 114U - 2U - 17U - 3U);
  // Without a time: one delivery; cancellations never have one.
  EXPECT_EQ(inferred_["order.delivered"], 1U);
  EXPECT_EQ(inferred_["order.cancelled"], 80U);
  EXPECT_EQ(inferred_["order.paid"] + inferred_["order.shipped"], 0U);
}

TEST_F(RealData, olist_orders_end_in_the_status_that_the_file_says) {
  take_olist("merged_real_13606__", kOlistFiles);
  import_with("olist.toml");
  std::map<std::string, std::string> last;  // the farthest step of each order
  for (const auto& line : events()) {
    for (const auto* step : {"placed", "paid", "shipped", "delivered", "cancelled"}) {
      const std::string type = std::string("\"type\":\"order.") + step + "\"";
      const std::string_view id =
          std::string_view(line).substr(line.find("\"order_id\":\"") + 12, 32);
      if (line.find(type) == line.npos) continue;
      auto& now = last[std::string(id)];
      const auto rank = [](const std::string& name) {
        const std::vector<std::string> order = {"",        "placed",    "paid",
                                                "shipped", "delivered", "cancelled"};
        return std::ranges::find(order, name) - order.begin();
      };
      if (rank(step) > rank(now)) now = step;
    }
  }
  std::map<std::string, int> count;
  for (const auto& [id, step] : last) ++count[step];
  EXPECT_EQ(count, (std::map<std::string, int>{{"delivered", 13'163},
                                               {"shipped", 140},
                                               {"cancelled", 80},
                                               {"paid", 57 + 50},       // processing, invoiced
                                               {"placed", 114 + 2}}));  // unavailable, created
}

TEST_F(RealData, the_dirty_spreadsheet_copies_of_olist_are_accounted_for_row_by_row) {
  take_olist("dirty_excel_head10k__",
             {"olist_orders_dataset.csv", "olist_order_items_dataset.csv",
              "olist_order_payments_dataset.csv", "olistcustomerdataset.csv"});
  const auto summary = import_with("olist.toml");
  EXPECT_EQ(summary.rows, 99'441U + 112'650U + 103'848U + 99'395U);
  // Of 9,999 orders 1,790 have an item or a payment in these cuts, 974 items, 1,031 payments and
  // 185 customers.
  EXPECT_EQ(events_["order.placed"], 1'790U);
  EXPECT_EQ(lines_, 974U);
  EXPECT_EQ(events_["payment.authorized"], 1'031U);
  EXPECT_EQ(summary.mapped, 1'790U + 974U + 1'031U + 185U);
  std::map<std::string, uint64_t> reasons(summary.reasons.begin(), summary.reasons.end());
  EXPECT_EQ(reasons["blank row"], 89'442U + 102'652U + 93'850U + 89'396U);
  EXPECT_EQ(reasons["amount of order.placed is missing"], 9'999U - 1'790U);
}

TEST_F(RealData, both_copies_of_scms_give_the_same_purchases) {
  take("scms/SCMS_Delivery_History_Dataset.tab_cr.csv.gz", "SCMS_Delivery_History_Dataset.csv.gz");
  const auto summary = import_with("scms.toml");
  EXPECT_EQ(summary.rows, 10'324U);
  EXPECT_EQ(summary.rejected, 0U);
  EXPECT_EQ(events_["purchase.ordered"], 10'324U);
  EXPECT_EQ(events_["purchase.received"], 10'324U);
  EXPECT_EQ(inferred_["purchase.ordered"],
            5'404U + 328U);  // from a regional store, date not captured
  EXPECT_EQ(sum("purchase.received.qty"), "189265090");
  const auto tabs = content(folder_ / "events.ndjson");
  fs::remove(folder_ / "in/SCMS_Delivery_History_Dataset.csv.gz");
  take("scms/SCMS_Delivery_History_Dataset.comma_crlf_bom.csv.gz",
       "SCMS_Delivery_History_Dataset.csv.gz");
  import_with("scms.toml");
  EXPECT_TRUE(content(folder_ / "events.ndjson") == tabs);
}

TEST_F(RealData, online_retail_gives_invoices_and_credit_notes) {
  take("online_retail/online_retail_first_240007_with_invoiceno.csv.gz", "online_retail.csv.gz");
  const auto summary = import_with("online_retail.toml");
  EXPECT_EQ(summary.rows, 240'007U);
  EXPECT_EQ(events_["order.placed"], 9'422U);
  EXPECT_EQ(events_["order.returned"], 1'946U);
  EXPECT_EQ(lines_, 232'297U);
  EXPECT_EQ(sum("order.placed.amount"), "4690929.61");
  // 737 stock corrections; 1,413 prices of 0 less the 737 of these; 1,970 repeats less the 3 among
  // those; 0.001.
  EXPECT_EQ(summary.rejected, 737U + (1'413U - 737U) + (1'970U - 3U) + 1U);
}

TEST_F(RealData, complete_journey_gives_baskets_and_products) {
  take("completejourney/transactions_sample.csv.gz", "transactions_sample.csv.gz");
  take("completejourney/products.csv.gz", "products.csv.gz");
  const auto summary = import_with("completejourney.toml");
  EXPECT_EQ(summary.rows, 75'000U + 92'331U);
  EXPECT_EQ(summary.rejected, 416U);  // a quantity of 0
  EXPECT_EQ(events_["order.placed"], 47'034U);
  EXPECT_EQ(events_["catalog.sku"], 92'331U);
  EXPECT_EQ(lines_, 75'000U - 416U);
  EXPECT_EQ(sum("order.placed.amount"), "233935.24");
}

}  // namespace
}  // namespace purvey::flow
