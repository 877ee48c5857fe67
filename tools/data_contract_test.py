"""docs/data.md against the sources: every event type with its fields, every table with its columns, every measure, KPI,
verdict and reason stands there, as the program has it, and nothing else does. And docs/ARCHITECTURE.md against the build:
every module with its DEPS."""

import pathlib
import re
import tomllib
import unittest

import data_contract
import tidy

ROOT = pathlib.Path(__file__).resolve().parent.parent


def source(path):
    return (ROOT / path).read_text(encoding="utf-8")


def rows_of(text):
    """The rows of all tables in `text`, without heads and rules."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [line for line in lines if line.startswith("| `")]


def first_columns(row, count):
    cells = row.split(" | ")
    return " | ".join(cells[:count]).rstrip(" |")


class DataContractTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.document = source("docs/data.md")
        cls.sections = {}
        for part in re.split(r"^#{2,3} ", cls.document, flags=re.MULTILINE)[1:]:
            title, _, body = part.partition("\n")
            cls.sections[title.strip()] = body

    def section(self, start):
        found = [body for title, body in self.sections.items() if title.startswith(start)]
        self.assertEqual(len(found), 1, f"one section '{start}' in docs/data.md")
        return found[0]

    def assert_rows(self, section, expected, columns):
        found = [first_columns(row, columns) for row in rows_of(self.section(section))]
        self.assertEqual(found, [first_columns(row, columns) for row in expected], section)

    def test_every_event_type_has_its_fields_with_bounds_and_choices(self):
        schema = source("src/event/schema.cc")
        types = data_contract.event_types(schema)
        self.assertEqual(sum(map(len, types.values())), 48)
        for array, names in types.items():
            self.assert_rows(" ".join(f"`{name}`" for name in names), data_contract.field_rows(schema, array), 3)

    def test_no_event_type_stands_there_that_the_schema_lacks(self):
        known = {name for names in data_contract.event_types(source("src/event/schema.cc")).values() for name in names}
        titles = {word for title in self.sections for word in re.findall(r"`(\w+\.\w+)`", title)}
        self.assertEqual(titles, known)

    def test_every_table_has_its_columns(self):
        rows = data_contract.table_rows(source("src/store/tables.cc"))
        self.assertEqual(len(rows), 26)
        self.assert_rows("Tables", rows, 2)

    def test_every_view_stands_there(self):
        names = data_contract.view_names(source("src/store/facts/views.cc"))
        self.assertEqual([row.split("`")[1] for row in rows_of(self.section("Views"))], names)

    def test_every_measure_stands_there_with_its_kind(self):
        found = [(row.split("`")[1], row.split(" | ")[1]) for row in rows_of(self.section("Measures"))]
        self.assertEqual(found, data_contract.measures(source("src/flow/metric/measure.cc")))

    def test_every_kpi_has_its_formula_and_dimensions(self):
        rows = data_contract.kpi_rows(tomllib.loads(source("packs/ecommerce.toml")))
        self.assert_rows("KPIs", rows, 3)

    def test_every_verdict_and_reason_stands_there(self):
        verdicts = re.findall(r'"(\w+)"', data_contract.body_of(source("src/event/verdict.h"), "kVerdictNames"))
        self.assertEqual(len(verdicts), 7)
        self.assertEqual([row.split("`")[1] for row in rows_of(self.section("Verdicts"))], verdicts)
        words = data_contract.reasons(source("src/event/verdict.cc"))
        self.assertEqual([row.split("`")[1] for row in rows_of(self.section("Reasons"))], words)


class ArchitectureTest(unittest.TestCase):
    def test_the_table_of_floors_is_that_of_the_build(self):
        floor = lambda name: tidy.FLOORS[name.split("/")[0]]
        modules = sorted(tidy.Project(ROOT).modules.values(), key=lambda module: (floor(module.name), module.name))
        expected = [[str(floor(module.name)), f"`{module.name}`", ", ".join(module.deps)] for module in modules]
        rows = re.findall(r"^\| (\d) \| (`[\w/]+`) \| ([^|]*) \|", source("docs/ARCHITECTURE.md"), re.MULTILINE)
        self.assertEqual([[cell.strip() for cell in row] for row in rows], expected)


class ReadingTest(unittest.TestCase):
    """That the reader of the sources sees a change: else the tests above could not fail."""

    SCHEMA = '''constexpr double kUnitsMost = 1e9;
constexpr FieldSpec kCartFields[] = {
    {"cart", kId, kRequired}, {"qty", kInteger, kRequired, -kUnitsMost, kUnitsMost},
    {"cost", kMoney, false, 0, 1e300}, {"how", kChoice, kRequired, 0, 0, "by_hand by_robot"}, {"note", kText},
};
const std::array<KindSpec, 1> kSchema = {{ {kCart, "cart.pushed", kCartFields}, }};'''

    def test_fields_come_with_bounds_choices_and_need(self):
        self.assertEqual(data_contract.field_rows(self.SCHEMA, "kCartFields"), [
            "| `cart` | id | yes |",
            "| `qty` | whole number, -1,000,000,000 to 1,000,000,000 | yes |",
            "| `cost` | money, 0 or more |  |",
            "| `how` | one of `by_hand`, `by_robot` | yes |",
            "| `note` | text |  |"])

    def test_fields_may_be_written_with_the_names_of_members(self):
        schema = """constexpr FieldSpec kCartFields[] = {
            {.name = "load", .type = kNumber, .required = kRequired, .nullable = true}, {.name = "age", .type = kNumber, .least = 0},
        };"""
        self.assertEqual(data_contract.field_rows(schema, "kCartFields"),
                         ["| `load` | number | yes, or `null` |", "| `age` | number, 0 or more |  |"])

    def test_types_come_with_their_fields(self):
        self.assertEqual(data_contract.event_types(self.SCHEMA), {"kCartFields": ["cart.pushed"]})

    def test_tables_come_with_their_columns(self):
        tables = '''constexpr ColumnSpec kCartColumns[] = {{"seq", kInteger}, {"cart", kText}};
            {TableId::kCart, "cart", kCartColumns},'''
        self.assertEqual(data_contract.table_rows(tables), ["| `cart` | `seq` integer, `cart` text |"])


if __name__ == "__main__":
    unittest.main()
