"""Each rule of tidy.py on a small tree: clean as it stands, and with one mistake that the rule must find."""

import pathlib
import tempfile
import unittest

import cpp_text
import tidy


class TidyTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = pathlib.Path(self.folder.name)
        self.write("src/base/CMakeLists.txt", "purvey_module(base SOURCES money.cc)")
        self.write("src/base/README.md", "`money.h`: money\n")
        self.write("src/base/money.h", "int cents();\n")
        self.write("src/base/money.cc", '#include "base/money.h"\n')
        self.write("src/event/CMakeLists.txt", "purvey_module(event\n  SOURCES order.cc TESTS order_test.cc DEPS base)")
        self.write("src/event/README.md", "orders\n")
        self.write("src/event/order.cc", '#include "base/money.h"\n#include <vector>\n')
        self.write("src/event/order_test.cc", '#include "base/money.h"\n')
        self.write("tools/README.md", "tools\n")

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def found(self):
        return [(finding.rule, finding.path) for finding in tidy.findings_of(self.root)]

    def assert_one(self, rule, path):
        self.assertEqual(self.found(), [(rule, path)])

    def test_a_clean_tree_has_no_findings(self):
        self.assertEqual(self.found(), [])

    def test_include_of_a_module_outside_deps_is_found(self):
        self.write("src/event/CMakeLists.txt", "purvey_module(event SOURCES order.cc TESTS order_test.cc)")
        self.assertEqual(self.found(), [("include", "src/event/order.cc"), ("include", "src/event/order_test.cc")])

    def test_deps_of_deps_do_not_count(self):
        self.write("src/flow/CMakeLists.txt", "purvey_module(flow SOURCES shard.cc DEPS event)")
        self.write("src/flow/README.md", "flow\n")
        self.write("src/flow/shard.cc", '#include "base/money.h"\n')
        self.assert_one("include", "src/flow/shard.cc")

    def test_a_test_and_its_fixture_may_use_its_test_libs(self):
        self.write("src/store/CMakeLists.txt", "purvey_module(store SOURCES s.cc TESTS s_test.cc stock_fixture.cc\n"
                   "TEST_LIBS purvey_base)")
        self.write("src/store/README.md", "store\n")
        self.write("src/store/s_test.cc", '#include "base/money.h"\n')
        self.write("src/store/stock_fixture.h", '#include "base/money.h"\n')
        self.write("src/store/stock_fixture.cc", '#include "base/money.h"\n')
        self.write("src/store/s.cc", "")
        self.assertEqual(self.found(), [])
        self.write("src/store/s.cc", '#include "base/money.h"\n')
        self.assert_one("include", "src/store/s.cc")

    def test_include_of_a_missing_file_is_found(self):
        self.write("src/event/order.cc", '#include "money.h"\n')
        self.assert_one("include", "src/event/order.cc")

    def test_internal_header_of_another_module_is_found(self):
        self.write("src/base/internal/table.h", "")
        self.write("src/base/money.cc", '#include "base/internal/table.h"\n')
        self.assertEqual(self.found(), [])
        self.write("src/event/order.cc", '#include "base/internal/table.h"\n')
        self.assert_one("include", "src/event/order.cc")

    def test_dep_on_a_lower_floor_is_found(self):
        self.write("src/base/CMakeLists.txt", "purvey_module(base SOURCES money.cc DEPS event)")
        self.assertIn(("floor", "src/base/CMakeLists.txt"), self.found())

    def test_dep_on_a_neighbour_of_the_same_floor_is_found(self):
        for name in ("store", "send"):
            self.write(f"src/{name}/README.md", "x\n")
        self.write("src/store/CMakeLists.txt", "purvey_module(store DEPS base)")
        self.write("src/send/CMakeLists.txt", "purvey_module(send DEPS store)")
        self.assert_one("floor", "src/send/CMakeLists.txt")

    def test_circle_inside_one_folder_is_found(self):
        for name, dep in (("a", "b"), ("b", "a")):
            self.write(f"src/flow/{name}/README.md", "x\n")
            self.write(f"src/flow/{name}/CMakeLists.txt", f"purvey_module(flow/{name} DEPS flow/{dep})")
        self.assertEqual(self.found(), [("floor", "src/flow/a/CMakeLists.txt"), ("floor", "src/flow/b/CMakeLists.txt")])

    def test_unknown_dep_and_unknown_floor_are_found(self):
        self.write("src/event/CMakeLists.txt", "purvey_module(event SOURCES order.cc TESTS order_test.cc DEPS base nowhere)")
        self.assert_one("floor", "src/event/CMakeLists.txt")
        self.write("src/event/CMakeLists.txt", "purvey_module(event SOURCES order.cc TESTS order_test.cc DEPS base)")
        self.write("src/cellar/README.md", "x\n")
        self.write("src/cellar/CMakeLists.txt", "purvey_module(cellar)")
        self.assert_one("floor", "src/cellar/CMakeLists.txt")

    def test_module_in_another_folder_is_found(self):
        self.write("src/base/CMakeLists.txt", "purvey_module(base SOURCES money.cc)\npurvey_module(algo)")
        self.assert_one("module", "src/base/CMakeLists.txt")

    def test_banned_calls_are_found(self):
        for call in ("auto t = std::chrono::steady_clock::now();", "auto t = Clock::now();", "std::random_device d;", "int i = rand();",
                     "std::this_thread::sleep_for(1s);", "sleep(1);", "auto t = time(nullptr);", "auto t = std::time(0);",
                     "clock_gettime(CLOCK_REALTIME, &t);", "int* p = new int(3);", "delete p;", "delete[] p;",
                     'std::cout << "x";'):
            with self.subTest(call):
                self.write("src/event/order.cc", f"void f() {{ {call} }}\n")
                self.assert_one("call", "src/event/order.cc")

    def test_harmless_neighbours_of_banned_calls_are_not_found(self):
        self.write("src/event/order.cc", """
            // std::cout, new Order, rand(), time(nullptr)
            Order(const Order&) = delete;
            std::string s = "delete everything; new Order";
            auto a = event.time(); auto b = clock.now(); auto c = renew (1); auto d = event_time(0);
            int RunningSums::now(int key) { return key; }
            auto e = std::unique_ptr<Order>(new Order(1));
            int strand(int);  int big = 1'000'000;
            """)
        self.assertEqual(self.found(), [])

    def test_time_may_be_read_in_base_but_not_new(self):
        self.write("src/base/money.cc", "auto t = std::chrono::system_clock::now();")
        self.assertEqual(self.found(), [])
        self.write("src/base/money.cc", "auto* t = new int;")
        self.assert_one("call", "src/base/money.cc")

    def test_source_that_no_cmake_file_lists_is_found(self):
        self.write("src/event/lost.cc", "")
        self.assert_one("listed", "src/event/lost.cc")

    def test_missing_and_long_readme_are_found(self):
        (self.root / "src/event/README.md").unlink()
        self.assert_one("readme", "src/event")
        self.write("src/event/README.md", "x\n" * 40)
        self.assertEqual(self.found(), [])
        self.write("src/event/README.md", "x\n" * 41)
        self.assert_one("readme", "src/event/README.md")

    def test_banned_folder_name_is_found(self):
        self.write("tools/utils/x.txt", "")
        self.assert_one("folder", "tools/utils")

    def test_document_that_names_a_missing_path_is_found(self):
        for claim in ("`base/gone.h`", "`src/base/gone`", "`gone.cc`", "`gone/`", "[it](gone.md)", "`base/money.{h,cc,txt}`"):
            with self.subTest(claim):
                self.write("docs/x.md", f"see {claim}\n")
                self.assert_one("document", "docs/x.md")

    def test_what_is_no_claim_of_a_path_is_not_found(self):
        self.write("docs/x.md", "`build/purvey` `purvey-data/state.db` `application/json` `src/*.cc` `<name>_test.cc` `a/b`\n"
                   "[web](https://example.org/gone.md) [here](../src/base/money.h#cents) `base/money.{h,cc}` `money.h`\n"
                   "`orders.csv` `./src/base/` `/api/v1/live`\n```\n`gone.cc`\n```\n")
        self.assertEqual(self.found(), [])

    def test_npm_lock_without_hash_or_with_registry_is_found(self):
        self.write("package-lock.json", '{"packages": {"": {}, "node_modules/a": {"integrity": "sha512-x"}}}')
        self.assertEqual(self.found(), [])
        self.write("package-lock.json", '{"packages": {"": {}, "node_modules/a": {"version": "1"}}}')
        self.assert_one("npm", "package-lock.json")
        self.write("package-lock.json", '{"packages": {"node_modules/a": {"integrity": "x", "resolved": "https://r/a"}}}')
        self.assert_one("npm", "package-lock.json")

    def test_an_exception_excuses_and_an_idle_one_is_found(self):
        self.write("src/event/lost.cc", "")
        self.write("tools/tidy_exceptions.txt", "# why\nlisted | src/event/lost.cc | a template for others\n")
        self.assertEqual(self.found(), [])
        (self.root / "src/event/lost.cc").unlink()
        self.assert_one("exception", "tools/tidy_exceptions.txt")

    def test_an_exception_without_a_reason_is_found(self):
        self.write("tools/tidy_exceptions.txt", "listed | src/event/lost.cc\n")
        self.assert_one("exception", "tools/tidy_exceptions.txt")

    def test_a_document_may_name_what_is_planned_and_a_plan_come_true_is_reported(self):
        self.write("docs/x.md", "see `base/gone.h`\n")
        self.write("tools/tidy_exceptions.txt", "planned | base/gone.h | next\n")
        self.assertEqual(self.found(), [])
        self.assertEqual(list(tidy.report_plans(tidy.Project(self.root))), [])
        self.write("src/base/gone.h", "")
        self.assertEqual(len(list(tidy.report_plans(tidy.Project(self.root)))), 1)

    def test_long_functions_and_files_are_reported(self):
        self.write("src/event/order.cc", "void f() {\n" + "  g();\n" * 69 + "}\n")
        self.assertEqual(list(tidy.report_lengths(tidy.Project(self.root))), [tidy.Finding(
            "length", "src/event/order.cc", 1, "f has 71 lines, the limit is 70")])
        self.write("src/event/order.cc", "void f() {\n" + "  g();\n" * 68 + "}\n")
        self.assertEqual(list(tidy.report_lengths(tidy.Project(self.root))), [])
        self.write("src/event/order.cc", "\n" * 601)
        self.assertEqual(len(list(tidy.report_lengths(tidy.Project(self.root)))), 1)


class FunctionsTest(unittest.TestCase):
    def test_names_and_lengths(self):
        text = """#include "x.h"
namespace purvey {
struct Point {
  int x = {3};
  int sum() const { return x; }
};
const std::vector<int> kTable = {{1, 2}, {3}};
// a comment with { in it
Result<int> Reader::next(int n) noexcept {
  if (n) {
    return [] { return '{'; }();
  }
  return 0;
}
Reader::Reader(int n)
    : n_(n), table_{1, 2} {
  start();
}
}  // namespace purvey
"""
        self.assertEqual(cpp_text.functions(text), [("sum", 5, 1), ("Reader::next", 9, 6), ("Reader::Reader", 15, 4)])


if __name__ == "__main__":
    unittest.main()
