#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "base/file.h"
#include "store/depot/facts_fixture.h"

namespace purvey::store::depot {
namespace {

namespace fs = std::filesystem;

struct Written {
  size_t rows_per_commit = 1000;
  size_t rows_buffered_max = 1'000'000;
  bool backwards = false;
  int64_t seq_offset = 0;
};

class DigestTest : public FactsFixture {
 protected:
  void SetUp() override {}

  /// The digest of 300 orders with their steps, written in one way or another.
  std::string digest_of(const Written& how) {
    store_.reset();
    fs::remove_all(folder());
    auto opened = options();
    opened.rows_buffered_max = how.rows_buffered_max;
    store_ = Store::open(opened).value();
    std::vector<int> orders(300);
    for (int i = 0; i < 300; ++i) orders[static_cast<size_t>(i)] = i;
    if (how.backwards) std::reverse(orders.begin(), orders.end());
    size_t rows = 0;
    for (const int i : orders) {
      write_order(i, how.seq_offset);
      if (++rows % how.rows_per_commit == 0) commit_all();
    }
    commit_all();
    return store().digest().value();
  }

  void write_order(int i, int64_t seq_offset) {
    const std::string order = "order-" + std::to_string(i);
    const std::string at = i % 2 == 0 ? "2026-01-01T10:00:00Z" : "2026-02-01T10:00:00Z";
    const int64_t seq = seq_offset + 3 * i + 1;
    place(seq, order, at, "P:2:10 Q:1:5", {{"warehouse", "SH"}});
    step({.seq = seq + 1, .order = order, .step = "paid", .at = at});
    if (i % 3 == 0) step({.seq = seq + 2, .order = order, .step = "shipped", .at = at});
  }
};

TEST_F(DigestTest, does_not_depend_on_parts_order_or_seq) {
  const std::string digest = digest_of({});
  EXPECT_EQ(digest.size(), 32U);
  EXPECT_EQ(digest_of({}), digest);
  EXPECT_EQ(digest_of({.rows_per_commit = 7}), digest);
  EXPECT_EQ(digest_of({.rows_buffered_max = 50}), digest);
  EXPECT_EQ(digest_of({.backwards = true}), digest);
  EXPECT_EQ(digest_of({.seq_offset = 1'000'000}), digest);
}

TEST_F(DigestTest, depends_on_every_row_and_value) {
  const std::string digest = digest_of({});
  step({.seq = 5000, .order = "order-1", .step = "paid", .at = "2026-02-01T10:00:00Z"});
  commit_all();
  const std::string with_double = store().digest().value();
  EXPECT_NE(with_double, digest) << "a row more is not seen";
  digest_of({});
  step({.seq = 5000, .order = "order-1", .step = "paid", .at = "2026-02-01T10:00:00.000001Z"});
  commit_all();
  EXPECT_NE(store().digest().value(), with_double) << "a microsecond is not seen";
}

TEST_F(DigestTest, leaves_out_how_rows_were_stored) {
  const auto digest_with = [this](const char* seq, const char* received, const char* revision,
                                  const char* who) {
    store_.reset();
    fs::remove_all(folder());
    store_ = open();
    put(TableId::kDeadLetter, {{"seq", seq}, {"id", "x"}, {"received", received}});
    put(TableId::kIncidentStep, {{"seq", seq},
                                 {"incident_id", "i"},
                                 {"state", "open"},
                                 {"happened_at", "2026-01-01T00:00:00Z"},
                                 {"who", who}});
    put(TableId::kKpi, {{"seq", seq},
                        {"metric", "gmv"},
                        {"window_start", "2026-01-01T00:00:00Z"},
                        {"window_seconds", "60"},
                        {"value", "1"},
                        {"revision", revision}});
    commit_all();
    return store().digest().value();
  };
  const std::string digest = digest_with("1", "2026-01-01T00:00:00Z", "0", "ann");
  EXPECT_EQ(digest_with("2", "2026-05-05T00:00:00Z", "3", "bob"), digest);
}

TEST_F(DigestTest, a_revision_that_is_overtaken_does_not_count) {
  const auto digest_with = [this](bool overtaken) {
    store_.reset();
    fs::remove_all(folder());
    store_ = open();
    const auto kpi = [this](const char* revision, const char* value) {
      put(TableId::kKpi, {{"seq", "1"},
                          {"metric", "gmv"},
                          {"window_start", "2026-01-01T00:00:00Z"},
                          {"window_seconds", "60"},
                          {"value", value},
                          {"revision", revision}});
    };
    if (overtaken) kpi("0", "0.5");
    kpi("1", "1");
    commit_all();
    return store().digest().value();
  };
  EXPECT_EQ(digest_with(true), digest_with(false));
}

class ExportTest : public FactsFixture {
 protected:
  void SetUp() override {
    FactsFixture::SetUp();
    place(1, "a", "2026-01-01T10:00:00Z", "P:2:10");
    commit_all();
  }
  std::string out() const { return folder() + "-out"; }
};

TEST_F(ExportTest, writes_every_table_and_view_once) {
  ASSERT_TRUE(store().export_csv(out()));
  EXPECT_EQ(base::read_file(out() + "/order_line.csv", 1 << 20).value(),
            "seq,order_id,line_no,sku,qty,price,currency\r\n1,a,1,P,2,10.0000,CNY\r\n");
  EXPECT_EQ(base::read_file(out() + "/kpi.csv", 1 << 20).value(),
            "seq,metric,dimensions,window_start,window_seconds,value,n,revision,final\r\n");
  const auto files = std::distance(fs::directory_iterator(out()), fs::directory_iterator());
  EXPECT_EQ(files, 26 + 8);  // tables + views
  fs::remove_all(out());
}

TEST_F(ExportTest, parquet_files_say_the_same_as_the_store) {
  const std::string inside = folder() + "/archive/export-test";  // where questions may read
  ASSERT_TRUE(store().export_parquet(inside));
  EXPECT_EQ(ask("SELECT * FROM read_parquet('" + inside + "/orders.parquet')"),
            ask("SELECT * FROM orders"));
  EXPECT_EQ(ask("SELECT count(*) FROM read_parquet('" + inside + "/incidents.parquet')"), "0\n");
}

TEST_F(ExportTest, takes_an_empty_folder_and_refuses_any_other) {
  fs::create_directory(out());
  ASSERT_TRUE(store().export_parquet(out() + "/"));
  const auto again = store().export_parquet(out());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, base::ErrorCode::kConflict);
  EXPECT_NE(again.error().message.find("is not an empty folder"), std::string::npos);
  EXPECT_FALSE(store().export_csv(folder() + "/lock"));
  EXPECT_FALSE(store().export_csv("/proc/purvey-out"));
  fs::remove_all(out());
}

TEST_F(ExportTest, leaves_every_folder_alone_that_it_did_not_make) {
  for (const char* name : {".partial", ".partial-1"}) {
    fs::create_directory(out() + name);
    ASSERT_TRUE(base::write_file(out() + name + "/mine", "precious"));
  }
  ASSERT_TRUE(store().export_csv(out()));
  EXPECT_FALSE(store().export_csv(folder() + "/lock"));
  for (const char* name : {".partial", ".partial-1"}) {
    EXPECT_EQ(base::read_file(out() + name + "/mine", 100).value(), "precious");
  }
  EXPECT_FALSE(fs::exists(out() + ".partial-2"));
}

TEST_F(ExportTest, of_two_to_one_place_at_once_one_comes_whole_and_the_other_is_refused) {
  store_.reset();
  const auto work = [this] {
    const auto asking = Store::open({.folder = folder(), .read_only = true});
    ASSERT_TRUE(asking) << asking.error().message;
    const auto done = (*asking)->export_csv(out());
    const bool refused = !done && done.error().code == base::ErrorCode::kConflict;
    EXPECT_TRUE(done || refused);
    _exit(::testing::Test::HasFailure() ? 1 : done ? 40 : 41);
  };
  const pid_t one = start_child(work);
  const pid_t two = start_child(work);
  const int statuses = WEXITSTATUS(wait_for(one)) + WEXITSTATUS(wait_for(two));
  EXPECT_EQ(statuses, 40 + 41);
  EXPECT_EQ(std::distance(fs::directory_iterator(out()), fs::directory_iterator()), 26 + 8);
  EXPECT_FALSE(fs::exists(out() + ".partial-1"));
  EXPECT_FALSE(fs::exists(out() + ".partial-2"));
}

}  // namespace
}  // namespace purvey::store::depot
