#!/usr/bin/env python3
"""Two days of a small shop as CloudEvents, one JSON document a line, in time order. The same seed gives the same bytes.

Three warehouses, three carriers, three channels, 40 SKUs, 2,100 orders a day with their payments, steps, stock moves,
deliveries and ratings. Planted: WALLET_OUTAGE, SOUTH_STALL, one SKU that runs out in one warehouse, and lines that are
dirty in known ways: repeated deliveries of an event, one that comes again with another amount, and BAD_LINES.

usage: make_sample.py [--seed 7] [--start 2026-03-02] --out sample.ndjson
"""

import argparse
import datetime
import json
import os
import random
import sys

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000  # milliseconds, counted from the start of the sample
END = 2 * DAY
ORDERS = 4200
WALLET_OUTAGE = (14 * HOUR, 14 * HOUR + 40 * MINUTE)  # nine of ten payments by wallet fail
SOUTH_STALL = (DAY + 10 * HOUR, DAY + 11 * HOUR + 30 * MINUTE)  # warehouse south picks, packs and ships nothing
WAREHOUSES = {"north": "highlands", "south": "coast", "harbour": "islands"}
CARRIERS = {"swift": 9, "steady": 16, "thrifty": 24}  # hours on the road, about
CHANNELS = ["web", "web", "app", "app", "app", "marketplace"]
METHODS = ["card", "card", "wallet", "wallet", "transfer"]
SKUS = [f"sku-{n:03}" for n in range(40)]
SCARCE = ("sku-004", "harbour")  # its stock ends with its last order, and nothing was reordered
LOAD_BY_HOUR = [2, 1, 1, 1, 1, 2, 4, 6, 8, 9, 10, 10, 11, 10, 10, 9, 9, 10, 11, 12, 12, 10, 7, 4]
DUPLICATES = 25
BAD_LINES = [
    '{"specversion":"1.0","id":"bad-1","source":"/shop/oms","type":"order.placed","time":"',
    'not JSON at all, a line of some log',
    '{"specversion":"1.0","id":"bad-3","source":"/shop/oms","type":"order.paid","time":"%s","data":{}}',
    '{"specversion":"1.0","id":"bad-4","source":"/shop/oms","type":"order.wrapped","time":"%s","data":{"order_id":"o-1"}}',
    '{"specversion":"1.0","id":"bad-5","source":"/shop/wms","type":"stock.level","time":"%s",'
    '"data":{"sku":"sku-001","warehouse":"north","on_hand":-3}}',
    '{"specversion":"1.0","id":"bad-6","source":"/shop/pay","type":"payment.authorized","time":"%s",'
    '"data":{"order_id":"o-1","amount":"12,50","method":"card"}}',
    '{"specversion":"1.0","id":"bad-7","source":"/shop/oms","type":"order.shipped","time":"31/02/2026 10:00",'
    '"data":{"order_id":"o-1"}}',
]


