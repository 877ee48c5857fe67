"""A source taken back by the command: what is said before and after, what is refused, and kills in the midst of it."""

import json
import os
import pathlib
import pty
import random
import signal
import subprocess
import tempfile
import time
import unittest

from purvey_server import PROGRAM, Server, event, order, purvey, tried


def orders_of(source, count):
    """Orders of a source, each placed and paid, with ids and numbers that all sources share."""
    return [{**one, "source": source} for number in range(count) for one in order(number)]


class PurgeTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.settings("")

    def settings(self, journal):
        (self.folder / "purvey.toml").write_text(f'[store]\ncommit_interval = "1s"\n[journal]\n{journal}\n', encoding="utf-8")

    def start(self):
        server = Server(self.folder)
        self.addCleanup(lambda: server.process.poll() is None and server.process.kill())
        return server

    def write(self, name, events):
        (self.folder / name).write_text("".join(json.dumps(one) + "\n" for one in events), encoding="utf-8")

    def purge(self, *more, source="/wrong"):
        return tried("purge", "--source", source, "--data", "data", *more, cwd=self.folder)

    def rows(self, question):
        return json.loads(purvey("sql", "--data", "data", "--json", question, cwd=self.folder))

    def digest(self):
        return purvey("digest", "--data", "data", cwd=self.folder).strip()

    def journal_digest(self):
        return json.loads(purvey("replay", "--journal", "data/journal", "--json", cwd=self.folder))["digest"]

    def test_a_server_goes_on_without_it(self):
        server = self.start()
        mixed = orders_of("/shop", 30) + orders_of("/wrong", 40)
        random.Random(1).shuffle(mixed)
        for at in range(0, len(mixed), 7):
            self.assertEqual(server.send(mixed[at:at + 7])[0], 202)
        self.assertEqual(server.send(orders_of("/wrong", 5))[0], 202)  # duplicates
        status, _, err = self.purge("--yes")
        self.assertEqual(status, 3, err)
        self.assertIn(f"the server at {server.url} works on this data folder; stop it, purge, and start it again", err)
        server.kill()  # what it acknowledged and had not committed is counted first
        status, out, err = self.purge("--yes", "--json")
        self.assertEqual(status, 0, err)
        told = json.loads(out)
        self.assertEqual((told["source"], told["events"], told["verdicts"], told["events_left"], told["purged"]),
                         ("/wrong", 90, {"accepted": 80, "duplicate": 10}, 60, True))
        self.assertEqual(self.rows("select source, sum(n)::int as n from quality group by 1"), [{"source": "/shop", "n": 60}])
        self.assertEqual(self.rows("select count(*)::int as n, count(paid_at)::int as paid from orders"), [{"n": 30, "paid": 30}])
        self.assertEqual(told["digest"], self.digest())
        self.assertEqual(self.journal_digest(), told["digest"])

        server = self.start()
        self.assertEqual(server.send(orders_of("/wrong", 3))[0], 202)  # mended, under the old ids
        self.assertEqual(server.send(orders_of("/shop", 3))[0], 202)   # these came before
        self.assertEqual(self.rows("select source, verdict, sum(n)::int as n from quality group by all order by all"),
                         [{"source": "/shop", "verdict": "accepted", "n": 60}, {"source": "/shop", "verdict": "duplicate", "n": 6},
                          {"source": "/wrong", "verdict": "accepted", "n": 6}])
        server.kill()
        self.assertEqual(self.journal_digest(), self.digest())

    def test_it_says_what_goes_and_asks(self):
        self.write("mixed.ndjson", orders_of("/shop", 3) + orders_of("/wrong", 2))
        self.write("wrong.ndjson", [event(7, "stock.level", 9, {"sku": "A", "warehouse": "W", "on_hand": -1}, source="/wrong")])
        purvey("replay", "mixed.ndjson", "--data", "data", cwd=self.folder)
        never = self.digest()
        purvey("replay", "wrong.ndjson", "--data", "data", cwd=self.folder)
        before = self.digest()
        status, out, _ = self.purge("--dry-run")
        self.assertEqual(status, 0)
        self.assertEqual(out.splitlines(), ["/wrong in data: 5 events, 2026-01-01 to 2026-01-01",
                                            f"  {'accepted':12} {4:>14}", f"  {'quarantined':12} {1:>14}",
                                            "mixed.ndjson: 4 of its 10 events go", "wrong.ndjson: goes as a whole",
                                            "to be counted again: 1 file, 1 MiB", "nothing was changed"])
        told = json.loads(self.purge("--dry-run", "--json")[1])
        self.assertEqual((told["files"], told["files_again"], told["purged"]),
                         ([{"file": "mixed.ndjson", "events": 4, "of": 10, "goes": False},
                           {"file": "wrong.ndjson", "events": 1, "of": 1, "goes": True}], 1, False))
        for more, words in (([], "add --yes"), (["--json"], "--yes"), (["--yes", "--dry-run"], "exclude"),
                            (["--yes", "--files", "nowhere"], "nowhere")):
            status, _, err = self.purge(*more, "-c", "purvey.toml")
            self.assertEqual((status, err.count("\n")), (2, 1), err)
            self.assertIn(words, err)
        status, _, err = self.purge("--yes", source="/wron")
        self.assertEqual(status, 2)
        self.assertIn("nothing came from the source '/wron'; did you mean /wrong?", err)
        status, _, err = tried("purge", "--source", "/s", "--data", "nowhere", "--yes", cwd=self.folder)
        self.assertEqual(status, 2, err)
        self.assertFalse((self.folder / "nowhere").exists())
        self.assertEqual(self.answered("n\n"), 1)
        self.assertEqual(self.digest(), before)
        self.assertEqual(self.answered("y\n"), 0)
        self.assertNotEqual(self.digest(), before)
        self.assertEqual(self.rows("select source, n::int as n from quality"), [{"source": "/shop", "n": 6}])
        self.assertNotEqual(self.digest(), never)  # that had the two orders of the mixed file

    def answered(self, answer):
        """The exit status, for a person at a terminal who says this."""
        mine, theirs = pty.openpty()
        with subprocess.Popen([PROGRAM, "purge", "--source", "/wrong", "--data", "data"], cwd=self.folder,
                              stdin=theirs, stdout=theirs, stderr=theirs) as asking:
            os.close(theirs)
            said = b""
            while b"[y/N]" not in said:
                said += os.read(mine, 4096)
            os.write(mine, answer.encode())
            try:
                while os.read(mine, 4096):
                    pass
            except OSError:  # its end of the terminal is closed
                pass
            os.close(mine)
            return asking.wait(timeout=60)

    def test_without_the_beginning_of_the_journal_it_is_refused(self):
        self.settings('keep = false\nsegment = "1MiB"')
        server = self.start()
        journal = self.folder / "data" / "journal"
        noise = random.Random(2)
        for number in range(200):
            text = {"order_id": f"{noise.getrandbits(4096):x}"[:250]}
            self.assertEqual(server.send([event(f"{number}-{i}-{noise.getrandbits(512):x}", "order.paid", i, text, source="/wrong")
                                          for i in range(100)])[0], 202)
            if not (journal / "segment-000000000001.db").exists():
                break
        for _ in range(100):
            if not (journal / "segment-000000000001.db").exists():
                break
            time.sleep(0.1)
        self.assertEqual(server.stop(), 0)
        before = self.digest()
        status, _, err = self.purge("--yes")
        self.assertEqual(status, 3, err)
        self.assertIn("record 1 was dropped", err)
        self.assertIn("[journal] keep = true", err)
        self.assertEqual(self.digest(), before)

    def test_a_kill_at_any_time_leaves_the_old_folder_or_the_new_one(self):
        self.write("mixed.ndjson", orders_of("/shop", 4000) + orders_of("/wrong", 4000))
        purvey("replay", "mixed.ndjson", "--data", "kept", cwd=self.folder)
        subprocess.run(["cp", "-r", "kept", "data"], cwd=self.folder, check=True)
        old = self.digest()
        begun = time.monotonic()
        self.assertEqual(self.purge("--yes")[0], 0)
        seconds = time.monotonic() - begun
        new = self.digest()
        self.assertNotEqual(new, old)
        chance = random.Random(3)
        seen = set()
        for _ in range(12):
            subprocess.run(["rm", "-rf", "data"], cwd=self.folder, check=True)
            subprocess.run(["cp", "-r", "kept", "data"], cwd=self.folder, check=True)
            with subprocess.Popen([PROGRAM, "purge", "--source", "/wrong", "--data", "data", "--yes"], cwd=self.folder,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as purging:
                time.sleep(chance.uniform(0, 1.1 * seconds))
                purging.send_signal(signal.SIGKILL)
            found = self.digest()
            self.assertIn(found, (old, new))
            seen.add(found == new)
            if found == old:
                self.assertEqual(self.purge("--yes")[0], 0)
                self.assertEqual(self.digest(), new)
            self.assertEqual([name for name in os.listdir(self.folder / "data") if name.startswith("rebuil")], [])
        self.assertIn(False, seen)


if __name__ == "__main__":
    unittest.main()
