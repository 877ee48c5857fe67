"""kill -9 at random moments under load: nothing acknowledged is lost, nothing counts twice.

    kill_test.py CYCLES [SEED]

The ledger of what was acknowledged is written and synced by the senders, not by the program under test."""

import http.client
import json
import os
import pathlib
import queue
import random
import signal
import sys
import tempfile
import threading
import time
import unittest

from purvey_server import Server, purvey

CYCLES = int(sys.argv[1]) if len(sys.argv) > 1 else 20  # of each test
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(1 << 32)
SENDERS = 3
ORDERS_A_BATCH = 50
ACCEPTING_WITHIN = 3.0  # seconds from the start of a process to its first acknowledgement


def batch_of(first):
    """Orders placed and paid, each 20 ms of event time after the one before; 12.34 each."""
    lines = []
    for number in range(first, first + ORDERS_A_BATCH):
        micros = number * 20_000
        for kind, after, data in (
                ("placed", 0, {"customer_id": f"c{number % 97}", "currency": "CNY", "amount": 12.34, "channel": "app",
                               "lines": [{"sku": f"s{number % 13}", "qty": 1, "price": 12.34}]}),
                ("paid", 5_000, {})):
            seconds, rest = divmod(micros + after, 1_000_000)
            when = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(1_767_225_600 + seconds))
            lines.append(json.dumps({"specversion": "1.0", "id": f"{kind}-{number}", "source": "/shop",
                                     "type": f"order.{kind}", "time": f"{when}.{rest:06}Z",
                                     "data": {"order_id": f"O{number}", **data}}))
    return "\n".join(lines).encode()


class Load:
    """Senders that post batches, note what was acknowledged, and send a fifth of that again."""

    def __init__(self, ledger):
        self.ledger = ledger.open("ab")
        self.lock = threading.Lock()
        self.unsure = queue.SimpleQueue()  # batches without an answer: sent again until there is one
        self.next = 0
        self.acknowledged = []
        self.again = 0
        self.address = None
        self.first_answer = None
        self.ending = False
        self.given_up = False
        self.failures = []
        self.threads = [threading.Thread(target=self.send, args=(random.Random(SEED + i),)) for i in range(SENDERS)]

    def start(self):
        for thread in self.threads:
            thread.start()

    def end(self):
        """Every batch that was begun gets its answer."""
        self.ending = True
        for thread in self.threads:
            thread.join(120)
        self.ledger.close()

    def give_up(self):
        """After a failure: what has no answer gets none."""
        self.given_up = True

    def take(self):
        if self.given_up:
            return None
        try:
            return self.unsure.get_nowait()
        except queue.Empty:
            pass
        if self.ending:
            return None
        with self.lock:
            first = self.next
            self.next += ORDERS_A_BATCH
            return first

    def send(self, chance):
        address, connection = None, http.client.HTTPConnection("127.0.0.1")
        while (first := self.take()) is not None:
            try:
                if address != self.address:
                    address = self.address
                    connection.close()
                    connection = http.client.HTTPConnection(*address, timeout=20)
                self.post(connection, first)
                if chance.random() < 0.2:
                    self.post(connection, chance.choice(self.acknowledged))
                    self.again += 1
            except (OSError, http.client.HTTPException):
                self.unsure.put(first)
                address = None
                connection.close()
                time.sleep(0.01)
        connection.close()

    def post(self, connection, first):
        connection.request("POST", "/api/v1/events", batch_of(first), {"content-type": "application/x-ndjson"})
        answer = connection.getresponse()
        said = answer.read()
        if answer.status in (429, 503):
            time.sleep(0.05)
            raise http.client.HTTPException("told to wait")
        if answer.status != 202:
            self.failures.append((answer.status, said))
            return
        with self.lock:
            self.ledger.write(f"{first}\n".encode())
            self.ledger.flush()
            os.fsync(self.ledger.fileno())
            self.acknowledged.append(first)
            if self.first_answer is None:
                self.first_answer = time.monotonic()


