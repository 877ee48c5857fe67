"""Real files of many layouts and encodings: every row is mapped or rejected, and what is mapped adds up."""

import decimal
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
        rows = program.rows_of(source)
        # Left out are rows that repeat another cell for cell, notes of the stock keepers, what has no price, and one
        # row whose price has three decimals.
        distinct = {tuple(row.values()): row for row in rows}.values()
        kept = [row for row in distinct if self.is_sale_or_credit(row)]
        sold = [row for row in kept if not row["InvoiceNo"].startswith("C")]
        invoices = {row["InvoiceNo"] for row in sold}
        credits = {row["InvoiceNo"] for row in kept} - invoices
        amount = sum(int(row["Quantity"]) * decimal.Decimal(row["UnitPrice"]) for row in sold)
        self.assertEqual((len(rows), len(kept), len(sold), len(invoices), len(credits), amount),
                         (240_007, 236_626, 232_297, 9_422, 1_946, decimal.Decimal("4690929.61")))

        summary, data = self.take_in("online_retail", source)
        self.assertEqual((summary["rows"], summary["mapped"]), (len(rows), len(kept)))
        self.assertEqual(summary["events"], len(invoices) + len(credits))
        got = program.ask(data, "select count(*), count(*) filter (status = 'returned'), sum(lines)::bigint, "
                                "sum(amount)::varchar, min(currency), max(currency) from orders")
        self.assertEqual(got[:3], [len(invoices) + len(credits), len(credits), len(sold)])
        self.assertEqual(decimal.Decimal(got[3]), amount)
        self.assertEqual(got[4:], ["GBP", "GBP"])
        self.assertEqual(program.ask(data, "select sum(qty)::bigint from order_line"),
                         [sum(int(row["Quantity"]) for row in sold)])

    @staticmethod
    def is_sale_or_credit(row):
        price, quantity = decimal.Decimal(row["UnitPrice"]), int(row["Quantity"])
        is_credit = row["InvoiceNo"].startswith("C")
        return price > 0 and price.as_tuple().exponent >= -2 and (quantity > 0 or (is_credit and quantity < 0))

    def test_the_grocery_baskets(self):
        folder = program.DATA / "completejourney"
        rows = program.rows_of(folder / "transactions_sample.csv.gz")
        products = program.rows_of(folder / "products.csv.gz")
        kept = [row for row in rows if int(row["quantity"]) > 0]  # the others are coupons
        baskets = {row["basket_id"] for row in kept}
        households = {row["household_id"] for row in kept}
        amount = sum(decimal.Decimal(row["sales_value"]) for row in kept)
        self.assertEqual((len(rows), len(kept), len(products), len(baskets), len(households), amount),
                         (75_000, 74_584, 92_331, 47_034, 2_373, decimal.Decimal("233935.24")))

        summary, data = self.take_in("completejourney", folder)
        self.assertEqual(summary["rows"], len(rows) + len(products))
        self.assertEqual(summary["rejected"], len(rows) - len(kept))
        self.assertEqual(summary["events"], len(baskets) + len(products))
        got = program.ask(data, "select count(*), count(distinct customer), sum(lines)::bigint, "
                                "sum(amount)::varchar, min(currency), max(currency) from orders")
        self.assertEqual(got[:3], [len(baskets), len(households), len(kept)])
        self.assertEqual(decimal.Decimal(got[3]), amount)
        self.assertEqual(got[4:], ["USD", "USD"])
        self.assertEqual(program.ask(data, "select sum(qty)::bigint from order_line"),
                         [sum(int(row["quantity"]) for row in kept)])

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
