"""What docs/data.md has to say of events, tables, measures and KPIs, read from the sources that decide it.

Each function gives the rows of Markdown tables as they have to stand there (without the columns that explain).
"""

import re

FIELD_WORDS = {"kId": "id", "kName": "name", "kPerson": "person", "kText": "text", "kMoney": "money",
               "kInteger": "whole number", "kNumber": "number", "kTime": "time", "kFlag": "true or false",
               "kChoice": "word", "kLines": "lines", "kLabels": "labels"}
COLUMN_WORDS = {"kText": "text", "kInteger": "integer", "kNumber": "number", "kFlag": "flag",
                "kTimestamp": "timestamp", "kDate": "date", "kDecimal": "decimal"}


def body_of(source, name):
    """The text between the braces of `name[...] = {...};`."""
    match = re.search(r"\b" + re.escape(name) + r"(?:\[\w*\])?\s*=\s*\{(.*?)\};", source, re.DOTALL)
    if not match:
        raise ValueError(f"no {name} in the source")
    return re.sub(r"//.*", "", match[1])


def constants_of(source):
    """Named numbers: kMost, kUnitsMost."""
    return {name: float(value) for name, value in re.findall(r"constexpr double (k\w+) = ([\d.e+-]+);", source)}


def bounds_text(least, most):
    """`0 or more`, `1 to 5`; nothing if there are none."""
    unbounded = 1e300
    low, high = (f"{bound:,.15g}" for bound in (least, most))
    if most >= unbounded:
        return "" if least <= -unbounded else f"{low} or more"
    return f"{low} to {high}"


def field_rows(source, array):
    """`| `field` | holds | needed |` for each field of one array of schema.cc."""
    constants = constants_of(source)
    rows = []
    for text in re.findall(r"\{([^{}]*)\}", body_of(source, array)):
        spec = spec_of(text)
        holds = FIELD_WORDS[spec["type"]]
        if spec["type"] == "kChoice":
            holds = "one of " + ", ".join(f"`{word}`" for word in spec["choices"].strip('"').split())
        elif "least" in spec or "most" in spec:
            bounds = bounds_text(number_of(spec.get("least", "-1e300"), constants), number_of(spec.get("most", "1e300"), constants))
            holds += f", {bounds}" if bounds else ""
        needed = "yes" if spec.get("required") in ("kRequired", "true") else ""
        needed += ", or `null`" if spec.get("nullable") == "true" else ""
        rows.append(f"| `{spec['name'].strip(chr(34))}` | {holds} | {needed} |")
    return rows


def spec_of(text):
    """A FieldSpec as {member: text}, written in order or with the names of its members."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts[0].startswith("."):
        return dict(zip(("name", "type", "required", "least", "most", "choices"), parts))
    return dict(re.fullmatch(r"\.(\w+)\s*=\s*(.*)", part).groups() for part in parts)


def number_of(text, constants):
    sign, name = (-1, text[1:]) if text.startswith("-k") else (1, text)
    return sign * constants[name] if name in constants else float(text)


def event_types(source):
    """{array of fields: [types that have it]}, in the order of kSchema."""
    schema = re.search(r"kSchema = \{\{(.*?)\}\};", source, re.DOTALL)[1]
    types = {}
    for name, array in re.findall(r'\{\w+, "([\w.]+)", (\w+)\}', schema):
        types.setdefault(array, []).append(name)
    return types


def table_rows(source):
    """`| `table` | `column` type, ... |` for each table of tables.cc."""
    tables = re.findall(r'\{TableId::\w+, "(\w+)", (\w+)\}', source)
    rows = []
    for name, array in tables:
        columns = re.findall(r'\{"(\w+)", (\w+)\}', body_of(source, array))
        text = ", ".join(f"`{column}` {COLUMN_WORDS[kind]}" for column, kind in columns)
        rows.append(f"| `{name}` | {text} |")
    return rows


def view_names(source):
    return re.findall(r'"(\w+)"', body_of(source, "kDerived"))


def measures(source):
    """(name, kind) for each measure of measure.cc: "event", "level" or "identity"."""
    return [(name, kind.lower())
            for name, kind in re.findall(r'^ *\{"([\w.]+)", \w+, k(Event|Level|Identity)\}', source, re.MULTILINE)]


def reasons(source):
    return [word for word in re.findall(r'return "(\w+)";', source)]


def kpi_rows(pack):
    """`| `kpi` | formula | dimensions |` for each KPI of a metric pack."""
    rows = []
    for kpi in pack["kpi"]:
        splits = ", ".join(f"`{split}`" for split in kpi.get("dimensions", []))
        rows.append(f"| `{kpi['name']}` | `{kpi['formula']}` | {splits} |")
    return rows
