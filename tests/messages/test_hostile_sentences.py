"""Every sentence of every module of words, whatever its arguments: inert, and a message Slack takes."""

from __future__ import annotations

import importlib
import inspect
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from hostile_text import (
    PERMALINK,
    a_text,
    assert_calls_nobody_and_links_nothing,
    assert_harmless,
)
from hypothesis import given, note, settings
from hypothesis import strategies as st

import compliance_bot.messages
from compliance_bot.messages.notice import say, show_notice
from compliance_bot.messages.templates import load_templates

Sentence = Callable[..., str]
ROOM = Path(compliance_bot.messages.__file__).parent
MODULES = [path.stem for path in sorted(ROOM.glob("*_words.py"))] + ["wording"]
PLAIN_MODULES = {"announcement_words", "landing_words", "life_words", "plain_words", "why_words"}
"""Modules whose sentences are plain text unless one says ``(mrkdwn)``; elsewhere one says "Plain text"."""


SHIPPED, _ = load_templates(Path(__file__).parents[2] / "templates")
OWN = {"called", "direct_text", "hash_words", "stands_in", "studio_comment", "would_be_told"}
"""What takes markup, names and sentences of the bot's own, and what is written into Studio."""


def sentences(module: str) -> list[Sentence]:
    found = importlib.import_module(f"compliance_bot.messages.{module}")
    return [
        one
        for name, one in inspect.getmembers(found, inspect.isfunction)
        if one.__module__ == found.__name__ and not name.startswith("_")
    ]


def is_plain(module: str, sentence: Sentence) -> bool:
    said = inspect.getdoc(sentence) or ""
    return "(mrkdwn)" not in said if module in PLAIN_MODULES else "plain text" in said.lower()


EVERY = [(module, one) for module in MODULES for one in sentences(module)]
MARKED = [one for module, one in EVERY if not is_plain(module, one) and one.__name__ not in OWN]


def worst(kind: Any, text: str) -> Any:
    """An argument of a type, every text in it hostile."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (Sequence, tuple, list):
        one = origin is tuple and inner[-1] is not ...
        return tuple(worst(kind, text) for kind in (inner if one else inner[:1] * 25))
    if origin is Mapping:
        return {worst(inner[0], text): worst(inner[1], text)}
    if inner:
        return worst(str if str in inner else inner[0], text)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return list(kind)[len(text) % len(kind)]
    if is_dataclass(kind) and isinstance(kind, type):
        return kind(**{name: worst(hint, text) for name, hint in typing.get_type_hints(kind).items()})
    return text if kind is str else len(text) % 2 if kind is bool else 1_700_000_000


def called(sentence: Sentence, text: str) -> str:
    kinds = typing.get_type_hints(sentence)
    given = {name: worst(kind, text) for name, kind in kinds.items() if name != "return"}
    return sentence(**given | ({"address": PERMALINK} if "address" in given else {}))


@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_no_argument_puts_life_into_a_sentence(data: st.DataObject) -> None:
    text = a_text(data)
    for sentence in MARKED:
        note(sentence.__name__)
        said = called(sentence, text)
        assert_calls_nobody_and_links_nothing(said)
        assert_harmless(say(said))
        assert_harmless(show_notice(SHIPPED, said))


def test_every_module_of_words_is_among_them() -> None:
    assert {"wording", "case_words", "digest_words", "welcome_words", "status_words"} <= set(MODULES)
    assert all(sentences(module) for module in MODULES)
