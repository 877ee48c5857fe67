"""What is typed: which options go together, which settings hold, and what the exit status says."""

import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("PURVEY_PROGRAM") or SOURCE / "build" / "purvey").resolve()
DONE, BAD_INPUT = 0, 2
EVENT = {"specversion": "1.0", "id": "1", "source": "/s", "type": "order.paid",
         "time": "2026-01-02T03:04:05Z", "data": {"order_id": "o"}}


class CommandLine(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.write("events.ndjson", json.dumps(EVENT) + "\n")
        self.write("orders.csv", "id,at\n1,2026-01-02\n")
        self.write("map.toml", '[import]\nsource = "s"\n[file.a]\nmatch = "orders.csv"\n'
                               '[[event]]\ntype = "order.paid"\nfrom = "a"\nid = "{id}"\n'
                               'time = "{at}"\n[event.data]\norder_id = "{id}"\n')

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def purvey(self, *arguments):
        """Runs in the folder: (status, standard output, standard error)."""
        done = subprocess.run([PROGRAM, *arguments], cwd=self.folder, capture_output=True, text=True,
                              check=False)
        return done.returncode, done.stdout, done.stderr

    def refused(self, *arguments):
        """The one line that says why."""
        status, out, err = self.purvey(*arguments)
        self.assertEqual((status, out), (BAD_INPUT, ""), err)
        self.assertEqual(err.count("\n"), 1, err)
        return err


class Import(CommandLine):
    def test_a_guess_takes_nothing_that_it_would_not_heed(self):
        for name, more in (("--map", ["--map", "map.toml"]), ("--report", ["--report", "r.csv"]),
                           ("--memory", ["--memory", "100"]), ("--json", ["--json"]),
                           ("FILE", ["orders.csv"])):
            with self.subTest(name):
                err = self.refused("import", "--guess", "orders.csv", *more)
                self.assertIn("--guess", err)
                self.assertIn(name, err)

    def test_a_guess_goes_to_standard_output_or_a_file(self):
        status, draft, _ = self.purvey("import", "--guess", "orders.csv")
        self.assertEqual(status, DONE)
        self.assertEqual(self.purvey("import", "--guess", "orders.csv", "--out", "draft.toml")[:2], (DONE, ""))
        self.assertEqual((self.folder / "draft.toml").read_text(encoding="utf-8"), draft)

    def test_one_file_is_not_both_read_and_written(self):
        before = {path.name: path.read_bytes() for path in self.folder.iterdir()}
        for out, report in (("orders.csv", ""), ("./map.toml", ""), ("e.ndjson", "orders.csv"),
                            ("e.ndjson", "map.toml"), ("e.ndjson", "./e.ndjson")):
            with self.subTest(out=out, report=report):
                more = ["--report", report] if report else []
                err = self.refused("import", "--map", "map.toml", "orders.csv", "--out", out, *more)
                self.assertIn(report or out, err)
        self.assertEqual({path.name: path.read_bytes() for path in self.folder.iterdir()}, before)

    def test_a_guess_does_not_write_over_what_it_reads(self):
        self.refused("import", "--guess", "orders.csv", "--out", "orders.csv")
        self.assertEqual((self.folder / "orders.csv").read_text(encoding="utf-8"), "id,at\n1,2026-01-02\n")


class ExitStatus(CommandLine):
    def test_a_folder_or_a_missing_file_is_wrong_input_wherever_a_file_is_asked_for(self):
        for name in (".", "nowhere", "events.ndjson/nowhere"):
            for arguments in (["replay", name], ["replay", "events.ndjson", "-c", name],
                              ["check", "-c", name], ["import", "--guess", name],
                              ["import", "--map", name, "orders.csv", "--out", "e.ndjson"]):
                with self.subTest(arguments=arguments):
                    self.assertIn(name, self.refused(*arguments))

    def test_an_empty_name_is_no_file(self):
        self.refused("replay", "events.ndjson", "-c", "")
        self.refused("check", "-c", "")


class TemporaryFolder(CommandLine):
    def test_it_goes_whatever_ends_a_replay(self):
        """The events come through a pipe that stays open, so that the replay waits for more."""
        for ended_by in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            with self.subTest(ended_by), tempfile.TemporaryDirectory() as temporary:
                pipe = self.folder / f"pipe-{ended_by}"
                os.mkfifo(pipe)
                with subprocess.Popen([PROGRAM, "replay", pipe, "--json"], cwd=self.folder,
                                      env={**os.environ, "TMPDIR": temporary},
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
                    with pipe.open("w", encoding="utf-8") as events:
                        print(json.dumps(EVENT), file=events, flush=True)
                        self.wait_until(lambda: list(pathlib.Path(temporary).glob("*/state.db")))
                        running.send_signal(ended_by)
                        self.assertEqual(running.wait(timeout=60), -ended_by)
                self.wait_until(lambda: not os.listdir(temporary))

    def wait_until(self, holds):
        end = time.monotonic() + 60
        while not holds():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)


class SettingsFile(CommandLine):
    def test_without_one_the_defaults_hold_and_nothing_is_said(self):
        self.assertEqual(self.purvey("replay", "events.ndjson", "--json")[2], "")
        self.assertIn("the default configuration is valid", self.purvey("check")[1])

    def test_purvey_toml_of_the_folder_holds_for_all_and_is_named(self):
        self.write("purvey.toml", '[site]\ntimezone = "Asia/Shanghai"\n')
        status, out, err = self.purvey("replay", "events.ndjson", "--data", "data", "--json")
        self.assertEqual(status, DONE, err)
        self.assertEqual(json.loads(out)["events"], 1)
        self.assertEqual(err, "purvey: settings from ./purvey.toml\n")
        self.assertIn("purvey.toml is valid", self.purvey("check")[1])
        self.write("more.ndjson", json.dumps({**EVENT, "id": "2"}) + "\n")
        (self.folder / "purvey.toml").unlink()
        self.assertIn("Asia/Shanghai", self.purvey("replay", "more.ndjson", "--data", "data")[2])

    def test_the_one_that_is_named_takes_its_place(self):
        self.write("purvey.toml", "no settings\n")
        self.write("other.toml", '[site]\ntimezone = "Asia/Shanghai"\n')
        status, _, err = self.purvey("replay", "events.ndjson", "-c", "other.toml", "--json")
        self.assertEqual((status, err), (DONE, ""))
        self.assertIn("other.toml is valid", self.purvey("check", "-c", "other.toml")[1])

    def test_the_mistakes_of_all_the_files_that_it_names_are_told_at_once(self):
        self.write("pack.toml", 'name = "mine"\n[[kpi]]\nname = "k"\nformla = "count(order.paid)"\n')
        self.write("purvey.toml", '[metric]\npack = "pack.toml"\n[privacy]\nfields = ["sesion"]\n'
                                  '[[token]]\nname = "shop"\nrole = "ingest"\nsecret_file = "none.token"\n')
        status, out, _ = self.purvey("check", "--json")
        answer = json.loads(out)
        self.assertEqual((status, answer["valid"]), (BAD_INPUT, False))
        places = [error.split(" ")[0] for error in answer["errors"]]
        self.assertEqual([place for place in places if "pack.toml:" in place][:1], places[:1], answer)
        self.assertEqual(places[-2:], ["purvey.toml:4:", "purvey.toml:8:"], answer)

    def test_its_mistakes_are_told_and_it_is_never_passed_over(self):
        self.write("purvey.toml", "[evnet]\n")
        for command in (["replay", "events.ndjson"], ["check"]):
            status, _, err = self.purvey(*command)
            self.assertEqual(status, BAD_INPUT)
            self.assertIn("purvey.toml:1:", err)
        (self.folder / "purvey.toml").unlink()
        (self.folder / "purvey.toml").symlink_to("nowhere")
        for command in (["replay", "events.ndjson"], ["check"]):
            self.assertEqual(self.purvey(*command)[0], BAD_INPUT)


if __name__ == "__main__":
    unittest.main()
