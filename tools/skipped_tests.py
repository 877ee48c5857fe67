"""Counts the tests that ctest reported as not run; where the real data sets are at hand, one such test is a failure.

usage: skipped_tests.py CTEST_LOG --data FOLDER        exit status 1 if a skip counts as a failure
"""

import argparse
import pathlib
import re
import sys

HEADING = "The following tests did not run:"
ENTRY = re.compile(r"^\s*\d+ - (.+) \((\w[\w ]*)\)\s*$")


def skipped_tests(log):
    """The names below ctest's heading, each with ctest's word for it (Skipped, Not Run, Disabled)."""
    names = []
    lines = iter(log.splitlines())
    for line in lines:
        if line.strip() == HEADING:
            break
    for line in lines:
        match = ENTRY.match(line)
        if not match:
            break
        names.append((match[1], match[2]))
    return names


def main(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("log", type=pathlib.Path)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    options = parser.parse_args(arguments)

    skipped = skipped_tests(options.log.read_text(errors="replace"))
    print(f"skipped tests: {len(skipped)}")
    for name, word in skipped:
        print(f"  {name} ({word})")
    if skipped and options.data.is_dir():
        print(f"error: the data sets are at {options.data}, so every test must run")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
