import json
import subprocess
import sys
from pathlib import Path

import pytest

from compliance_bot.rules.grammar import keep_tables, offer_tables, rule_engine, tables_file

PROBE = """
from compliance_bot.rules import grammar
from compliance_bot.rules.conditions import compile_condition
event = {"score": 7, "title": "a AND b", "frameworks": ("SOC 2",)}
texts = ["score NOT IN [1] AND NOT (score > 9)", "title == 'a AND b' OR score < 1", "'SOC 2' IN frameworks"]
print(grammar._offered, [compile_condition(text).holds(event) for text in texts])
"""


def probe(*, tables: bool) -> str:
    """What a fresh process says, with the kept tables or without."""
    hide = "" if tables else "import json; json.loads = lambda text: []\n"
    command = [sys.executable, "-B", "-c", hide + PROBE]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root)
    return done.stdout.strip()


def test_kept_tables_give_the_same_answers_as_new_ones() -> None:
    keep_tables(rule_engine.Rule.parser._parser, tables_file())
    assert probe(tables=True) == "True [True, True, True]"
    assert probe(tables=False) == "False [True, True, True]"


def test_kept_tables_are_those_of_the_parser(tmp_path: Path) -> None:
    file = tmp_path / "tables.json"
    parser = rule_engine.Rule.parser._parser
    keep_tables(parser, file)
    kept = json.loads(file.read_text())
    assert kept["action"] == json.loads(json.dumps(parser.action))
    assert len(kept["productions"]) == len(parser.productions)
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"action": 1, "goto": 2, "productions": 3}',
        "null",
        '{"action": {}, "goto": {}, "productions": [[1]]}',
    ],
)
def test_file_that_does_not_read_is_passed_over(tmp_path: Path, content: str) -> None:
    file = tmp_path / "tables.json"
    file.write_text(content)
    assert not offer_tables(file)
    assert not offer_tables(tmp_path / "absent")


def test_directory_that_may_not_be_written_is_no_matter(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    keep_tables(rule_engine.Rule.parser._parser, blocked / "tables.json")
    assert blocked.read_text() == ""
