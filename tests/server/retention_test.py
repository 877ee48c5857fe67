"""A server whose disk is full, as its clients meet it."""

import json
import pathlib
import tempfile
import time
import unittest
import urllib.error
import urllib.request

from purvey_server import Server, order, purvey

MIB = 1 << 20


class RetentionTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        (self.folder / "purvey.toml").write_text(
            '[store]\ncommit_interval = "1s"\n[retention]\ndisk = "64MiB"\n', encoding="utf-8")

    def start(self):
        server = Server(self.folder)
        self.addCleanup(lambda: server.process.poll() is None and server.process.kill())
        return server

    def figure(self, server, name):
        with urllib.request.urlopen(server.url + "/metrics", timeout=20) as page:
            lines = [line for line in page.read().decode().splitlines() if line.startswith(name)]
        return float(lines[0].split()[-1])

    def wait_until(self, condition):
        end = time.monotonic() + 30
        while not condition():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.05)

    def test_a_full_folder_refuses_events_answers_questions_and_goes_on_when_there_is_room(self):
        server = self.start()
        self.assertEqual(server.send(order(1))[0], 202)
        ballast = self.folder / "data" / "ballast"
        with ballast.open("wb") as file:
            file.truncate(70 * MIB)
        self.wait_until(lambda: server.ask("/readyz")[0] == 503)
        status, why = server.ask("/readyz")
        self.assertEqual((status, why["error"]["code"]), (503, "full"))
        self.assertIn("[retention] disk", why["error"]["message"])

        request = urllib.request.Request(server.url + "/api/v1/events", data=json.dumps(order(2)[0]).encode(),
                                         headers={"content-type": "application/json"})
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=20)
        with refused.exception as answer:
            self.assertEqual((answer.code, answer.headers["Retry-After"]), (429, "1"))
            self.assertEqual(json.load(answer)["error"]["message"], why["error"]["message"])
        self.wait_until(lambda: self.figure(server, "purvey_intake_refused") == 1)
        self.assertGreater(self.figure(server, "purvey_data_folder_bytes"), 64 * MIB)
        self.assertEqual(server.ask("/api/v1/orders/O1")[0], 200)
        self.assertEqual(json.loads(purvey("sql", "--data", "data", "--json", "select count(*) as n from orders",
                                           cwd=self.folder)), [{"n": 1}])
        self.assertIn("which is all that it may", server.log.read_text(encoding="utf-8"))

        ballast.unlink()
        self.wait_until(lambda: server.ask("/readyz")[0] == 200)
        self.assertEqual(server.send(order(2))[0], 202)
        self.assertEqual(server.stop(), 0)

    def test_the_journal_goes_before_anything_is_refused_or_dropped(self):
        (self.folder / "purvey.toml").write_text(
            '[store]\ncommit_interval = "1s"\n[journal]\nsegment = "1MiB"\n[retention]\ndisk = "64MiB"\n'
            'drop_oldest = true\n', encoding="utf-8")
        server = self.start()
        segments = lambda: sorted((self.folder / "data" / "journal").glob("segment-*.db"))
        number = 0
        while len(segments()) < 3:
            self.assertEqual(server.send([one for n in range(number, number + 500) for one in order(n)])[0], 202)
            number += 500
        first = segments()[0]
        time.sleep(2)
        self.assertTrue(first.exists(), "the journal is kept while there is room")
        ballast = self.folder / "data" / "ballast"
        with ballast.open("wb") as file:
            file.truncate(70 * MIB)
        self.wait_until(lambda: not first.exists())
        ballast.unlink()
        self.assertEqual(server.stop(), 0)
        self.assertEqual(json.loads(purvey("sql", "--data", "data", "--json", "select count(*) as n from orders",
                                           cwd=self.folder)), [{"n": number}])


if __name__ == "__main__":
    unittest.main()
