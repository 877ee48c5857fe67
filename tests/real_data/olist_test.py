"""Real orders from CSV files to right numbers: the marketplace data, counted twice by different means."""

import collections
import decimal
import json
import pathlib
import tempfile
import unittest

import program

FILES = ("orders", "customers", "order_items", "order_payments", "order_reviews")
STATUS = {"created": "placed", "unavailable": "placed", "invoiced": "paid", "processing": "paid",
          "canceled": "cancelled"}


class Olist(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        folder = pathlib.Path(cls.scratch.name)
        source = folder / "olist"
        source.mkdir()
        cls.rows = {}
        for name in FILES:
            packed = program.DATA / "olist" / f"merged_real_13606__olist_{name}_dataset.csv.gz"
            program.unpack(packed, source / f"olist_{name}_dataset.csv")
            cls.rows[name] = program.rows_of(packed)
        cls.summary, cls.events, cls.report = program.import_files("olist", [source], folder)
        cls.data = folder / "data"
        cls.replayed = program.run("replay", cls.events, "--data", cls.data, "--json")

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def ask(self, sql):
        return program.ask(self.data, sql)

    def test_every_row_is_accounted_for(self):
        expected = sum(len(rows) for rows in self.rows.values())
        self.assertEqual(expected, 13_606 + 13_606 + 15_320 + 14_265 + 3_986)
        self.assertEqual(self.summary["rows"], expected)
        self.assertEqual(self.summary["mapped"] + self.summary["rejected"], expected)
        self.assertEqual(self.summary["rejected"], 0)

    def test_orders_by_status(self):
        written = collections.Counter(row["order_status"] for row in self.rows["orders"])
        self.assertEqual(written["delivered"], 13_163)
        self.assertEqual(written["unavailable"], 114)
        expected = collections.Counter()
        for status, count in written.items():
            expected[STATUS.get(status, status)] += count
        got = dict(self.ask("select status, count(*) from orders group by status"))
        self.assertEqual(got, dict(expected))

    def test_orders_by_month(self):
        expected = collections.Counter(row["order_purchase_timestamp"][:7]
                                       for row in self.rows["orders"])
        got = dict(self.ask("select strftime(placed_at, '%Y-%m'), count(*) from orders group by 1"))
        self.assertEqual(got, dict(expected))
        by_kpi = dict(self.ask("select strftime(window_start, '%Y-%m'), sum(value)::bigint "
                               "from kpi_latest where metric = 'orders_placed' and "
                               "window_seconds = 86400 and dimensions = '{}' group by 1"))
        self.assertEqual(by_kpi, dict(expected))

    def test_lines_repeat_and_orders_without_any(self):
        items = self.rows["order_items"]
        pairs = collections.Counter((row["order_id"], row["product_id"]) for row in items)
        repeats = sum(count - 1 for count in pairs.values())
        self.assertEqual((len(items), repeats), (15_320, 1_375))
        self.assertEqual(self.ask("select count(*), count(*) - count(distinct (order_id, sku)) "
                                  "from order_line"), [len(items), repeats])
        with_items = {row["order_id"] for row in items}
        without = sum(row["order_id"] not in with_items for row in self.rows["orders"])
        self.assertEqual(without, 133)
        self.assertEqual(self.ask("select count(*) from orders where lines = 0"), [without])

    def test_amounts_are_price_and_freight_or_else_the_payments(self):
        goods = collections.defaultdict(decimal.Decimal)
        for row in self.rows["order_items"]:
            goods[row["order_id"]] += (decimal.Decimal(row["price"])
                                       + decimal.Decimal(row["freight_value"]))
        paid = collections.defaultdict(decimal.Decimal)
        for row in self.rows["order_payments"]:
            paid[row["order_id"]] += decimal.Decimal(row["payment_value"])
        expected = sum(goods.get(row["order_id"], paid[row["order_id"]])
                       for row in self.rows["orders"])
        got = self.ask("select sum(amount)::varchar, min(currency), max(currency) from orders")
        self.assertEqual(decimal.Decimal(got[0]), expected)
        self.assertEqual(got[1:], ["BRL", "BRL"])
        gmv = self.ask("select round(sum(value), 2)::varchar from kpi_latest where metric = 'gmv' "
                       "and window_seconds = 86400 and dimensions = '{}'")
        self.assertEqual(decimal.Decimal(gmv[0]), expected)

    def test_payments_and_their_sum(self):
        payments = self.rows["order_payments"]
        expected = sum(decimal.Decimal(row["payment_value"]) for row in payments)
        got = self.ask("select count(*), sum(amount)::varchar from payment")
        self.assertEqual((got[0], decimal.Decimal(got[1])), (len(payments), expected))
        self.assertEqual(len(payments), 14_265)

    def test_mean_rating(self):
        scores = [int(row["review_score"]) for row in self.rows["order_reviews"]]
        got = self.ask("select count(*), sum(score)::bigint from feedback where kind = 'rated'")
        self.assertEqual(got, [len(scores), sum(scores)])
        days = self.ask("select sum(value * n), sum(n) from kpi_latest where metric = 'rating_mean' "
                        "and window_seconds = 86400 and dimensions = '{}'")
        self.assertAlmostEqual(days[0] / days[1], sum(scores) / len(scores), places=9)

    def test_late_deliveries(self):
        delivered = [row for row in self.rows["orders"] if row["order_delivered_customer_date"]]
        late = sum(row["order_delivered_customer_date"] > row["order_estimated_delivery_date"]
                   for row in delivered)
        self.assertGreater(late, 0)
        self.assertEqual(self.ask("select count(*) from orders o join order_step s using (order_id) "
                                  "where s.step = 'delivered' and not s.inferred "
                                  "and delivered_at > promised_at and late"), [late])

    def test_deliveries_dated_before_the_hand_over_to_the_carrier(self):
        reversed_ones = sum(
            row["order_delivered_customer_date"] < row["order_delivered_carrier_date"]
            for row in self.rows["orders"]
            if row["order_delivered_customer_date"] and row["order_delivered_carrier_date"])
        self.assertGreater(reversed_ones, 0)
        self.assertEqual(self.ask("select count(*) from orders where delivered_at < shipped_at"),
                         [reversed_ones])

    def test_a_second_replay_adds_nothing_and_lost_files_change_nothing(self):
        again = program.run("replay", self.events, "--data", self.data, "--json")
        digest = program.run("digest", "--data", self.data).strip()
        self.assertIn(f'"digest":"{digest}"', again)
        self.assertIn(f'"digest":"{digest}"', self.replayed)
        self.assertIn('"events":0', again)
        moved = self.events.rename(self.events.with_suffix(".away"))
        (self.data / "facts.duckdb").unlink(missing_ok=True)
        self.assertEqual(program.run("digest", "--data", self.data).strip(), digest)
        moved.rename(self.events)

    def test_any_number_of_shards_gives_one_digest_and_a_cent_another(self):
        digests = {json.loads(program.run("replay", self.events, "--shards", shards, "--json"))["digest"]
                   for shards in (1, 2, 4, 7)}
        self.assertEqual(len(digests), 1)
        lines = self.events.read_text(encoding="utf-8").splitlines(keepends=True)
        place = next(i for i, line in enumerate(lines) if '"order.placed"' in line)
        event = json.loads(lines[place])
        event["data"]["amount"] = round(event["data"]["amount"] + 0.01, 2)
        lines[place] = json.dumps(event) + "\n"
        other = self.events.with_suffix(".cent.ndjson")
        other.write_text("".join(lines), encoding="utf-8")
        changed = json.loads(program.run("replay", other, "--shards", 2, "--json"))["digest"]
        self.assertNotIn(changed, digests)


if __name__ == "__main__":
    program.main("olist")
