"""The sample: reproducible, in order, well-formed but for its planted dirt, and with its two troubles in it."""

import collections
import datetime
import json
import unittest

import make_sample
from make_sample import DAY, HOUR, MINUTE

START = datetime.datetime(2026, 3, 2)


def sample(seed=7):
    return make_sample.Shop(seed, START).run()


def parsed(text):
    """The events whose line is a JSON object with a readable time, with `at` in milliseconds from the start."""
    for line in text.splitlines():
        try:
            event = json.loads(line)
            event["at"] = round((datetime.datetime.fromisoformat(event["time"][:-1]) - START).total_seconds() * 1000)
            yield event
        except ValueError:
            pass


class MakeSampleTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.text = sample()
        cls.events = list(parsed(cls.text))

    def of_type(self, kind):
        return [event for event in self.events if event["type"] == kind]

    def test_the_same_seed_gives_the_same_bytes(self):
        self.assertEqual(sample(), self.text)
        self.assertNotEqual(sample(8), self.text)

    def test_it_is_small_and_in_time_order_but_for_what_comes_again(self):
        self.assertTrue(30_000 <= len(self.text.splitlines()) <= 50_000, len(self.text.splitlines()))
        times = list({(event["source"], event["id"]): event["at"] for event in self.events}.values())
        self.assertEqual(times, sorted(times))
        self.assertTrue(0 <= times[0] and times[-1] < 2 * DAY)

    def test_events_have_what_cloudevents_ask_for(self):
        for event in self.events:
            self.assertEqual(set(event), {"specversion", "id", "source", "type", "time", "data", "at"})

    def test_two_lines_cannot_be_read_and_one_has_no_such_day(self):
        self.assertEqual(len(self.text.splitlines()) - len(self.events), 3)

    def test_repeats_are_25_duplicates_and_one_conflict(self):
        payloads = collections.defaultdict(list)
        for event in self.events:
            payloads[event["source"], event["id"]].append(json.dumps(event["data"]))
        again = [same for same in payloads.values() if len(same) > 1]
        self.assertEqual(sum(len(same) - 1 for same in again), make_sample.DUPLICATES + 1)
        self.assertEqual(sum(len(set(same)) > 1 for same in again), 1)

    def failed_share(self, method, begin, end):
        tried = collections.Counter(event["type"] for kind in ("payment.failed", "payment.authorized")
                                    for event in self.of_type(kind)
                                    if event["data"]["method"] == method and begin <= event["at"] < end)
        return tried["payment.failed"] / sum(tried.values())

    def test_payments_by_wallet_fail_for_40_minutes(self):
        begin, end = make_sample.WALLET_OUTAGE
        self.assertEqual(end - begin, 40 * MINUTE)
        self.assertGreater(self.failed_share("wallet", begin, end), 0.7)
        self.assertLess(self.failed_share("wallet", 0, begin), 0.05)
        self.assertLess(self.failed_share("wallet", end, 2 * DAY), 0.05)
        self.assertLess(self.failed_share("card", begin, end), 0.1)

    def test_warehouse_south_stands_still_for_90_minutes_and_then_catches_up(self):
        begin, end = make_sample.SOUTH_STALL
        self.assertEqual(end - begin, 90 * MINUTE)
        steps = [event for kind in ("order.picked", "order.packed", "order.shipped") for event in self.of_type(kind)]
        south = [event["at"] for event in steps if event["data"]["warehouse"] == "south"]
        north = [event["at"] for event in steps if event["data"]["warehouse"] == "north"]
        self.assertEqual(sum(begin <= at < end for at in south), 0)
        self.assertGreater(sum(begin <= at < end for at in north), 50)
        self.assertGreater(sum(end <= at < end + HOUR for at in south), 100)

    def test_stock_never_falls_below_zero_and_one_place_runs_out(self):
        on_hand = {}
        seen = set()
        for event in self.events:
            data = event["data"]
            place = data.get("sku"), data.get("warehouse")
            if (event["source"], event["id"]) in seen or data.get("on_hand", 0) < 0:
                continue
            seen.add((event["source"], event["id"]))
            if event["type"] == "stock.level":
                on_hand[place] = data["on_hand"]
            elif event["type"] == "stock.moved":
                on_hand[place] += data["qty"]
                self.assertGreaterEqual(on_hand[place], 0, event)
        self.assertEqual([place for place, units in on_hand.items() if units == 0], [make_sample.SCARCE])

    def test_amounts_are_the_sums_of_their_lines(self):
        cents = lambda text: round(float(text) * 100)
        for event in self.of_type("order.placed"):
            lines = event["data"]["lines"]
            self.assertEqual(cents(event["data"]["amount"]), sum(line["qty"] * cents(line["price"]) for line in lines))


if __name__ == "__main__":
    unittest.main()
