#include "flow/shard/shards.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "base/toml.h"
#include "event/json_decoder.h"
#include "flow/metric/pack.h"
#include "flow/track/key_share.h"

namespace purvey::flow {
namespace {

constexpr int64_t kStart = 1'767'225'600'000'000;  // 2026-01-01T00:00:00Z
constexpr int64_t kSecond = 1'000'000;

/// Events of a small shop in random order: orders and their steps with parts and corrections,
/// stock, purchases, transfers, shipments, payments, feedback, customers, advertisements, services
/// and changing catalogue cards. Few keys, so that they meet.
class Shop {
 public:
  explicit Shop(uint32_t seed) : random_(seed) {}

  std::string next() {
    second_ += below(4);
    const int64_t late = below(10) == 0 ? below(5'000) : below(20);
    const auto time = base::format_rfc3339({kStart + (second_ - late) * kSecond});
    const auto [type, data] = body();
    return fmt::format(R"({{"specversion":"1.0","id":"{}","source":"/s","type":"{}","time":"{}",)"
                       R"("data":{}}})",
                       ++id_, type, time, data);
  }

 private:
  int64_t below(int64_t end) { return std::uniform_int_distribution<int64_t>(0, end - 1)(random_); }

  const char* one_of(std::initializer_list<const char*> words) {
    return words.begin()[below(static_cast<int64_t>(words.size()))];
  }

  std::pair<std::string, std::string> body() {
    const int64_t order = below(60);
    const int64_t sku = below(9);
    switch (below(18)) {
      case 0:
      case 1:
      case 2:
        return {
            "order.placed",
            fmt::format(
                R"({{"order_id":"o{}","customer_id":"c{}","channel":"h{}","warehouse":"w{}",)"
                R"("currency":"CNY","amount":{}.25,"promised_at":"{}",)"
                R"("lines":[{{"sku":"s{}","qty":2,"price":1}},{{"sku":"s{}","qty":1,"price":2}}]}})",
                order, below(12), below(2), below(3), below(90),
                base::format_rfc3339({kStart + (second_ + below(3'000)) * kSecond}), sku,
                below(9))};
      case 3:
      case 4:
      case 5:
      case 6: {
        constexpr const char* kSteps[] = {"paid",    "allocated", "picked",    "packed",
                                          "shipped", "delivered", "cancelled", "returned"};
        const std::string part =
            below(3) == 0 ? fmt::format(R"(,"lines":[{{"sku":"s{}","qty":1}}])", sku) : "";
        const std::string shipment =
            below(4) == 0 ? fmt::format(R"(,"shipment_id":"x{}")", below(3)) : "";
        return {fmt::format("order.{}", kSteps[below(8)]),
                fmt::format(R"({{"order_id":"o{}","carrier":"k{}"{}{}}})", order, below(2), part,
                            shipment)};
      }
      case 7:
        return {"stock.level", fmt::format(R"({{"sku":"s{}","warehouse":"w{}","on_hand":{}}})", sku,
                                           below(3), below(4))};
      case 8:
        return {"stock.moved",
                fmt::format(R"({{"sku":"s{}","warehouse":"w{}","qty":{},"reason":"adjust"}})", sku,
                            below(3), below(7) - 3)};
      case 9:
        return {fmt::format("purchase.{}", one_of({"ordered", "confirmed", "shipped", "received",
                                                   "received", "cancelled"})),
                fmt::format(R"({{"po_id":"p{}","supplier":"u{}","sku":"s{}","warehouse":"w1",)"
                            R"("qty":5,"expected_at":"2026-01-01T00:30:00Z"}})",
                            below(20), below(2), sku)};
      case 10:
        return {below(2) == 0 ? "payment.failed" : "payment.authorized",
                fmt::format(R"({{"order_id":"o{}","amount":1,"currency":"CNY","method":"m{}",)"
                            R"("latency_ms":{}}})",
                            order, below(2), below(900))};
      case 11:
        return {below(2) == 0 ? "transfer.sent" : "transfer.received",
                fmt::format(R"({{"transfer_id":"t{}","sku":"s{}","from":"w0","to":"w{}","qty":{},)"
                            R"("expected_at":"2026-01-01T00:20:00Z"}})",
                            below(20), sku, 1 + below(2), 1 + below(4))};
      case 12:
        return {below(2) == 0 ? "shipment.status" : "shipment.position",
                fmt::format(R"({{"shipment_id":"x{}","carrier":"k{}","status":"{}","hub":"h{}",)"
                            R"("lat":1.5,"lon":{},"temperature_c":{}}})",
                            below(30), below(2), one_of({"moving", "moving", "Delivered", "lost"}),
                            below(3), below(9), below(30) - 20)};
      case 13:
      case 14:
        return {fmt::format("behavior.{}", one_of({"visited", "viewed", "carted", "favorited",
                                                   "searched", "bought"})),
                fmt::format(R"({{"customer_id":"c{}","campaign":"m{}"{}}})", below(12), below(3),
                            below(2) == 0 ? fmt::format(R"(,"sku":"s{}")", sku) : "")};
      case 15:
        return {fmt::format("ad.{}", one_of({"shown", "shown", "clicked", "converted"})),
                fmt::format(R"({{"campaign":"m{}","cost":0.0{},"value":1.5,"currency":"CNY"}})",
                            below(3), 1 + below(9))};
      case 16:
        return {"service.request",
                fmt::format(R"({{"service":"v{}","endpoint":"/{}","status":{},"latency_ms":{}}})",
                            below(2), below(3), below(5) == 0 ? 503 : 200, below(400))};
      default:
        if (below(2) == 0) {
          return {"catalog.sku",
                  fmt::format(R"({{"sku":"s{}","brand":"b{}","category":"g{}","cost":{},)"
                              R"("currency":"CNY"}})",
                              sku, below(2), below(2), below(50))};
        }
        return {"feedback.rated", fmt::format(R"({{"sku":"s{}","score":{}}})", sku, 1 + below(5))};
    }
  }

  std::mt19937 random_;
  int64_t second_ = 100;
  int id_ = 0;
};

Pack shop_pack() {
  std::ifstream file(PURVEY_SOURCE_DIR "/packs/ecommerce.toml");
  std::stringstream text;
  text << file.rdbuf();
  return *read_pack(*base::parse_toml(text.str(), "ecommerce.toml"));
}

/// Everything around one set of shards; keeps the rows that steps publish, as text.
class Flow {
 public:
  Flow(const Pack& pack, const ShardOptions& options)
      : pack_(pack),
        money_(std::nullopt, nullptr),
        decoder_(names_, event::Pseudonymizer(event::Pseudonymizer::published_key()), std::nullopt),
        shards_(options, pack, names_, *base::SiteZone::find("UTC"), money_,
                [this](const FlowStep& step) { take_step(step); }) {}

  void take(const std::vector<std::string>& lines) {
    const auto batch = std::make_shared<event::EventBatch>();
    for (std::string line : lines) {
      const size_t size = line.size();
      line.append(64, ' ');
      decoder_.decode(std::string_view(line).substr(0, size), *batch);
    }
    shards_.begin(batch);
    for (size_t i = 0; i < batch->rows.size(); ++i) {
      const event::EventRow& row = batch->rows[i];
      ASSERT_FALSE(row.refused) << batch->refusals[row.row].refusal.detail << "\n" << lines[i];
      shards_.take(i);
      if (row.time <= highest_) continue;
      highest_ = row.time;
      shards_.step({.watermark = {row.time.micros - 5 * kSecond}, .seq = ++seq_});
    }
    shards_.end();
  }

  /// All rows so far and those of what is open, sorted.
  std::vector<std::string> finish() {
    shards_.settle();
    std::vector<KpiRow> rows;
    shards_.board().revise(rows);
    shards_.board().publish_open(highest_, rows);
    note(rows);
    std::sort(rows_.begin(), rows_.end());
    return rows_;
  }

  std::string save() {
    shards_.settle();
    std::vector<KpiRow> revised;
    shards_.board().revise(revised);
    note(revised);
    std::string bytes;
    base::ByteWriter writer(bytes);
    shards_.save(writer);
    return bytes;
  }
  void load(const std::string& bytes, const Flow& earlier) {
    base::ByteReader reader(bytes);
    ASSERT_TRUE(shards_.load(reader));
    ASSERT_TRUE(reader.finish("state"));
    rows_ = earlier.rows_;
    highest_ = earlier.highest_;
    seq_ = earlier.seq_;
    money_.set_base(*earlier.money_.base());
  }

  std::string status_of(const std::string& order) {
    shards_.settle();
    const auto known = shards_.find_order(order);
    return known ? std::string(order_status(*known)) : "unknown";
  }

 private:
  void take_step(const FlowStep& step) {
    EXPECT_GT(step.seq, last_seq_);
    last_seq_ = step.seq;
    std::vector<KpiRow> rows;
    shards_.board().advance(step.watermark, rows);
    note(rows);
  }

  void note(const std::vector<KpiRow>& rows) {
    for (const KpiRow& row : rows) {
      rows_.push_back(fmt::format("{} {} {} {} = {} of {}, {} {}", pack_.kpis[row.kpi].name,
                                  shards_.board().dimensions_text(row.group), row.window_seconds,
                                  row.window_start.micros, row.value, row.n, row.revision,
                                  row.final));
    }
  }

  const Pack& pack_;
  base::Dictionary names_;
  BaseMoney money_;
  event::JsonDecoder decoder_;
  std::vector<std::string> rows_;
  base::EventTime highest_ = base::kNever;
  int64_t seq_ = 0;
  int64_t last_seq_ = 0;
  Shards shards_;  // the last member: its steps use the others
};

/// The first lines in which two lists differ; empty if they are equal.
std::string difference(const std::vector<std::string>& found,
                       const std::vector<std::string>& expected) {
  const auto [one, other] =
      std::mismatch(found.begin(), found.end(), expected.begin(), expected.end());
  if (one == found.end() && other == expected.end()) return "";
  return fmt::format("found {}, expected {}", one == found.end() ? "the end" : *one,
                     other == expected.end() ? "the end" : *other);
}

class ShardsTest : public testing::Test {
 protected:
  /// Batches of random sizes, from one event on.
  static std::vector<std::vector<std::string>> batches(uint32_t seed, size_t events) {
    Shop shop(seed);
    std::mt19937 random(seed);
    std::vector<std::vector<std::string>> all;
    for (size_t count = 0; count < events;) {
      auto& batch = all.emplace_back();
      for (size_t i = 0, size = 1 + random() % 300; i < size; ++i, ++count) {
        batch.push_back(shop.next());
      }
    }
    return all;
  }

  std::vector<std::string> rows_of(const ShardOptions& options, uint32_t seed) const {
    Flow flow(pack_, options);
    for (const auto& batch : batches(seed, kEvents)) flow.take(batch);
    return flow.finish();
  }

  static constexpr size_t kEvents = 4'000;
  const Pack pack_ = shop_pack();
};

TEST_F(ShardsTest, AnyNumberGivesTheSameRows) {
  for (const uint32_t seed : {1U, 2U, 3U}) {
    const auto rows = rows_of({}, seed);
    ASSERT_GT(rows.size(), 1'000U);
    for (const size_t shards : {2U, 4U, 7U, 256U}) {
      EXPECT_EQ(difference(rows_of({.shards = shards, .threads = false}, seed), rows), "")
          << shards;
    }
  }
}

TEST_F(ShardsTest, ThreadsGiveTheSameRows) {
  const auto rows = rows_of({}, 4);
  for (const size_t shards : {2U, 3U, 5U}) {
    EXPECT_EQ(difference(rows_of({.shards = shards}, 4), rows), "") << shards;
  }
}

TEST_F(ShardsTest, SavedStateGoesOnWithAnyNumber) {
  const auto all = batches(5, kEvents);
  const auto half = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
  std::vector<std::string> undisturbed;
  for (const size_t before : {1U, 4U}) {
    for (const size_t after : {1U, 3U}) {
      Flow first(pack_, {.shards = before, .threads = false});
      for (auto batch = all.begin(); batch != half; ++batch) first.take(*batch);
      const auto saved = first.save();
      Flow second(pack_, {.shards = after, .threads = false});
      second.load(saved, first);
      for (auto batch = half; batch != all.end(); ++batch) {
        first.take(*batch);
        second.take(*batch);
      }
      const auto rows = second.finish();
      EXPECT_EQ(difference(rows, first.finish()), "") << before << " and then " << after;
      if (undisturbed.empty()) undisturbed = rows;
      EXPECT_EQ(difference(rows, undisturbed), "") << before << " and then " << after;
    }
  }
}

TEST_F(ShardsTest, QuestionsReachTheOwner) {
  Flow one(pack_, {});
  Flow four(pack_, {.shards = 4});
  for (const auto& batch : batches(6, 1'000)) {
    one.take(batch);
    four.take(batch);
  }
  std::vector<std::string> statuses;
  for (int order = 0; order < 60; ++order) {
    const auto id = fmt::format("o{}", order);
    EXPECT_EQ(four.status_of(id), one.status_of(id));
    statuses.push_back(one.status_of(id));
  }
  std::sort(statuses.begin(), statuses.end());
  EXPECT_GT(std::unique(statuses.begin(), statuses.end()) - statuses.begin(), 3);
  EXPECT_EQ(four.status_of("nobody's"), "unknown");
}

TEST_F(ShardsTest, OwnersDivideAllKeyGroups) {
  for (const size_t shards : {1U, 2U, 7U, 256U}) {
    std::vector<int> owned(shards);
    for (uint64_t group = 0; group < 256; ++group) {
      const size_t owner = KeyShare::owner(group << 56 | 12345, shards);
      ASSERT_LT(owner, shards);
      ++owned[owner];
    }
    const auto [least, most] = std::minmax_element(owned.begin(), owned.end());
    EXPECT_LE(*most - *least, 1);
    EXPECT_GE(*least, 1);
  }
}

}  // namespace
}  // namespace purvey::flow
