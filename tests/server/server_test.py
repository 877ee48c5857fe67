"""purvey run as its clients meet it: what is acknowledged counts once, whatever happens to the process."""

import gzip
import hashlib
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

from purvey_server import PROGRAM, Server, event, order, purvey


class ServerTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        (self.folder / "purvey.toml").write_text('[store]\ncommit_interval = "1s"\n[journal]\nkeep = true\n',
                                                 encoding="utf-8")

    def start(self):
        server = Server(self.folder)
        self.addCleanup(lambda: server.process.poll() is None and server.process.kill())
        return server

    def sql(self, question):
        return json.loads(purvey("sql", "--data", "data", "--json", question, cwd=self.folder))

    def check(self, server, path, expected):
        """At once: who asks after an answer 202 asks behind it."""
        self.assertEqual(server.ask(path), expected)

    def test_events_in_and_answers_out(self):
        server = self.start()
        self.assertEqual(server.send(order(1)), (202, {"accepted": 2, "rejected": []}))
        self.check(server, "/api/v1/verdict?source=/shop&id=order.paid-1",
                   (200, {"source": "/shop", "id": "order.paid-1", "verdict": "accepted"}))
        self.assertEqual(server.ask("/api/v1/orders/O1"),
                         (200, {"order_id": "O1", "status": "paid", "placed_at": "2026-01-01T00:00:20Z",
                                "paid_at": "2026-01-01T00:00:25Z"}))
        self.assertEqual(server.ask("/api/v1/orders/O2")[0], 404)
        level = event(1, "stock.level", 60, {"sku": "A", "warehouse": "W", "on_hand": 7})
        self.assertEqual(server.ask("/api/v1/events", json.dumps(level).encode(), "application/cloudevents+json")[0], 202)
        self.check(server, "/api/v1/stock?sku=A&warehouse=W", (200, {"sku": "A", "warehouse": "W", "on_hand": 7,
                                                                     "reserved": 0, "in_transit": 0, "available": 7}))
        self.check(server, "/api/v1/stock?sku=A", (200, [{"sku": "A", "warehouse": "W", "on_hand": 7,
                                                          "reserved": 0, "in_transit": 0, "available": 7}]))
        self.assertEqual(server.stop(), 0)
        self.assertEqual(self.sql("select order_id, status from orders"), [{"order_id": "O1", "status": "paid"}])

    def test_a_message_says_which_of_its_events_were_not_taken(self):
        server = self.start()
        status, answer = server.send([*order(1), {"id": "x"}])
        self.assertEqual((status, answer["accepted"]), (202, 2))
        self.assertEqual([(one["index"], one["reason"].split(":")[0]) for one in answer["rejected"]],
                         [(2, "missing_field")])
        self.assertEqual(server.send([{"id": "x"}])[0], 400)
        broken = server.ask("/api/v1/events", b"[{}", "application/cloudevents-batch+json")
        self.assertEqual(broken[0], 400)
        self.assertIn("ends in the middle", broken[1]["error"]["message"])
        self.assertEqual(server.ask("/api/v1/events", b"x", "text/plain")[0], 415)
        self.assertEqual(server.stop(), 0)
        self.assertEqual(self.sql("select verdict, sum(n)::int as n from quality group by 1 order by 1"),
                         [{"verdict": "accepted", "n": 2}, {"verdict": "rejected", "n": 2}])

    def test_a_killed_worker_is_started_again_and_nothing_is_lost_or_doubled(self):
        server = self.start()
        sent = []
        for kill in range(4):
            for number in range(len(sent), len(sent) + 50):
                self.assertEqual(server.send(order(number))[0], 202)
                sent.append(number)
            began = time.monotonic()
            os.kill(server.worker(), signal.SIGKILL)
            server.url = server.wait_for_url(kill + 1)
            self.assertLess(time.monotonic() - began, 3)
            again = [one for number in sent[::5] for one in order(number)]
            self.assertEqual(server.send(again), (202, {"accepted": len(again), "rejected": []}))
        self.assertEqual(server.stop(), 0)
        rows = self.sql("select (select count(*) from orders) as orders, (select count(*) from order_step) as steps")
        self.assertEqual(rows, [{"orders": len(sent), "steps": len(sent)}])
        received = {row["verdict"]: row["n"]
                    for row in self.sql("select verdict, sum(n)::int as n from quality group by 1")}
        self.assertEqual(received["accepted"], 2 * len(sent))
        self.assertEqual(received["accepted"] + received["duplicate"], 2 * (50 * 4 + 10 * (1 + 2 + 3 + 4)))
        self.assertEqual(purvey("replay", "--journal", "data/journal", "--json", cwd=self.folder).count(
            purvey("digest", "--data", "data", cwd=self.folder).strip()), 1)

    def test_kpis_are_asked_by_name_and_window_and_a_wrong_name_is_told_the_right_one(self):
        server = self.start()
        self.assertEqual(server.send(order(1))[0], 202)
        status, rows = server.ask("/api/v1/kpis?metric=orders_placed&window=86400")
        self.assertEqual(status, 200)
        self.assertEqual([(row["metric"], row["window_seconds"], row["value"], row["final"])
                          for row in rows if row["dimensions"] == {}], [("orders_placed", 86400, 1, False)])
        status, answer = server.ask("/api/v1/kpis?metric=order_placed")
        self.assertEqual(status, 400)
        self.assertIn("query: metric: 'order_placed'; write 'orders_placed'", answer["error"]["message"])
        status, answer = server.ask("/api/v1/kpis?window=61")
        self.assertEqual((status, answer["error"]["message"]),
                         (400, "query: window: '61'; write 60, 600, 3600 or 86400, in seconds"))
        self.assertEqual(server.stop(), 0)

    def test_the_document_names_every_path_and_the_figures_count(self):
        server = self.start()
        self.assertEqual(server.send([*order(1), {"id": "x"}])[0], 202)
        status, document = server.ask("/api/openapi.json")
        self.assertEqual((status, document["openapi"].split(".")[:2]), (200, ["3", "1"]))
        for path in ("/api/v1/events", "/api/v1/hooks/{name}", "/api/v1/orders/{id}", "/api/v1/stock", "/api/v1/kpis", "/api/v1/quality",
                     "/api/v1/verdict", "/api/v1/sql", "/api/v1/dead-letters",
                     "/api/v1/dead-letters/retry", "/api/v1/dead-letters/discard", "/healthz", "/readyz", "/metrics", "/api/openapi.json"):
            self.assertIn(path, document["paths"])
        with urllib.request.urlopen(server.url + "/metrics", timeout=20) as page:
            figures = page.read().decode()
        self.assertIn('purvey_intake_events_total{answer="accepted"} 2', figures)
        self.assertIn('purvey_intake_events_total{answer="rejected"} 1', figures)
        self.assertEqual(server.stop(), 0)

    def write_settings(self, text):
        """As an editor or a deployment does: the file is there whole, at once."""
        new = self.folder / "purvey.toml.new"
        new.write_text(text, encoding="utf-8")
        new.rename(self.folder / "purvey.toml")

    def wait_for_log(self, server, words):
        end = time.monotonic() + 20
        while words not in (log := server.log.read_text(encoding="utf-8")):
            self.assertLess(time.monotonic(), end, log)
            time.sleep(0.02)

    def test_settings_are_taken_while_it_runs_and_bad_ones_are_not(self):
        server = self.start()
        self.assertEqual(server.send(order(1))[0], 202)
        rule = '[[rule]]\nname = "any_order"\nmetric = "orders_placed"\nwindow = "1m"\nabove = 0\n'
        self.write_settings(rule + 'windw = "1m"\n')
        self.wait_for_log(server, "the settings from before stay in force")
        self.assertIn("purvey.toml:6: unknown key `rule[1].windw`; did you mean `window`?", server.log.read_text(encoding="utf-8"))
        self.assertIn("purvey_settings_in_force 0", self.metrics(server))
        self.assertEqual(server.send(order(2))[0], 202)

        answers = []
        sending = threading.Thread(target=lambda: answers.extend(server.send(order(n))[0] for n in range(3, 60)))
        sending.start()
        self.write_settings('[event]\nallowed_lateness = "2h"\n' + rule)
        self.wait_for_log(server, "new settings are in force")
        sending.join()
        self.assertEqual(answers, [202] * 57, "senders wait; nobody is refused")
        self.assertEqual(server.urls()[-1], server.urls()[0])
        self.assertIn("purvey_settings_in_force 1", self.metrics(server))

        # Of another zone the folder counts nothing: the settings before go on.
        self.write_settings('[site]\ntimezone = "Asia/Shanghai"\n')
        os.kill(server.process.pid, signal.SIGHUP)
        self.wait_for_log(server, "counts in [site] timezone UTC")
        self.assertEqual(server.send(order(60))[0], 202)
        self.assertEqual(server.stop(), 0)
        self.assertEqual(self.sql("select count(*) as n from orders"), [{"n": 60}])
        self.assertEqual(self.sql("select distinct rule from incident_step where rule = 'any_order'"),
                         [{"rule": "any_order"}])

    def test_a_worker_that_is_killed_is_followed_by_one_with_the_settings_that_were_taken(self):
        server = self.start()

        def kill():
            before = len(server.urls())
            os.kill(server.worker(), signal.SIGKILL)
            server.url = server.wait_for_url(before)

        self.assertEqual(server.send(order(1))[0], 202)
        self.write_settings("[server]\nauth = true\n")
        self.wait_for_log(server, "new settings are in force")
        self.assertEqual(server.send(order(2))[0], 401)
        kill()
        self.assertEqual(server.send(order(2))[0], 401)
        # A file that is refused changes nothing, through a kill either.
        self.write_settings("[servr]\n")
        self.wait_for_log(server, "the settings from before stay in force")
        kill()
        self.assertEqual(server.send(order(2))[0], 401)
        self.write_settings("[server]\nauth = false\n")
        end = time.monotonic() + 20
        while server.send(order(2))[0] != 202:
            self.assertLess(time.monotonic(), end, server.log.read_text(encoding="utf-8"))
            time.sleep(0.05)
        self.assertEqual(server.stop(), 0)

    def metrics(self, server):
        with urllib.request.urlopen(server.url + "/metrics", timeout=20) as page:
            return page.read().decode()

    def test_another_address_takes_tls_and_a_token(self):
        done = subprocess.run([PROGRAM, "run", "--data", "data", "--listen", "0.0.0.0:0"], cwd=self.folder,
                              capture_output=True, text=True, check=False, timeout=30)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("certificate", done.stderr)
        self.assertFalse((self.folder / "data").exists(), "a server that did not start leaves no folder")

    def test_where_everything_needs_a_token_there_is_no_answer_without(self):
        (self.folder / "purvey.toml").write_text("[server]\nauth = true\n", encoding="utf-8")
        server = self.start()
        self.assertEqual(server.send(order(1))[0], 401)
        self.assertEqual(server.ask("/healthz")[0], 200)
        token = (server.data / "admin.token").read_text(encoding="ascii").strip()
        request = urllib.request.Request(server.url + "/api/v1/quality", headers={"authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            self.assertEqual(answer.status, 200)
        self.assertEqual(os.stat(server.data / "admin.token").st_mode & 0o777, 0o600)
        self.assertEqual(server.stop(), 0)

    def test_a_token_opens_what_its_role_says(self):
        secrets = {"ingest": "i" * 32, "read": "r" * 32}
        (self.folder / "shop.token").write_text(secrets["ingest"] + "\n", encoding="utf-8")
        (self.folder / "shop.token").chmod(0o600)
        (self.folder / "purvey.toml").write_text(
            '[server]\nauth = true\n[[token]]\nname = "shop"\nrole = "ingest"\nsecret_file = "shop.token"\n'
            f'[[token]]\nname = "board"\nrole = "read"\nsha256 = "{hashlib.sha256(secrets["read"].encode()).hexdigest()}"\n',
            encoding="utf-8")
        server = self.start()
        body = json.dumps(order(1)[0]).encode()
        for token, sends, reads, asks in ((None, 401, 401, 401), ("x" * 32, 401, 401, 401), (secrets["ingest"], 202, 403, 403),
                                          (secrets["read"], 403, 200, 403), (server.token(), 202, 200, 200)):
            self.assertEqual(server.ask("/api/v1/events", body, token=token)[0], sends)
            self.assertEqual(server.ask("/api/v1/quality", token=token)[0], reads)
            self.assertEqual(server.ask("/api/v1/dead-letters", token=token)[0], reads)
            self.assertEqual(server.ask("/api/v1/sql", b"select 1", "application/sql", token=token)[0], asks)
        self.assertEqual(server.stop(), 0)
        (self.folder / "shop.token").chmod(0o644)
        done = subprocess.run([PROGRAM, "check", "-c", "purvey.toml"], cwd=self.folder, capture_output=True, text=True,
                              check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("chmod 600", done.stderr)

    def test_packed_messages_and_bombs(self):
        server = self.start()
        packed = gzip.compress("\n".join(json.dumps(one) for one in order(1)).encode())
        request = urllib.request.Request(server.url + "/api/v1/events", data=packed,
                                         headers={"content-type": "application/x-ndjson", "content-encoding": "gzip"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            self.assertEqual(answer.status, 202)
        bomb = gzip.compress(b"\n" * (200 << 20))
        request = urllib.request.Request(server.url + "/api/v1/events", data=bomb,
                                         headers={"content-type": "application/x-ndjson", "content-encoding": "gzip"})
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=20)
        self.assertEqual(refused.exception.code, 413)
        refused.exception.close()
        self.assertEqual(server.send(order(2))[0], 202)
        self.assertEqual(server.stop(), 0)

    def test_a_second_server_on_the_folder_says_so_and_ends(self):
        server = self.start()
        done = subprocess.run([PROGRAM, "run", "--data", server.data, "--listen", "127.0.0.1:0"], cwd=self.folder,
                              capture_output=True, text=True, check=False, timeout=30)
        self.assertEqual(done.returncode, 3)
        self.assertIn("is using this data folder", done.stderr)
        self.assertNotIn("starting it again", done.stderr)
        self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    unittest.main()
