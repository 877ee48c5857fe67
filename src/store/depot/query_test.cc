#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "store/depot/facts_fixture.h"
#include "store/result/writers.h"

namespace purvey::store::depot {
namespace {

namespace fs = std::filesystem;

class QueryTest : public FactsFixture {};

TEST_F(QueryTest, every_table_can_be_asked_before_it_has_rows) {
  for (const TableSpec& table : all_tables()) {
    std::string columns;
    for (const ColumnSpec& column : table.columns) {
      const bool hidden = table.id == TableId::kQuality && column.name == "seq";
      if (!hidden) columns += std::string(columns.empty() ? "" : " ") + std::string(column.name);
    }
    const std::string name(table.name);
    EXPECT_EQ(ask("SELECT string_agg(column_name, ' ') FROM (DESCRIBE " + name + ")"),
              columns + "\n");
    EXPECT_EQ(ask("SELECT count(*) FROM " + name), "0\n");
  }
}

TEST_F(QueryTest, empty_and_filled_tables_have_the_same_types) {
  const std::string types = "SELECT string_agg(column_type, ' ') FROM (DESCRIBE order_head)";
  const std::string before = ask(types);
  place(1, "a", "2026-01-01T10:00:00Z", "P:1:1");
  commit_all();
  EXPECT_EQ(ask(types), before);
  EXPECT_EQ(before,
            "\"BIGINT VARCHAR VARCHAR VARCHAR VARCHAR VARCHAR DECIMAL(18,4) VARCHAR TIMESTAMP "
            "TIMESTAMP\"\n");
}

TEST_F(QueryTest, rows_come_back_as_they_were_appended) {
  put(TableId::kOrderHead, {{"seq", "9223372036854775807"},
                            {"order_id", "甲,\"1\""},
                            {"customer", ""},
                            {"amount", "-1"},
                            {"placed_at", "0001-01-01T00:00:00Z"},
                            {"promised_at", "9999-12-31T23:59:59.999999Z"}});
  put(TableId::kQuality, {{"seq", "1"}, {"day", "1969-12-31"}, {"verdict", "late"}, {"n", "2"}});
  put(TableId::kSample, {{"seq", "1"},
                         {"name", "t"},
                         {"happened_at", "2026-01-01T00:00:00.5Z"},
                         {"value", "0.1"},
                         {"raw", "-1e300"}});
  commit_all();
  EXPECT_EQ(ask("SELECT * FROM order_head"),
            "9223372036854775807,\"甲,\"\"1\"\"\",\"\",,,,-0.0001,,0001-01-01 "
            "00:00:00,9999-12-31 23:59:59.999999\n");
  EXPECT_EQ(ask("SELECT * FROM quality"), ",1969-12-31,late,,2\n");
  EXPECT_EQ(ask("SELECT happened_at, value, raw FROM sample"),
            "2026-01-01 00:00:00.500,0.1,-1e+300\n");
}

TEST_F(QueryTest, a_part_is_sorted_by_time_and_equal_times_keep_their_order) {
  const std::pair<const char*, const char*> rows[] = {{"3", "2026-01-03T00:00:00Z"},
                                                      {"1", "2026-01-01T00:00:00Z"},
                                                      {"5", "2026-01-02T00:00:00Z"},
                                                      {"4", "2026-01-02T00:00:00Z"}};
  for (const auto& [seq, at] : rows) {
    put(TableId::kChange, {{"seq", seq}, {"happened_at", at}});
  }
  commit_all();
  EXPECT_EQ(ask("SELECT seq FROM change"), "1\n5\n4\n3\n");
}

TEST_F(QueryTest, counts_of_quality_add_up) {
  for (const char* n : {"2", "3"}) {
    put(TableId::kQuality, {{"seq", "1"},
                            {"source", "/s"},
                            {"day", "2026-01-01"},
                            {"verdict", "rejected"},
                            {"reason", "qty"},
                            {"n", n}});
  }
  commit_all();
  EXPECT_EQ(ask("SELECT * FROM quality"), "/s,2026-01-01,rejected,qty,5\n");
}

TEST_F(QueryTest, every_type_has_one_text) {
  const std::pair<const char*, const char*> cases[] = {
      {"1::TINYINT", "1"},
      {"-1::HUGEINT", "-1"},
      {"170141183460469231731687303715884105727::HUGEINT",
       "170141183460469231731687303715884105727"},
      {"18446744073709551615::UBIGINT", "18446744073709551615"},
      {"0.5::DECIMAL(3,2)", "0.50"},
      {"-0.05::DECIMAL(38,4)", "-0.0500"},
      {"123::DECIMAL(9,0)", "123"},
      {"0.1::DOUBLE + 0.2::DOUBLE", "0.30000000000000004"},
      {"1e300::DOUBLE", "1e+300"},
      {"3::DOUBLE", "3"},
      {"0.1::FLOAT", "0.1"},
      {"'nan'::DOUBLE", "nan"},
      {"'-inf'::DOUBLE", "-inf"},
      {"true", "true"},
      {"NULL", ""},
      {"DATE '2026-02-28'", "2026-02-28"},
      {"TIMESTAMP '2026-02-28 01:02:03.04'", "2026-02-28 01:02:03.040"},
      {"TIMESTAMP '1969-12-31 23:59:59.999999'", "1969-12-31 23:59:59.999999"},
      {"'infinity'::TIMESTAMP", "infinity"},
      {"TIMESTAMPTZ '2026-02-28 01:02:03+08:00'", "2026-02-27 17:02:03"},
      {"TIME '01:02:03'", "01:02:03"},
      {"[1, NULL, 3]", "\"[1, NULL, 3]\""},
      {"{'a': 1, 'b': 'x'}", "\"{a: 1, b: x}\""},
      {"[{'a': [1.5]}, NULL]", "\"[{a: [1.5]}, NULL]\""},
      {"'b'::ENUM('a', 'b')", "b"},
      {"'\\xAA'::BLOB", "\\xAA"},
      {"'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::UUID", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
  };
  for (const auto& [value, text] : cases) {
    EXPECT_EQ(ask(std::string("SELECT ") + value), std::string(text) + "\n") << value;
  }
}

TEST_F(QueryTest, only_one_select_is_answered) {
  const char* refused[] = {
      "",
      ";",
      "-- nothing",
      "SELECT 1; SELECT 2",
      "SELECT 1; DROP VIEW orders",
      "CREATE TABLE t (a INT)",
      "CREATE VIEW v AS SELECT 1",
      "CREATE TEMP TABLE t AS SELECT 1",
      "INSERT INTO orders VALUES (1)",
      "UPDATE order_head SET seq = 1",
      "DELETE FROM order_head",
      "DROP VIEW orders",
      "ALTER VIEW orders RENAME TO o",
      "COPY (SELECT 1) TO '/tmp/purvey-out.csv'",
      "COPY orders TO 'out.parquet'",
      "EXPORT DATABASE 'x'",
      "IMPORT DATABASE 'x'",
      "ATTACH 'x.db'",
      "DETACH facts",
      "USE memory",
      "SET enable_external_access = true",
      "SET threads = 8",
      "RESET memory_limit",
      "PRAGMA memory_limit='8GB'",
      "PRAGMA enable_profiling",
      "INSTALL httpfs",
      "LOAD httpfs",
      "CHECKPOINT",
      "VACUUM",
      "BEGIN",
      "COMMIT",
      "PREPARE p AS SELECT 1",
      "EXECUTE p",
      "EXPLAIN SELECT 1",
      "EXPLAIN ANALYZE SELECT 1",
      "CALL pragma_version()",
      "SELECT ?",
      "SELECT $1",
      "SELEKT 1",
      "SELECT * FROM nothing",
      "SELECT nothing FROM orders",
  };
  for (const char* sql : refused) {
    const base::Error error = refusal(sql);
    EXPECT_EQ(error.code, base::ErrorCode::kInvalidInput) << sql << ": " << error.message;
    EXPECT_EQ(error.message.find('\n'), std::string::npos) << sql << ": " << error.message;
  }
  EXPECT_EQ(refusal("SELECT 1; SELECT 2").message,
            "these are 2 statements: ask with one SELECT at a time");
  for (const char* change :
       {"DROP VIEW orders", "insert into orders values (1)", " INSERT INTO nothing VALUES (1)",
        "delete from orders", "update orders set status = 'x'", "copy orders to 'x.csv'"}) {
    EXPECT_EQ(refusal(change).message, "only a SELECT may be asked: nothing can be changed here");
  }
  EXPECT_EQ(ask("SELECT 1;"), "1\n");
  EXPECT_EQ(ask("WITH t AS (SELECT 2 AS a) SELECT a FROM t -- note"), "2\n");
  EXPECT_EQ(ask("FROM range(1)"), "0\n");
}

TEST_F(QueryTest, no_file_outside_the_archive_is_read) {
  const std::string canary = folder() + "/../canary.csv";
  ASSERT_TRUE(base::write_file(canary, "secret\n1\n"));
  const std::string paths[] = {canary,
                               folder() + "/archive/../../canary.csv",
                               folder() + "/state.db",
                               folder() + "/lock",
                               "/etc/passwd",
                               "https://example.org/x.csv",
                               "s3://bucket/x.parquet"};
  const char* readers[] = {"read_csv('{}')",       "read_text('{}')",       "read_blob('{}')",
                           "read_json('{}')",      "read_parquet('{}')",    "glob('{}')",
                           "parquet_schema('{}')", "sniff_csv('{}')",       "'{}'",
                           "read_csv_auto('{}')",  "parquet_metadata('{}')"};
  for (const std::string& path : paths) {
    for (const std::string reader : readers) {
      std::string source = reader;
      source.replace(source.find("{}"), 2, path);
      const std::string answer = ask("SELECT * FROM " + source);
      const bool refused = answer.starts_with("error: ") || answer.empty();
      EXPECT_TRUE(refused) << source << ": " << answer;
      EXPECT_EQ(answer.find("secret"), std::string::npos) << source;
      EXPECT_EQ(answer.find("root:"), std::string::npos) << source;
    }
  }
}

TEST_F(QueryTest, a_question_that_takes_too_long_is_stopped) {
  const base::Error error =
      refusal("SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b",
              {.time = std::chrono::milliseconds{200}});
  EXPECT_EQ(error.code, base::ErrorCode::kExhausted) << error.message;
  EXPECT_EQ(error.message,
            "the question took longer than 0.2 s and was stopped: ask for less, or allow more");
  EXPECT_EQ(ask("SELECT 1"), "1\n");
}

TEST_F(QueryTest, a_question_that_needs_too_much_memory_is_stopped) {
  const base::Error error = refusal(
      "SELECT length(string_agg(repeat('x', 1000), '')) FROM range(1000000)", {.memory_mb = 100});
  EXPECT_EQ(error.code, base::ErrorCode::kExhausted) << error.message;
}

TEST_F(QueryTest, rows_above_the_limit_are_left_out_and_told) {
  uint64_t lines = 0;
  const auto count = [&](std::string_view bytes) -> base::Result<void> {
    lines += static_cast<uint64_t>(std::count(bytes.begin(), bytes.end(), '\n'));
    return {};
  };
  for (const uint64_t limit : {0U, 1U, 4999U, 5000U, 5001U}) {
    lines = 0;
    const auto writer = result::make_csv_writer(count);
    const auto end = store().query("FROM range(5000)", {.rows = limit}, *writer);
    ASSERT_TRUE(end);
    EXPECT_EQ(end->rows, std::min<uint64_t>(limit, 5000));
    EXPECT_EQ(end->truncated, limit < 5000) << limit;
    EXPECT_EQ(lines, end->rows + 1);
  }
}

TEST_F(QueryTest, an_error_in_the_middle_of_a_result_is_an_error) {
  const base::Error error = refusal(
      "SELECT CASE WHEN range = 3000000 THEN error('boom')::INT ELSE 1 END FROM "
      "range(5000000)",
      {.rows = 10'000'000});
  EXPECT_NE(error.message.find("boom"), std::string::npos) << error.message;
}

TEST_F(QueryTest, an_error_of_the_engine_is_one_line_without_its_wrapping) {
  EXPECT_EQ(refusal("SELECT (range - 5)::UBIGINT FROM range(9) ORDER BY 1").message,
            "Conversion Error: Type INT64 with value -5 can't be cast because the value is out of "
            "range for the destination type UINT64");
}

TEST_F(QueryTest, an_output_that_fails_ends_the_question) {
  const auto writer = result::make_csv_writer([](std::string_view) -> base::Result<void> {
    return base::unavailable("the pipe is closed");
  });
  const auto end = store().query("SELECT 1", {}, *writer);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().message, "the pipe is closed");
}

TEST_F(QueryTest, shipments_show_the_latest_that_is_known) {
  step({.seq = 1,
        .order = "a",
        .step = "shipped",
        .at = "2026-01-01T00:00:00Z",
        .carrier = "SF",
        .shipment = "s"});
  put(TableId::kShipmentStep, {{"seq", "2"},
                               {"shipment_id", "s"},
                               {"happened_at", "2026-01-02T00:00:00Z"},
                               {"status", "in_hub"},
                               {"hub", "Wuhan"}});
  put(TableId::kPosition, {{"seq", "3"},
                           {"shipment_id", "s"},
                           {"happened_at", "2026-01-03T00:00:00Z"},
                           {"lat", "30.5"},
                           {"lon", "114.3"}});
  put(TableId::kPosition, {{"seq", "4"},
                           {"shipment_id", "s"},
                           {"happened_at", "2026-01-02T12:00:00Z"},
                           {"lat", "1"},
                           {"lon", "1"}});
  commit_all();
  EXPECT_EQ(ask("SELECT * FROM shipments"), "s,a,SF,in_hub,Wuhan,2026-01-03 00:00:00,30.5,114.3\n");
}

TEST_F(QueryTest, kpi_latest_is_the_highest_revision) {
  const auto kpi = [this](const char* seq, const char* revision, const char* value,
                          const char* final) {
    put(TableId::kKpi, {{"seq", seq},
                        {"metric", "gmv"},
                        {"dimensions", "{}"},
                        {"window_start", "2026-01-01T00:00:00Z"},
                        {"window_seconds", "60"},
                        {"value", value},
                        {"n", "3"},
                        {"revision", revision},
                        {"final", final}});
  };
  kpi("5", "2", "12.5", "1");
  kpi("9", "0", "10", "0");
  kpi("7", "1", "11", "1");
  commit_all();
  EXPECT_EQ(ask("SELECT * FROM kpi_latest"), "5,gmv,{},2026-01-01 00:00:00,60,12.5,3,2,true\n");
}

TEST_F(QueryTest, incidents_are_the_sum_of_their_steps) {
  const auto incident_step = [this](const char* seq, const char* state, const char* at) {
    put(TableId::kIncidentStep, {{"seq", seq},
                                 {"incident_id", "i"},
                                 {"rule", "late"},
                                 {"severity", "high"},
                                 {"state", state},
                                 {"happened_at", at},
                                 {"title", state}});
  };
  incident_step("1", "open", "2026-01-01T00:00:00Z");
  incident_step("3", "resolved", "2026-01-01T02:00:00Z");
  incident_step("2", "acknowledged", "2026-01-01T01:00:00Z");
  commit_all();
  const char* question =
      "SELECT incident_id, state, opened_at, acknowledged_at, resolved_at, title FROM incidents";
  EXPECT_EQ(ask(question),
            "i,resolved,2026-01-01 00:00:00,2026-01-01 01:00:00,2026-01-01 02:00:00,resolved\n");
  incident_step("4", "open", "2026-01-01T03:00:00Z");
  commit_all();
  EXPECT_EQ(ask(question), "i,open,2026-01-01 00:00:00,2026-01-01 01:00:00,,open\n");
}

}  // namespace
}  // namespace purvey::store::depot