class Kills(unittest.TestCase):
    def test_nothing_is_lost_and_nothing_counts_twice(self):
        self.run_load(keeps_journal=True)

    def test_the_same_where_the_journal_goes_once_results_are_committed(self):
        self.run_load(keeps_journal=False)

    def run_load(self, keeps_journal):
        print(f"seed {SEED}")
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        folder = pathlib.Path(scratch.name)
        (folder / "purvey.toml").write_text(
            f'[store]\ncommit_interval = "1s"\n[journal]\nkeep = {str(keeps_journal).lower()}\nsegment = "1MiB"\n',
            encoding="utf-8")
        load = Load(folder / "ledger")
        server = self.start(folder, load)
        self.addCleanup(load.give_up)
        load.start()
        slowest = self.kill_again_and_again(folder, load, server)
        load.end()
        self.assertEqual(load.failures, [])
        self.check(folder, load, keeps_journal)
        print(f"{CYCLES} kills, {len(set(load.acknowledged)) * ORDERS_A_BATCH * 2:,} events acknowledged, "
              f"{load.again} batches sent again; accepting after at most {slowest:.2f} s")

    def start(self, folder, load):
        load.began = time.monotonic()
        load.first_answer = None
        self.server = Server(folder)
        self.addCleanup(lambda server=self.server: server.process.poll() is None and server.process.kill())
        host, port = self.server.url.removeprefix("http://").rsplit(":", 1)
        load.address = (host, int(port))
        return self.server

    def kill_again_and_again(self, folder, load, server):
        chance = random.Random(SEED)
        slowest = 0.0
        for _ in range(CYCLES):
            # Now and then before it takes anything: while it recovers.
            if chance.random() < 0.8:
                slowest = max(slowest, self.wait_for_answer(load))
                time.sleep(chance.uniform(0.0, 0.6))
            else:
                time.sleep(chance.uniform(0.0, 0.05))
            server.process.send_signal(signal.SIGKILL)  # the worker dies with it
            server.process.wait()
            load.first_answer = None
            (folder / "server.log").unlink()
            server = self.start(folder, load)
        return max(slowest, self.wait_for_answer(load))

    def wait_for_answer(self, load):
        end = time.monotonic() + 30
        while load.first_answer is None:
            self.assertLess(time.monotonic(), end, "no event is taken any more")
            time.sleep(0.002)
        took = load.first_answer - load.began
        self.assertLess(took, ACCEPTING_WITHIN)
        return took

    def check(self, folder, load, keeps_journal):
        ledger = {int(line) for line in (folder / "ledger").read_text(encoding="ascii").splitlines()}
        self.assertEqual(ledger, set(range(0, load.next, ORDERS_A_BATCH)), "every batch was acknowledged in the end")
        orders = len(ledger) * ORDERS_A_BATCH
        self.ask_the_api(orders)
        self.assertEqual(self.server.stop(), 0)
        ask = lambda sql: json.loads(purvey("sql", "--data", "data", "--json", sql, cwd=folder))[0]
        self.assertEqual(ask("select count(*) as n, count(distinct order_id) as ids, count(paid_at) as paid, "
                             "sum(amount)::decimal(18,2)::varchar as money from orders"),
                         {"n": orders, "ids": orders, "paid": orders, "money": f"{orders * 1234 // 100}.{orders * 1234 % 100:02}"})
        self.assertEqual(ask("select count(*) as n, count(distinct order_id) as ids from order_step where step = 'paid'"),
                         {"n": orders, "ids": orders})
        for seconds in (60, 600, 3600, 86400):
            for metric, expected in (("orders_placed", orders), ("orders_paid", orders), ("gmv", orders * 12.34)):
                total = ask(f"select sum(value) as v from kpi_latest where metric = '{metric}' and dimensions = '{{}}' "
                            f"and window_seconds = {seconds}")["v"]
                self.assertAlmostEqual(total, expected, delta=1e-6 * expected, msg=f"{metric} {seconds}")
        received = ask("select sum(n)::bigint as n, sum(n) filter (verdict = 'accepted')::bigint as accepted, "
                       "sum(n) filter (verdict in ('accepted', 'duplicate'))::bigint as known from quality")
        self.assertEqual(received["accepted"], orders * 2)
        self.assertEqual(received["n"], received["known"])
        if not keeps_journal:
            return
        digest = purvey("digest", "--data", "data", cwd=folder).strip()
        self.assertIn(digest, purvey("replay", "--journal", "data/journal", "--json", cwd=folder))

    def ask_the_api(self, orders):
        end = time.monotonic() + 30
        while (quality := self.server.ask("/api/v1/quality")[1])[0]["accepted"] < orders * 2:
            self.assertLess(time.monotonic(), end, quality)
            time.sleep(0.05)
        self.assertEqual(quality[0]["accepted"], orders * 2)
        self.assertEqual(quality[0]["accepted"] + quality[0]["duplicate"], quality[0]["received"])
        for number in random.Random(SEED).sample(range(orders), 50):
            self.assertEqual(self.server.ask(f"/api/v1/orders/O{number}")[1]["status"], "paid")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
