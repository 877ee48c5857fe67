import contextlib
import io
import pathlib
import tempfile
import unittest

import skipped_tests

LOG = """99% tests passed, 0 tests failed out of 3

Total Test time (real) =   0.01 sec

The following tests did not run:
\t  2 - olist.orders_by_month (Skipped)
\t 13 - scms (Not Run)

Other words
\t 14 - not.in.the_list (Skipped)
"""


class SkippedTestsTest(unittest.TestCase):
    def status(self, log, data):
        with tempfile.NamedTemporaryFile("w", suffix=".log") as file, contextlib.redirect_stdout(io.StringIO()) as out:
            file.write(log)
            file.flush()
            status = skipped_tests.main([file.name, "--data", data])
        self.out = out.getvalue()
        return status

    def test_the_list_below_the_heading_is_read(self):
        self.assertEqual(skipped_tests.skipped_tests(LOG), [("olist.orders_by_month", "Skipped"), ("scms", "Not Run")])

    def test_a_skip_fails_where_the_data_is(self):
        self.assertEqual(self.status(LOG, str(pathlib.Path(__file__).parent)), 1)
        self.assertIn("olist.orders_by_month (Skipped)", self.out)

    def test_a_skip_is_only_counted_elsewhere(self):
        self.assertEqual(self.status(LOG, "/nowhere/at/all"), 0)
        self.assertIn("skipped tests: 2", self.out)

    def test_no_skip_is_fine_everywhere(self):
        self.assertEqual(self.status("100% tests passed\n", str(pathlib.Path(__file__).parent)), 0)
        self.assertIn("skipped tests: 0", self.out)


if __name__ == "__main__":
    unittest.main()
