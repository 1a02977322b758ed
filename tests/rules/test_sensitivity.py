import ast
from pathlib import Path

import compliance_bot
from compliance_bot.rules.sensitivity import clear

PACKAGE = Path(compliance_bot.__file__).parent


def test_cleared_request_goes_to_the_channel_that_was_judged() -> None:
    cleared = clear("chat.postMessage", "C1", {"channel": "C2", "text": "x"}, 7)
    assert cleared.arguments == {"channel": "C1", "text": "x"}
    assert (cleared.method, cleared.channel_id, cleared.version) == ("chat.postMessage", "C1", 7)


def test_no_other_module_builds_a_cleared_request() -> None:
    builders = {
        file.relative_to(PACKAGE).as_posix()
        for file in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and _name(node.func) == "Cleared"
    }
    assert builders == {"rules/sensitivity.py"}


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