class Shop:
    def __init__(self, seed, start):
        self.random = random.Random(seed)
        self.start = start
        self.events = []  # (milliseconds, number, line)
        self.prices = {sku: self.between(300, 9000) for sku in SKUS}  # cents
        self.issues = {}  # (sku, warehouse) -> [(milliseconds, qty)]

    def between(self, low, high):
        """A whole number, both ends included."""
        return low + int(self.random.random() * (high - low + 1))

    def one_of(self, choices):
        return choices[self.between(0, len(choices) - 1)]

    def chance(self, probability):
        return self.random.random() < probability

    def stamp(self, at):
        time = self.start + datetime.timedelta(milliseconds=at)
        return time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at % 1000:03}Z"

    def emit(self, at, source, kind, **data):
        """Adds an event, unless it happens after the sample's end. `from` may be given as `from_`."""
        if at >= END:
            return
        event = {"specversion": "1.0", "id": f"e-{len(self.events)}", "source": f"/shop/{source}", "type": kind,
                 "time": self.stamp(at), "data": {key.rstrip("_"): value for key, value in data.items()}}
        self.add_line(at, json.dumps(event, separators=(",", ":")))

    def add_line(self, at, line):
        self.events.append((at, len(self.events), line))

    # --- what the shop does -------------------------------------------------------------------------------------

    def run(self):
        self.list_catalog()
        times = sorted(self.time_of_order() for _ in range(ORDERS))
        for number, at in enumerate(times):
            self.order(f"o-{number + 1}", at)
        self.keep_stock()
        self.soil()
        return "".join(line + "\n" for _, _, line in sorted(self.events))

    def time_of_order(self):
        hour = self.one_of([hour for hour, load in enumerate(LOAD_BY_HOUR) for _ in range(load)])
        return self.between(0, 1) * DAY + hour * HOUR + self.between(0, HOUR - 1)

    def list_catalog(self):
        for sku in SKUS:
            cents = self.prices[sku]
            self.emit(0, "erp", "catalog.sku", sku=sku, brand=f"brand-{int(sku[-2:]) % 5}", price=money(cents),
                      cost=money(cents * 6 // 10), currency="EUR", supplier=f"supplier-{int(sku[-2:]) % 4}")
        for warehouse, region in WAREHOUSES.items():
            self.emit(0, "erp", "catalog.warehouse", warehouse=warehouse, region=region)

    def order(self, order_id, at):
        warehouse = self.one_of(list(WAREHOUSES))
        customer = f"c-{self.between(1, 2500)}"
        lines = [{"line_no": line_no, "sku": sku, "qty": self.between(1, 3), "price": money(self.prices[sku])}
                 for line_no, sku in enumerate({self.one_of(SKUS): None for _ in range(self.between(1, 3))}, 1)]
        cents = sum(line["qty"] * self.prices[line["sku"]] for line in lines)
        self.emit(at - min(at, self.between(1, 10) * MINUTE), "web", "behavior.viewed", customer_id=customer,
                  sku=lines[0]["sku"])
        self.emit(at, "oms", "order.placed", order_id=order_id, customer_id=customer, channel=self.one_of(CHANNELS),
                  region=WAREHOUSES[warehouse], warehouse=warehouse, promised_at=self.stamp(at + 30 * HOUR),
                  currency="EUR", amount=money(cents), lines=lines)
        paid_at = self.pay(order_id, at, cents)
        if paid_at is None:
            self.emit(at + 15 * MINUTE, "oms", "order.cancelled", order_id=order_id, warehouse=warehouse,
                      reason="not paid")
        else:
            self.emit(paid_at, "oms", "order.paid", order_id=order_id, warehouse=warehouse)
            self.fulfil(order_id, paid_at, warehouse, customer, lines)

    def pay(self, order_id, at, cents):
        """Up to two attempts; the time of the one that worked, or None."""
        method = self.one_of(METHODS)
        for _ in range(2):
            at += self.between(5_000, 60_000)
            out = method == "wallet" and WALLET_OUTAGE[0] <= at < WALLET_OUTAGE[1]
            failed = self.chance(0.9 if out else 0.02)
            data = dict(order_id=order_id, amount=money(cents), currency="EUR", method=method,
                        latency_ms=self.between(4000, 9000) if out else self.between(80, 900))
            if not failed:
                self.emit(at, "pay", "payment.authorized", **data)
                return at
            self.emit(at, "pay", "payment.failed", **data, code="timeout" if out else "declined")
            if self.chance(0.5):
                method = "card"
        return None

    def fulfil(self, order_id, at, warehouse, customer, lines):
        carrier = self.one_of(list(CARRIERS))
        shipment = f"s-{order_id[2:]}"
        at += self.between(MINUTE, 3 * MINUTE)
        self.emit(at, "oms", "order.allocated", order_id=order_id, warehouse=warehouse)
        for step, least, most in (("picked", 10, 40), ("packed", 4, 12), ("shipped", 20, 90)):
            at += self.between(least * MINUTE, most * MINUTE)
            if warehouse == "south" and SOUTH_STALL[0] <= at < SOUTH_STALL[1]:
                at = SOUTH_STALL[1] + self.between(0, 60 * MINUTE)
            data = dict(carrier=carrier, shipment_id=shipment) if step == "shipped" else {}
            self.emit(at, "wms", f"order.{step}", order_id=order_id, warehouse=warehouse, **data)
        for line in lines:
            self.issues.setdefault((line["sku"], warehouse), []).append((at, line["qty"]))
        at += int(CARRIERS[carrier] * HOUR * (0.6 + self.random.random()))
        self.emit(at, "oms", "order.delivered", order_id=order_id, warehouse=warehouse, carrier=carrier,
                  shipment_id=shipment)
        if self.chance(0.4):
            score = self.one_of([5, 5, 5, 4, 4, 3] if carrier != "thrifty" else [5, 4, 4, 3, 2, 1])
            self.emit(at + self.between(HOUR, 8 * HOUR), "web", "feedback.rated", order_id=order_id,
                      sku=lines[0]["sku"], customer_id=customer, score=score)

    def keep_stock(self):
        """Counts, issues and receipts: stock for half of the sample at the start, a purchase arriving in time."""
        for (sku, warehouse), issues in sorted(self.issues.items()):
            issues = sorted(issue for issue in issues if issue[0] < END)
            total = sum(qty for _, qty in issues)
            place = dict(sku=sku, warehouse=warehouse)
            first = total if (sku, warehouse) == SCARCE else total // 2 + 5
            self.emit(0, "wms", "stock.level", **place, on_hand=first)
            for at, qty in issues:
                self.emit(at, "wms", "stock.moved", **place, qty=-qty, reason="issue")
            if first < total:
                self.purchase(place, total, issues[len(issues) // 3][0])

    def purchase(self, place, qty, arrives):
        po_id = f"po-{place['sku'][4:]}-{place['warehouse']}"
        ordered = arrives // 4
        data = dict(po_id=po_id, supplier=f"supplier-{int(place['sku'][-2:]) % 4}", **place, qty=qty,
                    expected_at=self.stamp(arrives - HOUR + self.between(0, 2 * HOUR)))
        self.emit(ordered, "erp", "purchase.ordered", **data)
        self.emit(arrives, "erp", "purchase.received", **data)
        self.emit(arrives, "wms", "stock.moved", **place, qty=qty, reason="receipt", po_id=po_id)

    def soil(self):
        """Adds what a real feed has: deliveries twice, one event that changed, lines that are no events."""
        clean = list(self.events)
        for _ in range(DUPLICATES):
            at, _, line = self.one_of(clean)
            self.add_line(at + self.between(0, 10 * MINUTE), line)
        at, _, line = next(event for event in clean if '"payment.authorized"' in event[2])
        changed = json.loads(line)
        changed["data"]["amount"] = 0.01
        self.add_line(at + MINUTE, json.dumps(changed, separators=(",", ":")))
        for number, line in enumerate(BAD_LINES, 1):
            at = number * 5 * HOUR
            self.add_line(at, line % self.stamp(at) if "%s" in line else line)


def money(cents):
    return cents / 100


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--start", type=datetime.date.fromisoformat, default=datetime.date(2026, 3, 2))
    parser.add_argument("--out", required=True)
    options = parser.parse_args(arguments)

    text = Shop(options.seed, datetime.datetime.combine(options.start, datetime.time())).run()
    with open(options.out + ".part", "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    os.replace(options.out + ".part", options.out)
    print(f"{options.out}: {text.count(chr(10))} lines, seed {options.seed}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
