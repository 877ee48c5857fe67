"""SQL while a server runs, and after it was killed: what was acknowledged is in the answer, and nobody is held up."""

import json
import pathlib
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

from purvey_server import Server, order, purvey, tried

LONG = "select count(*) from range(1000000000) a, range(1000000000) b where a.range * b.range % 7 = 3"
COUNT = "select count(*)::int as n from orders"


class SqlTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.settings('[store]\ncommit_interval = "1h"\n[journal]\nkeep = true\n')

    def settings(self, text):
        (self.folder / "purvey.toml").write_text(text, encoding="utf-8")

    def start(self):
        server = Server(self.folder)
        self.addCleanup(lambda: server.process.poll() is None and server.process.kill())
        return server

    def rows(self, question, *more):
        return json.loads(purvey("sql", "--data", "data", "--json", question, *more, cwd=self.folder))

    def post(self, server, sql, query="", token=True, kind="application/sql"):
        body = sql if isinstance(sql, bytes) else sql.encode()
        return server.ask("/api/v1/sql" + query, body, kind, token=server.token() if token else None)

    def ask_until_it_ends(self, server):
        """A long question that is in work until the server stops, whoever asks beside it."""
        try:
            while self.post(server, LONG)[0] == 429:
                time.sleep(0.01)
        except OSError:
            pass  # the server has stopped

    def test_what_was_acknowledged_is_in_the_answer(self):
        server = self.start()
        for number in range(5):
            self.assertEqual(server.send(order(number))[0], 202)
            self.assertEqual(self.rows(COUNT), [{"n": number + 1}])
        self.assertEqual(server.send(order(5))[0], 202)
        self.assertEqual(self.rows(COUNT, "--committed"), [{"n": 5}])
        self.assertEqual(self.post(server, COUNT, "?fresh=false"), (200, [{"n": 5}]))
        self.assertEqual(self.post(server, COUNT), (200, [{"n": 6}]))
        self.assertEqual(self.post(server, COUNT, "?fresh=false"), (200, [{"n": 6}]))
        self.assertEqual(server.stop(), 0)
        self.assertEqual(self.rows(COUNT), [{"n": 6}])
        again = json.loads(purvey("replay", "--journal", "data/journal", "--json", cwd=self.folder))
        self.assertEqual(again["digest"], purvey("digest", "--data", "data", cwd=self.folder).strip())

    def test_the_same_forms_as_from_a_folder(self):
        server = self.start()
        question = "select 1 as a, 'x,y' as b union all select 2, null order by a"
        live = [purvey("sql", "--data", "data", *form, question, cwd=self.folder) for form in ([], ["--json"])]
        self.assertEqual(purvey("sql", "--server", server.url, "--token", "data/admin.token", question,
                                cwd=self.folder), live[0])
        purvey("sql", "--data", "data", "--out", "answer.csv", question, cwd=self.folder)
        self.assertEqual((self.folder / "answer.csv").read_bytes(), b'a,b\r\n1,"x,y"\r\n2,\r\n')
        self.assertEqual(server.stop(), 0)
        self.assertEqual([purvey("sql", "--data", "data", *form, question, cwd=self.folder)
                          for form in ([], ["--json"])], live)

    def test_the_administrator_alone_may_ask_also_on_loopback(self):
        server = self.start()
        self.assertEqual(self.post(server, "select 1", token=False)[0], 401)
        self.assertEqual(server.ask("/api/v1/sql", b"select 1", "application/sql", token="0" * 64)[0], 401)
        (self.folder / "wrong").write_text("0" * 64)
        status, out, err = tried("sql", "--server", server.url, "--token", "wrong", "select 1", cwd=self.folder)
        self.assertEqual((status, out, err.count("\n")), (2, "", 1), err)
        self.assertIn("wrong", err)
        self.assertEqual(server.stop(), 0)

    def test_a_question_changes_nothing_and_reads_nothing_else(self):
        server = self.start()
        self.assertEqual(server.send(order(1))[0], 202)
        for sql in ("", ";", "-- nothing", "selec 1", "select 1; select 2", "drop view orders", "create table t (a int)",
                    "insert into orders values (1)", "copy (select 1) to 'x.csv'", "attach 'x.db'", "install httpfs",
                    "set threads = 8", "call pragma_version()", "export database 'x'",
                    "select * from read_text('/etc/hostname')", "select * from '/etc/passwd'",
                    f"select * from read_text('{server.data}/admin.token')", f"select * from '{server.data}/state.db'",
                    "select * from glob('/etc/*')", "select ?", "select * from nothing", "select 1\0", b"select '\xff'",
                    "select error('no')", "select 1/'a'", "(" * 5000 + "1" + ")" * 5000, "select 1" + " " * (2 << 20)):
            with self.subTest(sql=sql[:60]):
                status, answer = self.post(server, sql)
                self.assertEqual(status, 400, answer)
                self.assertTrue(answer["error"]["message"])
        for query in ("?form=xml", "?form=", "?fresh=yes", "?rows=0", "?rows=-1", "?rows=x", "?rows=99999999999999999999",
                      "?seconds=0", "?seconds=61", "?seconds=1.5", "?sql=select", "?rows=1&rows=2"):
            with self.subTest(query=query):
                self.assertEqual(self.post(server, "select 1", query)[0], 400)
        self.assertEqual(self.post(server, "select 1", kind="application/json")[0], 415)
        self.assertEqual(server.ask("/api/v1/sql", token=server.token())[0], 405)
        self.assertEqual(self.post(server, COUNT), (200, [{"n": 1}]))
        self.assertEqual(server.stop(), 0)
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["data", "purvey.toml", "server.log"])

    def test_too_many_rows_bytes_or_seconds_are_cut_off_and_said_to_be(self):
        self.settings('[sql]\nrows = 3000\nanswer = "64KiB"\ntime = "2s"\nmemory = "64MiB"\n')
        server = self.start()
        for question, query, shown, why in (("select * from range(3000)", "", 3000, None),
                                            ("select * from range(3001)", "", 3000, "rows"),
                                            ("select * from range(10)", "?rows=3", 3, "rows"),
                                            ("select repeat('x', 30) from range(3000)", "", None, "bytes")):
            request = urllib.request.Request(f"{server.url}/api/v1/sql{query}", data=question.encode(), headers={
                "content-type": "text/plain", "authorization": f"Bearer {server.token()}"})
            with urllib.request.urlopen(request, timeout=20) as answer:
                rows = json.load(answer)
                self.assertEqual(answer.headers["purvey-truncated"], why, question)
            if shown is not None:
                self.assertEqual(len(rows), shown)
            else:
                self.assertTrue(0 < len(rows) < 3000, len(rows))
        status, out, err = tried("sql", "--data", "data", "select * from range(6000)", cwd=self.folder)
        self.assertEqual((status, out.count("\n"), err.count("cut off")), (0, 3001, 1))
        began = time.monotonic()
        status, answer = self.post(server, LONG)
        self.assertEqual((status, answer["error"]["code"]), (400, "exhausted"))
        self.assertLess(time.monotonic() - began, 10)
        status, answer = self.post(server, "select list(range) from range(100000000)")
        self.assertEqual(status, 400, answer)
        self.assertEqual(server.stop(), 0)

    def test_a_long_question_holds_up_nobody(self):
        server = self.start()
        asking = [threading.Thread(target=self.ask_until_it_ends, args=(server,)) for _ in range(2)]
        for one in asking:
            one.start()
        end = time.monotonic() + 10
        while (refused := self.post(server, "select 1", "?fresh=false"))[0] == 200 and time.monotonic() < end:
            time.sleep(0.05)
        self.assertEqual(refused[0], 429, refused)
        for number in range(50):
            self.assertEqual(server.send(order(number))[0], 202)
        began = time.monotonic()
        self.assertEqual(server.ask("/api/v1/quality")[0], 200)
        self.assertLess(time.monotonic() - began, 2)
        status, out, err = tried("sql", "--data", "data", COUNT, cwd=self.folder)
        self.assertEqual((status, out), (3, ""))
        self.assertIn("ask again", err)
        began = time.monotonic()
        self.assertEqual(server.stop(), 0)
        self.assertLess(time.monotonic() - began, 20)
        for one in asking:
            one.join()
        self.assertEqual(self.rows(COUNT), [{"n": 50}])

    def test_after_a_kill_the_folder_answers_with_all_that_was_acknowledged(self):
        self.settings('[store]\ncommit_interval = "1h"\n[journal]\nkeep = true\n[site]\ntimezone = "Asia/Shanghai"\n')
        server = self.start()
        for number in range(30):
            self.assertEqual(server.send(order(number))[0], 202)
        server.kill()
        (self.folder / "elsewhere").mkdir()
        # The settings of the server hold, wherever the question is asked.
        answer = purvey("sql", "--data", "../data", "--json", COUNT, cwd=self.folder / "elsewhere")
        self.assertEqual(json.loads(answer), [{"n": 30}])
        replayed = json.loads(purvey("replay", "--journal", "data/journal", "--json", cwd=self.folder))
        self.assertEqual(replayed["digest"], purvey("digest", "--data", "data", cwd=self.folder).strip())
        server = self.start()
        self.assertEqual(server.send(order(30))[0], 202)
        server.kill()
        self.settings("[site]\ntimezone = 5\n")
        status, out, err = tried("digest", "--data", "data", cwd=self.folder)
        self.assertEqual((status, out), (2, ""))
        self.assertIn("start the server once", err)

    def test_what_only_a_folder_can_give_says_which_server_is_in_the_way(self):
        server = self.start()
        for command in (["digest"], ["export", "--csv", "tables"]):
            status, out, err = tried(*command, "--data", "data", cwd=self.folder)
            self.assertEqual((status, out, err.count("\n")), (3, "", 1))
            self.assertIn(server.url, err)
        self.assertEqual(server.stop(), 0)
        self.assertEqual(tried("export", "--csv", "tables", "--data", "data", cwd=self.folder)[0], 0)

    def test_a_server_with_tls_is_found_and_known_by_its_certificate(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=shop",
                        "-keyout", "key.pem", "-out", "certificate.pem"], cwd=self.folder, check=True,
                       capture_output=True)
        (self.folder / "key.pem").chmod(0o600)
        self.settings('[server]\ncertificate = "certificate.pem"\nkey = "key.pem"\n')
        server = self.start()
        self.assertTrue(server.url.startswith("https://"))
        self.assertEqual(self.rows("select 1 as one"), [{"one": 1}])
        status, _, err = tried("sql", "--server", server.url, "--token", "data/admin.token", "select 1", cwd=self.folder)
        self.assertEqual(status, 3)
        self.assertIn("certificate", err)
        self.assertEqual(server.stop(), 0)

    def test_what_is_typed_wrong_is_told_in_one_line(self):
        server = self.start()
        for arguments, word in ((["--server", "localhost:1"], "http://"), (["--server", "http://example.com"], "https://"),
                                (["--server", "http://127.0.0.1:1", "--token", "data/admin.token"], "127.0.0.1"),
                                (["--server", server.url, "--token", "none"], "--token FILE"),
                                (["--data", "data", "--memory", "100"], "[sql] memory"),
                                (["--server", server.url + "/x", "--token", "data/admin.token"], "openapi"),
                                (["--data", "nothing"], "nothing")):
            status, out, err = tried("sql", *arguments, "select 1", cwd=self.folder)
            self.assertIn(status, (2, 3), err)
            self.assertEqual((out, err.count("\n")), ("", 1), err)
            self.assertIn(word, err)
        self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    unittest.main()
