"""Dead letters of a server and of a stopped folder: looked at, retried, discarded; what was done is history."""

import json
import pathlib
import tempfile
import time
import unittest
import urllib.parse

from purvey_server import Server, event, order, purvey, tried


def soon(number, seconds, name="placed"):
    """An order's event that lies in the future by the clock of this machine."""
    when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))
    return {**event(number, f"order.{name}", 0, {"order_id": f"F{number}", "customer_id": "Ann", "currency": "CNY",
                                                 "amount": 10, "lines": []}), "time": when}


class DeadLettersTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        (self.folder / "purvey.toml").write_text('[store]\ncommit_interval = "1h"\n[journal]\nkeep = true\n',
                                                 encoding="utf-8")

    def start(self):
        server = Server(self.folder)
        self.addCleanup(lambda: server.process.poll() is None and server.process.kill())
        return server

    def letters(self, *more):
        return json.loads(purvey("dead-letters", "list", "--data", "data", "--json", *more, cwd=self.folder))

    def do(self, verb, *more):
        status, out, err = tried("dead-letters", verb, "--data", "data", "--json", *more, cwd=self.folder)
        self.assertIn(status, (0, 1), err)
        return {one["seq"]: one.get("verdict", one.get("reason", "").split(":")[0]) for one in json.loads(out)}

    def rows(self, question):
        return json.loads(purvey("sql", "--data", "data", "--json", question, cwd=self.folder))

    def post(self, server, verb, body, token=True):
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        return server.ask(f"/api/v1/dead-letters/{verb}", text, "application/json", token=server.token() if token else None)

    def check_journal(self):
        """What the journal gives is what the folder holds."""
        again = json.loads(purvey("replay", "--journal", "data/journal", "--json", cwd=self.folder))
        self.assertEqual(again["digest"], purvey("digest", "--data", "data", cwd=self.folder).strip())

    def some_letters(self, server):
        """1 and 2 count; 3 conflicts; 4 is impossible; 5 has no order; 6 is no JSON."""
        self.assertEqual(server.send([*order(1), {**order(1)[0], "time": "2026-01-01T00:00:21Z"},
                                      event(4, "stock.level", 9, {"sku": "A", "warehouse": "W", "on_hand": -1}),
                                      event(5, "order.paid", 9, {}, source="/erp's")])[0], 202)
        server.ask("/api/v1/events", b"nothing\n")

    def test_they_are_listed_with_filters_and_pages(self):
        server = self.start()
        self.some_letters(server)
        listed = self.letters()
        self.assertEqual([(one["seq"], one["verdict"], one["reason"].split(":")[0]) for one in listed],
                         [(3, "conflict", "same_id_other_payload"), (4, "quarantined", "out_of_range"),
                          (5, "rejected", "missing_field"), (6, "rejected", "not_json")])
        for arguments, seqs in ((["--verdict", "rejected"], [5, 6]), (["--reason", "out_of_range"], [4]),
                                (["--source", "/erp's"], [5]), (["--since", "2999-01-01T00:00:00Z"], []),
                                (["--limit", "2"], [3, 4]), (["--after", "4"], [5, 6]), (["4", "6"], [4, 6]),
                                (["--state", "all"], [3, 4, 5, 6]), (["--state", "discarded"], [])):
            self.assertEqual([one["seq"] for one in self.letters(*arguments)], seqs, arguments)
        for arguments, is_cut in ((["--limit", "3"], True), (["--limit", "4"], False)):
            err = tried("dead-letters", "list", "--data", "data", *arguments, cwd=self.folder)[2]
            self.assertEqual("cut off; --limit N shows more, --after SEQ those behind one" in err, is_cut, err)
        pages, cursor = [], ""
        while True:
            status, page = server.ask(f"/api/v1/dead-letters?limit=3{cursor}")
            self.assertEqual(status, 200)
            pages.append([one["seq"] for one in page["dead_letters"]])
            if page["cursor"] is None:
                break
            cursor = f"&cursor={page['cursor']}"
        self.assertEqual(pages, [[3, 4, 5], [6]])
        received = urllib.parse.urlencode({"since": page["dead_letters"][0]["received"]})
        status, since = server.ask(f"/api/v1/dead-letters?{received}")
        self.assertEqual((status, [one["seq"] for one in since["dead_letters"]]), (200, [6]), "a time told is a time taken")
        status, page = server.ask("/api/v1/dead-letters?" + urllib.parse.urlencode({"source": "/erp's"}))
        self.assertEqual([one["seq"] for one in page["dead_letters"]], [5])
        self.assertEqual(server.stop(), 0)
        self.assertEqual([one["seq"] for one in self.letters()], [3, 4, 5, 6])
        status, out, err = tried("dead-letters", "list", "--data", "data", "--json", "--limit", "3", cwd=self.folder)
        self.assertEqual((status, [one["seq"] for one in json.loads(out)]), (0, [3, 4, 5]))
        self.assertIn("cut off after 3 rows; --limit N shows more", err)

    def test_a_retry_tells_the_verdict_and_counts_once(self):
        server = self.start()
        self.some_letters(server)
        self.assertEqual(self.do("retry", "--all"),
                         {3: "conflict", 4: "out_of_range", 5: "missing_field", 6: "not_json"})
        # What still cannot be taken stays as it is, without another letter.
        self.assertEqual([(one["seq"], one["outcome"]) for one in self.letters()],
                         [(3, "conflict"), (4, None), (5, None), (6, None)])
        self.assertEqual(self.do("retry", "99", "4"), {99: "no open dead letter has this number", 4: "out_of_range"})
        self.assertEqual(server.stop(), 0)
        self.check_journal()

    def test_what_lay_in_the_future_counts_when_its_time_has_come(self):
        server = self.start()
        # The limit is ten minutes: these are beyond it for two or three seconds more.
        events = [soon(number, 603) for number in range(20)]
        self.assertEqual(server.send(events), (202, {"accepted": 20, "rejected": []}))
        self.assertEqual(len(self.letters("--reason", "future")), 20)
        time.sleep(4)
        told = self.do("retry", "--reason", "future")
        self.assertEqual(set(told.values()), {"accepted"})
        self.assertEqual(self.rows("select count(*)::int as n, count(distinct customer)::int as people from orders"),
                         [{"n": 20, "people": 1}])
        self.assertEqual(self.letters(), [])
        self.assertEqual({one["state"] for one in self.letters("--state", "all")}, {"retried"})
        # The sender's own retry is the same event, of the same person.
        self.assertEqual(server.send(events)[0], 202)
        self.assertEqual(self.rows("select verdict, sum(n)::int as n from quality group by 1 order by 1"),
                         [{"verdict": "accepted", "n": 20}, {"verdict": "duplicate", "n": 20},
                          {"verdict": "quarantined", "n": 20}])
        server.kill()
        self.assertEqual(self.rows("select count(*)::int as n from orders"), [{"n": 20}])
        self.assertEqual({one["state"] for one in self.letters("--state", "all")}, {"retried"})
        self.check_journal()

    def test_discarded_ones_are_history_through_a_kill(self):
        server = self.start()
        self.some_letters(server)
        self.assertEqual(self.do("discard", "--verdict", "rejected"), {5: "", 6: ""})
        self.assertEqual([one["seq"] for one in self.letters()], [3, 4])
        server.kill()
        self.assertEqual([one["seq"] for one in self.letters()], [3, 4])
        server = self.start()
        self.assertEqual(self.do("discard", "5"), {5: "no open dead letter has this number"})
        self.assertEqual(self.do("discard", "--all"), {3: "", 4: ""})
        self.assertEqual(server.stop(), 0)
        self.assertEqual(self.letters(), [])
        self.assertEqual([(one["seq"], one["state"]) for one in self.letters("--state", "all")],
                         [(seq, "discarded") for seq in (3, 4, 5, 6)])
        self.check_journal()

    def test_a_stopped_folder_is_worked_on_as_a_server_would(self):
        server = self.start()
        self.some_letters(server)
        self.assertEqual(server.send([soon(7, 603)])[0], 202)
        self.assertEqual(server.stop(), 0)
        time.sleep(4)
        self.assertEqual(self.do("retry", "--reason", "future"), {7: "accepted"})
        self.assertEqual(self.do("discard", "3", "6"), {3: "", 6: ""})
        self.assertEqual([one["seq"] for one in self.letters()], [4, 5])
        self.assertEqual(self.rows("select count(*)::int as n from orders"), [{"n": 2}])
        self.check_journal()
        server = self.start()
        self.assertEqual(self.do("discard", "4"), {4: ""})
        self.assertEqual(server.stop(), 0)
        self.check_journal()

    def test_letters_of_a_replay_can_be_discarded(self):
        (self.folder / "events.ndjson").write_text(json.dumps(order(1)[0]) + "\nnothing\n", encoding="utf-8")
        purvey("replay", "events.ndjson", "--data", "data", cwd=self.folder)
        self.assertEqual([one["seq"] for one in self.letters()], [2])
        self.assertEqual(self.do("discard", "--all"), {2: ""})
        self.assertEqual(self.letters(), [])

    def test_thousands_are_worked_on_in_parts(self):
        server = self.start()
        server.ask("/api/v1/events", b"nothing\n" * 2_500)
        self.assertEqual(self.post(server, "discard", {"all": True})[1]["more"], True)
        self.assertEqual(len(self.do("retry", "--all")), 1_500)
        self.assertEqual(len(self.do("discard", "--all")), 1_500)
        self.assertEqual(self.letters(), [])
        self.assertEqual(server.stop(), 0)
        self.check_journal()

    def test_the_administrator_alone_changes_anything(self):
        server = self.start()
        self.some_letters(server)
        for verb in ("retry", "discard"):
            self.assertEqual(self.post(server, verb, {"all": True}, token=False)[0], 401)
        self.assertEqual(len(self.letters()), 4)
        self.assertEqual(server.stop(), 0)

    def test_bad_input_is_told_in_one_line(self):
        server = self.start()
        self.some_letters(server)
        for body in (b"", b"x", b"[]", b"{}", b"1", b'{"seqs":[]}', b'{"seqs":["4"]}', b'{"seqs":4}', b'{"seqs":[4.5]}',
                     b'{"seqs":[99999999999999999999]}', json.dumps({"seqs": [1] * 1001}).encode(), b'{"all":false}',
                     b'{"all":true,"seqs":[4]}', b'{"verdict":"accepted"}', b'{"verdict":4}', b'{"reason":"futur"}',
                     b'{"since":"yesterday"}', b'{"sources":"x"}', b'{"after":-1,"all":true}', b'{"after":5}',
                     b'{"source":"\xff"}', b"[" * 100_000):
            for verb in ("retry", "discard"):
                status, answer = self.post(server, verb, body)
                self.assertEqual(status, 400, (body[:40], answer))
        for query in ("verdict=late", "reason=x", "since=1", "state=none", "limit=0", "limit=1001", "cursor=x", "fresh=1",
                      "order=desc", "limit=1&limit=2"):
            self.assertEqual(server.ask(f"/api/v1/dead-letters?{query}")[0], 400, query)
        self.assertEqual(server.ask("/api/v1/dead-letters/retry")[0], 405)
        for arguments, word in ((["retry"], "--all"), (["discard", "--all", "4"], "--all"), (["list", "--verdict", "x"], "conflict"),
                                (["list", "--reason", "futur"], "future"), (["list", "--since", "x"], "2026-"),
                                (["list", "--state", "x"], "discarded"), (["retry", "x"], "x"),
                                (["list", "--data", "none"], "none"), (["retry", "--all", "--data", "none"], "none"), ([], "subcommand")):
            given = arguments if "--data" in arguments or not arguments else [*arguments, "--data", "data"]
            status, out, err = tried("dead-letters", *given, cwd=self.folder)
            self.assertEqual((status, out, err.count("\n")), (2, "", 1), (arguments, err))
            self.assertIn(word, err)
        self.assertEqual(len(self.letters()), 4)
        self.assertEqual(server.stop(), 0)
        self.assertFalse((self.folder / "none").exists())


if __name__ == "__main__":
    unittest.main()
