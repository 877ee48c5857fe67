#!/usr/bin/env python3
"""The rules of this project that a machine can check. Prints `path:line: what is wrong and what to do`, exits 1 if any.

Rules: a folder of src/ includes only itself and the modules that its CMakeLists.txt names in DEPS; DEPS point to a
higher floor; banned calls; every source listed; a README of at most 40 lines in each folder; no folder named utils and
the like; every path that a document names exists; the npm lock has hashes and no registry addresses. Functions over
70 lines and files over 600 are only reported for now.

An exception is a line `rule | path | reason` in tools/tidy_exceptions.txt; one that excuses nothing is a finding too.
A line `planned | path | reason` lets documents name what a later change brings; once it is there, a report says so.
"""

import argparse
import dataclasses
import json
import pathlib
import re
import sys

import cpp_text

# A folder may include only folders of a lower number, and itself.
FLOORS = {"base": 1, "algo": 2, "event": 3, "store": 4, "send": 4, "flow": 5, "watch": 6, "decide": 7, "serve": 8,
          "app": 9}
BANNED_FOLDERS = {"utils", "util", "common", "helpers", "helper", "misc"}
README_LINES_MAX = 40
FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 600
EXCEPTIONS = "tools/tidy_exceptions.txt"
NOT_OURS = {".git", "build", "node_modules", "purvey-data", "__pycache__"}

# (pattern, where it is allowed, what to do instead)
BANNED_CALLS = [
    (re.compile(r"clock::now\s*\(|\babsl::Now\s*\(", re.IGNORECASE), ("base", "app"), "time comes in as an argument (base/event_time.h or a clock)"),
    (re.compile(r"\b(?:clock_gettime|gettimeofday)\s*\("), ("base", "app"), "time comes in as an argument"),
    (re.compile(r"(?<![\w.>])time\s*\(\s*(?:nullptr|NULL|0|&)"), ("base", "app"), "time comes in as an argument"),
    (re.compile(r"\brandom_device\b"), ("base", "app"), "chance comes in as a seed"),
    (re.compile(r"(?<![\w.>])s?rand\s*\("), ("base", "app"), "chance comes in as a seed"),
    (re.compile(r"\b(?:sleep_for|sleep_until|usleep|nanosleep)\s*\(|(?<![\w.>])sleep\s*\("), ("base", "app"),
     "nothing waits by sleeping: time arrives in events and ticks"),
    (re.compile(r"\bstd::cout\b"), (), "print with fmt::print"),
    (re.compile(r"(?<!operator )\bnew\s+(?:\(|[A-Za-z_:])"), (), "std::make_unique or a container"),
    (re.compile(r"(?<!operator )(?<!= )\bdelete\b(?!\s*;)"), (), "std::unique_ptr or a container"),
]
# `std::unique_ptr<T>(new T(...))`: the way to a private constructor, owned from the start.
IN_SMART_POINTER = re.compile(r"\bunique_ptr<[^;{}]*>\s*\w*[({]\s*\Z")


@dataclasses.dataclass(frozen=True)
class Finding:
    rule: str
    path: str
    line: int
    message: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.message} [{self.rule}]"


@dataclasses.dataclass
class Module:
    name: str  # "flow/import"
    folder: pathlib.Path
    words: set  # every word of its CMakeLists.txt
    deps: list
    tests: set  # the sources of its tests, fixtures among them
    test_deps: list
    line: int


