#!/usr/bin/env python3
"""Runs the commands that README.md, README.zh-CN.md and docs/*.md show, so that they stay true. Exits 1 if any fails.

Commands are the lines of ```sh blocks, and lines of indented blocks that begin with `purvey `. Those of the program are
run, in order, in a folder made for each document (see prepare()); of `./dev ...` it is checked that there is such a
command. Any other command is a finding, unless a comment in front of its block says why it is left out:

    <!-- not run: it asks for a server -->

usage: run_documented_commands.py --program build/purvey [--document docs/sql.md]
"""

import argparse
import contextlib
import dataclasses
import io
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

import make_sample

ROOT = pathlib.Path(__file__).resolve().parent.parent
SECONDS_MAX = 120  # for one command
OURS = re.compile(r"(?:build/)?purvey(?:\s|$)")
DEV = re.compile(r"\./dev(?:\s+(\S+))?")
LEFT_OUT = re.compile(r"<!--\s*not run:\s*(\S.*?)\s*-->")


@dataclasses.dataclass(frozen=True)
class Command:
    line: int
    text: str


def commands_of(document):
    """The commands of a document, without those that are left out with a reason."""
    commands = []
    for first, lines, is_shell, left_out in blocks_of(document):
        if left_out:
            continue
        for number, text in logical_lines(first, lines):
            if OURS.match(text) or (is_shell and not text.startswith("#")):
                commands.append(Command(number, text))
    return commands


def blocks_of(document):
    """(number of the first line, lines, whether a ```sh block, why it is left out) for each block of code."""
    lines = document.splitlines()
    at, reason = 0, None
    while at < len(lines):
        line = lines[at]
        fence = re.match(r"\s*```(\w*)", line)
        begin = at
        if fence:
            at += 1
            while at < len(lines) and not lines[at].lstrip().startswith("```"):
                at += 1
            if fence[1] == "sh":
                yield begin + 2, lines[begin + 1:at], True, reason
            at += 1
        elif line.startswith("    "):
            while at < len(lines) and (lines[at].startswith("    ") or not lines[at].strip()):
                at += 1
            yield begin + 1, lines[begin:at], False, reason
        else:
            at += 1
            if line.strip():
                found = LEFT_OUT.match(line.strip())
                reason = found[1] if found else None
            continue
        reason = None


def logical_lines(first, lines):
    """(number, text): lines joined where one ends in a backslash or within quotes."""
    text, number = "", first
    for offset, line in enumerate(lines):
        text = f"{text}\n{line.rstrip()}" if text else line.strip()
        if not text:
            continue
        if text == line.strip():
            number = first + offset
        if text.endswith("\\") or (is_open(text) and offset + 1 < len(lines)):
            continue
        yield number, text
        text = ""


def is_open(text):
    """Whether a quote is still to be closed."""
    try:
        shlex.split(text, comments=True)
    except ValueError:
        return True
    return False


def dev_commands(dev):
    """The sub-commands that the usage text of ./dev names."""
    usage = dev.partition("usage: ./dev COMMAND")[2].partition("Missing packages")[0]
    found = {"--help"}
    for line in usage.splitlines():
        match = re.match(r"  ([a-z].*?)(?:  |$)", line)
        if match:
            found |= {word for word in re.findall(r"[a-z]+", re.sub(r"\[.*?\]|[A-Z]+", "", match[1]))}
    return found


def prepare(folder, program):
    """What a reader may have: the program, the packs, events, CSV files with their map, settings."""
    folder.mkdir()
    (folder / "build").mkdir()
    (folder / "build" / "purvey").symlink_to(program)
    (folder / "packs").symlink_to(ROOT / "packs")
    with contextlib.redirect_stdout(io.StringIO()):
        make_sample.main(["--out", str(folder / "events.ndjson")])
        make_sample.main(["--seed", "8", "--start", "2026-03-04", "--out", str(folder / "more.ndjson")])
    (folder / "purvey.toml").write_text('[site]\ntimezone = "Europe/Berlin"\n\n[money]\nbase = "EUR"\n', encoding="utf-8")
    tables = folder / "shop"
    tables.mkdir()
    for name, text in import_example((ROOT / "docs/import.md").read_text(encoding="utf-8")).items():
        (folder / name).write_text(text, encoding="utf-8")
        if name.endswith(".csv"):
            (tables / name).write_text(text, encoding="utf-8")
    (folder / "FOLDER").symlink_to("shop")


def import_example(document):
    """The files of the worked example of docs/import.md."""
    beginnings = {"Nr;Kunde": "orders.csv", "Nr;Artikel": "items.csv", "[import]": "shop.toml"}
    files = {}
    for _, lines, _, _ in blocks_of(document):
        text = "\n".join(line[4:] for line in lines).rstrip() + "\n"
        for beginning, name in beginnings.items():
            if text.startswith(beginning):
                files.setdefault(name, text)
    missing = set(beginnings.values()) - set(files)
    if missing:
        raise ValueError(f"docs/import.md has no example of {', '.join(sorted(missing))} any more: mend import_example()")
    return files


def fault_of(command, folder, known_dev):
    """Why a command is wrong, or None."""
    dev = DEV.match(command.text)
    if dev:
        return None if dev[1] in known_dev else f"./dev has no command '{dev[1]}'"
    if not OURS.match(command.text):
        return "not a command of this project: put `<!-- not run: REASON -->` in front of its block"
    path = f"{folder / 'build'}{os.pathsep}{os.environ['PATH']}"
    try:
        done = subprocess.run(["bash", "-c", command.text], cwd=folder, env={**os.environ, "PATH": path}, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS_MAX)
    except subprocess.TimeoutExpired:
        return f"not done after {SECONDS_MAX} s"
    if done.returncode == 0:
        return None
    return f"exit status {done.returncode}: {done.stderr.strip()[-400:]}"


def run_document(path, prepared, known_dev):
    """Runs what one document shows; the findings as lines, and how many commands there were."""
    commands = commands_of(path.read_text(encoding="utf-8"))
    findings = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch) / "work"
        if commands:
            shutil.copytree(prepared, folder, symlinks=True)
        for command in commands:
            fault = fault_of(command, folder, known_dev)
            if fault:
                findings.append(f"{path.relative_to(ROOT)}:{command.line}: {command.text.splitlines()[0]}\n    {fault}")
    return findings, len(commands)


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True, type=pathlib.Path)
    parser.add_argument("--document", type=pathlib.Path, help="only this one")
    options = parser.parse_args(arguments)
    documents = [ROOT / "README.md", ROOT / "README.zh-CN.md", *sorted((ROOT / "docs").glob("*.md"))]
    if options.document:
        documents = [options.document.resolve()]

    known_dev = dev_commands((ROOT / "dev").read_text(encoding="utf-8"))
    findings, total = [], 0
    with tempfile.TemporaryDirectory() as scratch:
        prepared = pathlib.Path(scratch) / "prepared"
        prepare(prepared, options.program.resolve())
        for document in documents:
            found, count = run_document(document, prepared, known_dev)
            findings += found
            total += count
    print("\n".join([*findings, f"{total} commands in {len(documents)} documents, {len(findings)} wrong"]))
    return 1 if findings or total == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
