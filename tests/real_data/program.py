"""The program under test and the real data, for the tests of this folder."""

import csv
import gzip
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
DATA = pathlib.Path(os.environ.get("PURVEY_TEST_DATA") or SOURCE.parent / "shared" / "data").resolve()
PROGRAM = pathlib.Path(os.environ.get("PURVEY_PROGRAM") or SOURCE / "build" / "purvey").resolve()
SKIPPED = 77
ELSEWHERE = tempfile.TemporaryDirectory()  # an empty folder: no purvey.toml is taken by the way


def run(*arguments):
    """Standard output of the program; its standard error stands in the failure if it fails."""
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, check=False,
                          cwd=ELSEWHERE.name)
    if done.returncode != 0:
        raise AssertionError(f"purvey {arguments}: exit {done.returncode}: {done.stderr}")
    return done.stdout


def import_files(name, inputs, folder):
    """Imports with a shipped map; (summary, events file, report file)."""
    events = folder / f"{name}.ndjson"
    report = folder / f"{name}.rejected.csv"
    shipped = SOURCE / "packs" / "import" / f"{name}.toml"
    summary = run("import", "--map", shipped, *inputs, "--out", events, "--report", report, "--json")
    return json.loads(summary), events, report


def ask(data, sql):
    """The only row of a query, as a list; of several rows, a list of lists."""
    rows = [list(row.values()) for row in json.loads(run("sql", "--data", data, "--json", sql))]
    return rows[0] if len(rows) == 1 else rows


def unpack(source, target):
    target.write_bytes(gzip.decompress(source.read_bytes()))


def rows_of(path, encoding="utf-8-sig", **layout):
    """The rows of a gzipped CSV file as dictionaries."""
    text = gzip.decompress(path.read_bytes()).decode(encoding)
    return list(csv.DictReader(io.StringIO(text, newline=""), **layout))


def main(folder_needed):
    """Runs the tests of the calling module, or says why not."""
    if not (DATA / folder_needed).is_dir():
        print(f"skipped: no real data at {DATA / folder_needed}; PURVEY_TEST_DATA names its folder")
        sys.exit(SKIPPED)
    unittest.main(module="__main__")