class Project:
    """The files of one source tree, read once."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.files = sorted(self._walk(self.root))
        self.texts = {}
        self.modules = {m.name: m for m in self._modules()}
        self.exceptions = [entry for entry in self._exception_lines() if entry[1][0] != "planned"]
        self.planned = {parts[1] for _, parts in self._exception_lines() if parts[0] == "planned"}

    def _exception_lines(self):
        """(number, parts) of each line of the exceptions that is not a comment."""
        path = self.root / EXCEPTIONS
        for number, line in enumerate(self.text(path).splitlines() if path.is_file() else [], 1):
            if line.strip() and not line.startswith("#"):
                yield number, ([part.strip() for part in line.split("|")] + ["", ""])[:3]

    def _walk(self, folder):
        for entry in folder.iterdir():
            if entry.name in NOT_OURS:
                continue
            if entry.is_dir():
                yield from self._walk(entry)
            else:
                yield entry

    def _modules(self):
        call = re.compile(r"purvey_module\(\s*([\w/]+)([^)]*)\)")
        for path in self.files:
            if path.name != "CMakeLists.txt" or self.relative(path).split("/")[0] != "src":
                continue
            text = re.sub(r"#.*", "", self.text(path))
            for match in call.finditer(text):
                arguments = arguments_by_keyword(match[2])
                yield Module(match[1], path.parent, set(re.split(r"[\s()]+", text)), arguments.get("DEPS", []),
                             set(arguments.get("TESTS", [])),
                             [lib[len("purvey_"):] for lib in arguments.get("TEST_LIBS", [])
                              if lib.startswith("purvey_")], text[:match.start()].count("\n") + 1)

    def text(self, path):
        if path not in self.texts:
            self.texts[path] = path.read_text(encoding="utf-8", errors="replace")
        return self.texts[path]

    def relative(self, path):
        return path.relative_to(self.root).as_posix()

    def sources(self):
        """The C++ files below src/."""
        return [p for p in self.files if p.suffix in (".h", ".cc") and self.relative(p).startswith("src/")]

    def module_of(self, folder):
        """The module that owns `folder` (relative to src/), or None."""
        while folder and folder not in self.modules:
            folder = folder.rpartition("/")[0]
        return self.modules.get(folder)


def arguments_by_keyword(text):
    arguments, keyword = {}, None
    for word in text.split():
        if re.fullmatch(r"[A-Z_]+", word):
            keyword = word
        elif keyword:
            arguments.setdefault(keyword, []).append(word)
    return arguments


# --- the rules: each takes the project and gives findings -------------------------------------------------------------


def check_modules(project):
    for module in project.modules.values():
        path = project.relative(module.folder / "CMakeLists.txt")
        if f"src/{module.name}" != project.relative(module.folder):
            yield Finding("module", path, module.line, f"module {module.name} stands in another folder: name it by its folder")
        floor = FLOORS.get(module.name.split("/")[0])
        if floor is None:
            yield Finding("floor", path, module.line, f"src/{module.name} is on no floor: add it to FLOORS in tools/tidy.py")
            continue
        for dep in module.deps:
            yield from _check_dep(project, module, floor, dep, path)
    yield from _check_cycles(project)


def _check_dep(project, module, floor, dep, path):
    if dep not in project.modules:
        yield Finding("floor", path, module.line, f"DEPS names {dep}, which is no module")
        return
    same_folder = dep.split("/")[0] == module.name.split("/")[0]
    if not same_folder and FLOORS.get(dep.split("/")[0], 99) >= floor:
        yield Finding("floor", path, module.line,
                      f"{module.name} may not use {dep}: only floors above it (FLOORS in tools/tidy.py)")


def _check_cycles(project):
    for module in project.modules.values():
        reached, todo = set(), list(module.deps)
        while todo:
            dep = todo.pop()
            if dep in project.modules and dep not in reached:
                reached.add(dep)
                todo += project.modules[dep].deps
        if module.name in reached:
            yield Finding("floor", project.relative(module.folder / "CMakeLists.txt"), module.line,
                          f"{module.name} uses itself through its DEPS: cut the circle")


def check_includes(project):
    include = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)
    for path in project.sources():
        relative = project.relative(path)
        owner = project.module_of(relative[len("src/"):].rpartition("/")[0])
        if owner is None:
            yield Finding("include", relative, 1, "this folder declares no purvey_module")
            continue
        for match in include.finditer(project.text(path)):
            line = project.text(path)[:match.start(1)].count("\n") + 1
            message = _wrong_include(project, owner, path, match[1])
            if message:
                yield Finding("include", relative, line, message)


def _wrong_include(project, owner, path, included):
    """Why `included` may not stand in `path`, or None."""
    if not (project.root / "src" / included).is_file():
        return f'"{included}" is no file of src/: write the path from src/'
    folder = included.rpartition("/")[0]
    target = project.module_of(folder)
    if target is None:
        return f'"{included}" belongs to no module'
    if target is owner:
        return None
    if "internal" in folder.split("/"):
        return f'"{included}" is private to {target.name}'
    test_deps = {module for module in project.modules if module.replace("/", "_") in owner.test_deps}
    allowed = set(owner.deps)
    if path.relative_to(owner.folder).with_suffix(".cc").as_posix() in owner.tests:
        allowed |= test_deps
    if target.name not in allowed:
        return f'"{included}" needs {target.name} in the DEPS of {owner.name}'
    return None


def check_sources_listed(project):
    for path in project.sources():
        if path.suffix != ".cc":
            continue
        owner = project.module_of(project.relative(path.parent)[len("src/"):])
        if owner and path.relative_to(owner.folder).as_posix() not in owner.words:
            yield Finding("listed", project.relative(path), 1, f"not in the CMakeLists.txt of src/{owner.name}: it is never built")


def check_calls(project):
    for path in project.sources():
        top = project.relative(path).split("/")[1]
        code = cpp_text.without_comments_and_strings(project.text(path))
        for pattern, allowed, instead in BANNED_CALLS:
            if top in allowed:
                continue
            for match in pattern.finditer(code):
                if IN_SMART_POINTER.search(code, max(0, match.start() - 120), match.start()):
                    continue
                yield Finding("call", project.relative(path), code[:match.start()].count("\n") + 1,
                              f"'{match[0].strip()}' is banned here: {instead}")


def check_folders(project):
    folders = {path.parent for path in project.files}
    for folder in sorted(folders):
        if folder.name in BANNED_FOLDERS:
            yield Finding("folder", project.relative(folder), 1, f"'{folder.name}' says nothing: name what it holds")
    documented = {module.folder for module in project.modules.values()}
    documented |= {project.root / top for top in ("bench", "fuzz", "packs", "tests", "tools") if (project.root / top) in folders}
    for folder in sorted(documented):
        readme = folder / "README.md"
        if not readme.is_file():
            yield Finding("readme", project.relative(folder), 1, "no README.md: purpose, main types, main path, what is not here")
        elif len(project.text(readme).splitlines()) > README_LINES_MAX:
            yield Finding("readme", project.relative(readme), README_LINES_MAX + 1, f"longer than {README_LINES_MAX} lines")


def check_documents(project):
    for path in project.files:
        if path.suffix == ".md" and path.name != "CHANGELOG.md":  # a change log names what once was
            yield from _check_document(project, path)


def _check_document(project, path):
    link = re.compile(r"\[[^\]]*\]\(([^)\s#]+)[^)]*\)")
    quoted = re.compile(r"`([^`\n]+)`")
    fence = False
    for number, line in enumerate(project.text(path).splitlines(), 1):
        if line.lstrip().startswith("```"):
            fence = not fence
        if fence:
            continue
        links = [target for target in link.findall(line) if not re.match(r"\w+:", target)]
        claims = [word for text in quoted.findall(line) for word in expand_braces(text) if is_path_claim(project, path, word)]
        for name in links + claims:
            if not _exists(project, path, name):
                yield Finding("document", project.relative(path), number, f"names {name}, which does not exist")


def expand_braces(text):
    """`money.{h,cc}` is two names."""
    match = re.fullmatch(r"([^{}\s]*)\{([\w.,]+)\}([^{}\s]*)", text)
    return [match[1] + part + match[3] for part in match[2].split(",")] if match else [text]


def is_path_claim(project, document, word):
    """Whether `word` in backticks says that a file or folder of this project exists.

    Made by a run (build/, purvey-data/), patterns, placeholders, media types and examples of a user's files do not.
    """
    word = word.removeprefix("./")
    if not re.fullmatch(r"\.?[\w-][\w./-]*", word) or word.split("/")[0] in NOT_OURS:
        return False
    if "/" not in word:
        return word.endswith((".h", ".cc", ".py", ".md", ".cmake"))
    if word.endswith((".h", ".cc", ".py", ".md", ".cmake", "/")):
        return True
    first = word.split("/")[0]
    return any((base / first).exists() for base in (document.parent, project.root, project.root / "src"))


def _exists(project, document, name):
    name = name.removeprefix("./")
    if name.rstrip("/") in FLOORS or name in project.planned:  # may be spoken of before its first file is there
        return True
    if any((base / name).exists() for base in (document.parent, document.parent.parent, project.root, project.root / "src")):
        return True
    return "/" not in name and any(path.name == name for path in project.files)


def check_npm_lock(project):
    for path in project.files:
        if path.name != "package-lock.json":
            continue
        for name, package in json.loads(project.text(path))["packages"].items():
            if name and not package.get("integrity"):
                yield Finding("npm", project.relative(path), 1, f"{name} has no integrity hash")
            if "resolved" in package:
                yield Finding("npm", project.relative(path), 1, f"{name} names a registry: set omit-lockfile-registry-resolved")


def report_lengths(project):
    """What is over the limits of length; for now a report."""
    for path in project.sources():
        relative = project.relative(path)
        lines = project.text(path).count("\n")
        if lines > FILE_LINES_MAX:
            yield Finding("length", relative, 1, f"{lines} lines, the limit is {FILE_LINES_MAX}")
        for name, first, count in cpp_text.functions(project.text(path)):
            if count > FUNCTION_LINES_MAX:
                yield Finding("length", relative, first, f"{name} has {count} lines, the limit is {FUNCTION_LINES_MAX}")


RULES = [check_modules, check_includes, check_sources_listed, check_calls, check_folders, check_documents, check_npm_lock]


def excused(project, findings):
    """`findings` without those that tools/tidy_exceptions.txt excuses, plus its idle lines."""
    rest = list(findings)
    for number, (rule, path, reason) in project.exceptions:
        if not (rule and path and reason):
            rest.append(Finding("exception", EXCEPTIONS, number, "write: rule | path | reason"))
            continue
        kept = [finding for finding in rest if (finding.rule, finding.path) != (rule, path)]
        if len(kept) == len(rest):
            kept.append(Finding("exception", EXCEPTIONS, number, "excuses nothing any more: remove it"))
        rest = kept
    return rest


def report_plans(project):
    """Plans that have come true."""
    for name in sorted(project.planned):
        if (project.root / name).exists() or (project.root / "src" / name).exists():
            yield Finding("planned", EXCEPTIONS, 1, f"{name} is there now: remove its line")


def findings_of(root):
    project = Project(root)
    return excused(project, [finding for rule in RULES for finding in rule(project)])


def main(arguments):
    parser = argparse.ArgumentParser(description="checks the rules of this project", epilog="example: tools/tidy.py")
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent)
    options = parser.parse_args(arguments)

    project = Project(options.root)
    findings = findings_of(options.root)
    for finding in [*report_lengths(project), *report_plans(project)]:
        print(f"report: {finding}")
    for finding in findings:
        print(finding)
    print(f"tidy: {len(project.files)} files, {len(project.modules)} modules, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
