"""Real files of many layouts and encodings: every row is mapped or rejected, and what is mapped adds up."""

import pathlib
import tempfile
import unittest

import program


class OtherSets(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.scratch.name)

    def tearDown(self):
        self.scratch.cleanup()

    def take_in(self, name, *inputs):
        """Imports and replays; (import summary, data folder)."""
        summary, events, report = program.import_files(name, inputs, self.folder)
        self.assertEqual(summary["mapped"] + summary["rejected"], summary["rows"])
        with open(report, encoding="utf-8", newline="") as rejected:
            self.assertEqual(sum(1 for _ in program.csv.reader(rejected)) - 1, summary["rejected"])
        data = self.folder / f"{name}-data"
        replayed = program.json.loads(program.run("replay", events, "--data", data, "--json"))
        self.assertEqual(replayed["events"], summary["events"])
        self.assertEqual(replayed["verdicts"]["accepted"], summary["events"])
        return summary, data

    def test_both_encodings_of_the_deliveries_are_one_table(self):
        folder = program.DATA / "scms"
        answers = []
        for part in ("comma_crlf_bom", "tab_cr"):
            source = folder / f"SCMS_Delivery_History_Dataset.{part}.csv.gz"
            summary, data = self.take_in("scms", source)
            self.assertEqual(summary["rows"], 10_324)
            answers.append(program.ask(data, "select count(*), sum(qty)::bigint, "
                                             "count(distinct supplier), count(distinct sku) "
                                             "from supply_step where step = 'received'"))
            (self.folder / "scms-data").rename(self.folder / part)
        self.assertEqual(answers[0], answers[1])
        self.assertEqual(answers[0][2], 73)
        rows = program.rows_of(folder / "SCMS_Delivery_History_Dataset.comma_crlf_bom.csv.gz")
        self.assertEqual(answers[0][1], sum(int(row["Line Item Quantity"]) for row in rows))

    def test_the_british_shop(self):
        source = program.DATA / "online_retail" / "online_retail_first_240007_with_invoiceno.csv.gz"
        summary, data = self.take_in("online_retail", source)
        self.assertEqual(summary["rows"], 240_007)
        orders = program.ask(data, "select count(*), min(currency) from orders")
        self.assertGreater(orders[0], 10_000)
        self.assertEqual(orders[1], "GBP")

    def test_the_grocery_baskets(self):
        folder = program.DATA / "completejourney"
        summary, data = self.take_in("completejourney", folder)
        self.assertGreater(summary["rows"], 75_000)
        rows = program.rows_of(folder / "transactions_sample.csv.gz")
        baskets = {row["basket_id"] for row in rows}
        kept = program.ask(data, "select count(distinct order_id) from order_head")[0]
        self.assertLessEqual(kept, len(baskets))
        self.assertGreater(kept, 0.98 * len(baskets))

    def test_the_spreadsheet_copies(self):
        names = {"orders": "olist_orders_dataset", "order_items": "olist_order_items_dataset",
                 "order_payments": "olist_order_payments_dataset",
                 "customers": "olistcustomerdataset"}
        source = self.folder / "dirty"
        source.mkdir()
        for name, packed in names.items():
            program.unpack(program.DATA / "olist" / f"dirty_excel_head10k__{packed}.csv.gz",
                           source / f"olist_{name}_dataset.csv")
        summary, data = self.take_in("olist", source)
        # The copies hold the first ten thousand rows of each file: an order whose items and payments are both beyond
        # the cut has no amount and is rejected, as is what belongs to an order beyond it.
        known = {name: program.rows_of(program.DATA / "olist" / f"dirty_excel_head10k__{packed}.csv.gz")
                 for name, packed in names.items()}
        orders = {row["order_id"] for row in known["orders"] if row["order_id"]}
        priced = {row["order_id"] for name in ("order_items", "order_payments")
                  for row in known[name]} & orders
        self.assertEqual(len(orders), 9_999)
        self.assertEqual(program.ask(data, "select count(*) from orders"), [len(priced)])
        self.assertEqual(summary["rows"], sum(len(rows) for rows in known.values()))


if __name__ == "__main__":
    program.main("scms")
