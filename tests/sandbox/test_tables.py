"""What the product asks of Slack stands in the table of the embedded one."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import compliance_bot
from compliance_bot.sandbox.slack.refusals import METHODS

PRODUCT = Path(compliance_bot.__file__).parent
FAMILIES = """
apps assistant auth blocks bookmarks bots calls canvases chat conversations dialog dnd emoji files functions
lists oauth pins reactions reminders rtm search slackLists team tooling usergroups users views workflows
"""
METHOD = re.compile(rf"({'|'.join(FAMILIES.split())})(\.[a-zA-Z]+)+")


def test_every_slack_method_that_the_product_names_has_a_table() -> None:
    """Studio's room has names of its own, in the same form."""
    others = {"sandbox", "studio"}
    modules = (path for path in PRODUCT.rglob("*.py") if others.isdisjoint(path.relative_to(PRODUCT).parts))
    texts = {
        node.value
        for path in modules
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    named = {text for text in texts if METHOD.fullmatch(text)}
    assert {"chat.postMessage", "chat.update", "apps.connections.open", "users.info"} <= named
    assert named - set(METHODS) == set()
