"""Reads C++ as text: code without comments and strings, and where its functions begin and end."""

import re

_SKIPPED = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<tag>[^()\s\\]*)\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"|(?<![\w])\'(?:\\.|[^\'\\\n])+\'', re.DOTALL)


def without_comments_and_strings(text):
    """The same lines, with comments, strings and characters blanked. Digit separators (1'000) stay."""
    return _SKIPPED.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def functions(text):
    """(name, first line, number of lines) of each function body at namespace or class level; lambdas count to theirs."""
    code = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda match: "\n" * match[0].count("\n"),
                  without_comments_and_strings(text), flags=re.MULTILINE)
    found, kinds, statement_start = [], [], 0
    for match in re.finditer(r"[{};]", code):
        position = match.start()
        if match[0] == "{":
            kinds.append((_kind(code[statement_start:position], kinds), statement_start, position))
        elif match[0] == "}" and kinds:
            kind, start, _ = kinds.pop()
            if kind == "function":
                head = code[start:position]
                first = code.count("\n", 0, start + len(head) - len(head.lstrip())) + 1
                found.append((_name(head), first, code.count("\n", 0, position) + 2 - first))
            if kind == "initializer":
                statement_start = start  # the statement goes on behind a braced initializer
                continue
        statement_start = match.end()
    return found


def _kind(head, kinds):
    """What the brace behind `head` opens."""
    inside = kinds[-1][0] if kinds else "namespace"
    if inside not in ("namespace", "type"):
        return "block"
    head = head.strip()
    if re.match(r"(inline\s+)?namespace\b|extern\s*$", head):
        return "namespace"
    if re.match(r"(template\s*<.*>\s*)?(class|struct|union|enum)\b", head, re.DOTALL) and not head.endswith(")"):
        return "type"
    # A member initializer `a_{1}` or a braced default stands behind a name; a body behind `)`, a qualifier or a type.
    if "(" in head and not re.search(r"[:,]\s*\w+$|=\s*[\w:<>]*$", head):
        return "function"
    return "initializer"


def _name(head):
    match = re.search(r"([\w:~]+|operator\S+)\s*\(", head)
    return match[1] if match else "a function"
