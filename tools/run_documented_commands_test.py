"""What counts as a command of a document, and that a wrong one is found."""

import pathlib
import tempfile
import unittest

import run_documented_commands
from run_documented_commands import Command, commands_of


class CommandsTest(unittest.TestCase):
    def test_lines_of_sh_blocks_count_and_comments_do_not(self):
        document = "text\n\n```sh\n# first\npurvey check   # says what is wrong\n./dev demo\n```\n```toml\npurvey = 1\n```\n"
        self.assertEqual(commands_of(document),
                         [Command(5, "purvey check   # says what is wrong"), Command(6, "./dev demo")])

    def test_a_quote_over_several_lines_is_one_command(self):
        document = '```sh\npurvey sql "select 1,\n  2"\npurvey digest\n```\n'
        self.assertEqual(commands_of(document), [Command(2, 'purvey sql "select 1,\n  2"'), Command(4, "purvey digest")])

    def test_a_backslash_joins_lines(self):
        self.assertEqual(commands_of("```sh\npurvey replay a \\\n  --json\n```\n"),
                         [Command(2, "purvey replay a \\\n  --json")])

    def test_indented_lines_count_where_they_begin_with_the_program(self):
        document = "text:\n\n    purvey check\n    Nr;Kunde\n\nmore\n"
        self.assertEqual(commands_of(document), [Command(3, "purvey check")])

    def test_a_block_is_left_out_only_with_a_reason_right_before_it(self):
        left_out = "<!-- not run: takes an hour -->\n\n```sh\nfirst\n```\n\n```sh\nsecond\n```\n"
        self.assertEqual(commands_of(left_out), [Command(8, "second")])
        self.assertEqual(commands_of("<!-- not run: -->\n```sh\nfirst\n```\n"), [Command(3, "first")])


class PagesTest(unittest.TestCase):
    def test_both_front_pages_show_the_same_commands(self):
        pages = [(run_documented_commands.ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh-CN.md")]
        english, chinese = ([command.text.partition(" #")[0].rstrip() for command in commands_of(page)] for page in pages)
        self.assertEqual(english, chinese)
        self.assertEqual(len(english), 7)


class RunningTest(unittest.TestCase):
    def fault(self, text):
        with tempfile.TemporaryDirectory() as scratch:
            folder = pathlib.Path(scratch)
            (folder / "build").mkdir()
            program = folder / "build" / "purvey"
            program.write_text('#!/bin/sh\n[ "$1" = check ] || { echo "no such word" >&2; exit 2; }\n')
            program.chmod(0o755)
            return run_documented_commands.fault_of(Command(1, text), folder, {"demo"})

    def test_a_command_that_works_is_right(self):
        self.assertIsNone(self.fault("purvey check | cat"))
        self.assertIsNone(self.fault("build/purvey check"))

    def test_a_command_that_fails_is_wrong_with_what_it_said(self):
        self.assertEqual(self.fault("purvey chekc"), "exit status 2: no such word")

    def test_dev_commands_have_to_be_there(self):
        self.assertIsNone(self.fault("./dev demo"))
        self.assertIn("no command 'demno'", self.fault("./dev demno"))

    def test_other_commands_are_wrong(self):
        self.assertIn("not a command of this project", self.fault("curl example.com"))

    def test_the_usage_of_dev_gives_its_commands(self):
        known = run_documented_commands.dev_commands((run_documented_commands.ROOT / "dev").read_text())
        self.assertTrue({"demo", "build", "test", "check", "bench", "asan", "tsan", "fuzz", "clean"} <= known, known)
        self.assertNotIn("sample", known)

    def test_the_example_of_the_import_page_is_whole(self):
        page = (run_documented_commands.ROOT / "docs/import.md").read_text(encoding="utf-8")
        self.assertEqual(set(run_documented_commands.import_example(page)), {"orders.csv", "items.csv", "shop.toml"})


if __name__ == "__main__":
    unittest.main()
