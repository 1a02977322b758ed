"""Secrets that stand in rules.yaml: refused with their place, never repeated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from compliance_bot.config.nodes import KeyPath, Located
from compliance_bot.model.problems import Problem

_JWT = r"\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}"
_TOKEN = re.compile(
    rf"\b(?:xox[a-z]|xapp)-[\w-]+|hooks\.slack(?:-gov)?\.com/|{_JWT}|\bbearer\s+[\w.~+/-]{{16,}}",
    re.IGNORECASE,
)
_REAL_TOKEN = re.compile(
    rf"\b(?:xox[a-z]|xapp)-\d[\w-]{{15,}}|hooks\.slack(?:-gov)?\.com/services/T\w+/B\w+|{_JWT}"
)
_MENDS = {
    "bot_token": "set SLACK_BOT_TOKEN instead",
    "app_token": "set SLACK_APP_TOKEN instead",
    "signing_secret": "leave it out: a bot on Socket Mode needs none",
    "client_secret": "leave it out: it is not needed",
    "api_key": "set STUDIO_TOKEN instead",
    "token": "set it as an environment variable or a credential instead",
    "password": "set STUDIO_PASSWORD_<ROLE> instead",
    "webhook_url": "set SLACK_WEBHOOK_<CHANNEL> instead",
}


def find_secrets(located: Located, text: str) -> frozenset[KeyPath]:
    """Complain of each secret; the paths of those that stand as values, for others to pass over."""
    paths = dict(_planted(located.data, ()))
    for path, mend in paths.items():
        located.complain(path, "is a secret, and rules.yaml never holds one", mend)
    seen = {problem.line for problem in located.problems}
    for number, line in enumerate(text.split("\n"), 1):
        if number not in seen and (found := _REAL_TOKEN.search(line)):
            message = "a secret stands here, and rules.yaml never holds one"
            hint = "take it out, and renew it: it may have been seen"
            column = found.start() + 1
            located.problems.append(
                Problem(file=located.file, message=message, line=number, column=column, hint=hint)
            )
    return frozenset(paths)


def _planted(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    name = path[-1] if path and isinstance(path[-1], str) else ""
    if name in _MENDS:
        yield path, _MENDS[name]
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _planted(inner, (*path, key))
    elif isinstance(value, tuple):
        for index, inner in enumerate(value):
            yield from _planted(inner, (*path, index))
    elif isinstance(value, str) and _TOKEN.search(value):
        yield path, "set it as an environment variable or a credential instead"
