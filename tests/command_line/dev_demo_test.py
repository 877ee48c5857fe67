"""./dev demo: it knows its own folder of data again, and leaves every other alone."""

import hashlib
import os
import pathlib
import shutil
import stat
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("PURVEY_PROGRAM") or SOURCE / "build" / "purvey").resolve()
DONE, BAD_USAGE, OUTSIDE = 0, 2, 3


class DevDemo(unittest.TestCase):
    """In a copy of ./dev whose build is the program that stands already."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        shutil.copy(SOURCE / "dev", self.folder)
        (self.folder / "CMakePresets.json").touch()
        tools = self.folder / "tools"
        (tools / "npm").mkdir(parents=True)
        shutil.copy(SOURCE / "tools" / "make_sample.py", tools)
        (tools / "dependencies.txt").touch()
        locks = [tools / "npm" / name for name in ("package.json", "package-lock.json")]
        for lock in locks:
            lock.touch()
        duckdb = self.folder / "build" / "deps" / "duckdb"
        duckdb.mkdir(parents=True)
        (duckdb / "lock.sha256").write_text(hashlib.sha256(b"").hexdigest(), encoding="ascii")
        self.put_command("cmake", "touch build/build.ninja")
        self.put_command("ninja", f"ln -sf '{PROGRAM}' build/purvey")

    def put_command(self, name, line):
        path = self.folder / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def dev(self, *arguments, **environment):
        """(status, standard output, standard error)."""
        path = f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        known = {name: value for name, value in os.environ.items() if name != "PURVEY_DATA"}
        done = subprocess.run([self.folder / "dev", *arguments], capture_output=True, text=True, check=False,
                              env={**known, "PATH": path, "PURVEY_NO_INSTALL": "1", **environment})
        return done.returncode, done.stdout, done.stderr

    @unittest.skipIf(any(pathlib.Path(folder, "duckdb.h").exists()
                         for folder in ("/usr/include", "/usr/local/include")), "this system has DuckDB")
    def test_without_duckdb_it_names_the_way_out(self):
        shutil.rmtree(self.folder / "build" / "deps" / "duckdb")
        status, _, err = self.dev("demo")
        self.assertEqual(status, OUTSIDE)
        self.assertIn("run this once without PURVEY_NO_INSTALL", err)
        self.assertIn("build/deps/duckdb", err)

    def test_it_knows_its_folder_again_after_a_clean(self):
        for _ in range(2):
            status, out, err = self.dev("demo")
            self.assertEqual(status, DONE, err)
            self.assertIn("orders_placed", out)
            self.assertEqual(self.dev("clean")[0], DONE)
        self.assertEqual(self.dev("demo")[0], DONE)
        self.assertIn("nothing added", self.dev("demo")[1])

    def test_it_leaves_the_folder_of_somebody_else_alone(self):
        theirs = self.folder / "purvey-data"
        theirs.mkdir()
        for content in ([], ["state.db"]):
            for name in content:
                (theirs / name).write_text("theirs", encoding="utf-8")
            status, _, err = self.dev("demo")
            self.assertEqual(status, BAD_USAGE)
            self.assertIn("purvey-data is there already", err)
            self.assertEqual([path.name for path in theirs.iterdir()], content)
        self.assertEqual(self.dev("demo", PURVEY_DATA="other")[0], DONE)
        self.assertEqual(self.dev("demo", PURVEY_DATA="other")[0], DONE)
        self.assertEqual((theirs / "state.db").read_text(encoding="utf-8"), "theirs")


if __name__ == "__main__":
    unittest.main()
