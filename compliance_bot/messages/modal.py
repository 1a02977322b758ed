"""A modal as Slack takes it: its loading state, its contents, and the fields people fill in.

A field's block has the field's own name as its id, so that a mistake can be said where it was made.
Source: docs.slack.dev on views; the limits after slack_sdk's models.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from compliance_bot.messages import form_words
from compliance_bot.messages.framing import plain, section
from compliance_bot.messages.limits import TEXT
from compliance_bot.messages.mrkdwn import truncate

LONGEST_TITLE = 24
"""UTF-16 units of a modal's title and of the words on its two buttons."""
LONGEST_OPTION = 75
LONGEST_LABEL = 2_000
LONGEST_METADATA = 3_000
MOST_BLOCKS = 100
MOST_OPTIONS = 100

Block = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Modal:
    """What a modal shows. ``submit``: the words of its button, None where there is nothing to send off.

    ``version``: the version of what it was filled from. ``remembers``: small things that come back with
    what was filled in; they are JSON, and Slack keeps them, so no secrets.
    """

    title: str
    blocks: tuple[Block, ...]
    submit: str | None = None
    version: int | None = None
    remembers: Mapping[str, Any] = field(default_factory=dict)


def loading(callback_id: str, title: str) -> dict[str, Any]:
    """The modal that opens at once, before anything is known."""
    return _view(callback_id, Modal(title=title, blocks=(section(form_words.one_moment()),)), "")


def saying(callback_id: str, title: str, sentence: str) -> dict[str, Any]:
    """The modal that only says why there is nothing to fill in."""
    return _view(callback_id, Modal(title=title, blocks=(said(sentence),)), "")


def said(sentence: str, block_id: str | None = None) -> Block:
    """A sentence of mrkdwn of ours, within Slack's limit."""
    block = section(truncate(sentence, TEXT, markup=True))
    return block if block_id is None else {**block, "block_id": block_id}


def filled(callback_id: str, modal: Modal, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The modal with its contents; ``ValueError`` where ``metadata`` is more than Slack keeps."""
    kept = json.dumps(metadata, ensure_ascii=False, separators=(",", ":"))
    if len(kept) > LONGEST_METADATA:
        raise ValueError(f"{len(kept)} characters of metadata are too many for {callback_id}")
    return _view(callback_id, modal, kept)


def _view(callback_id: str, modal: Modal, metadata: str) -> dict[str, Any]:
    view: dict[str, Any] = {
        "type": "modal",
        "callback_id": callback_id,
        "title": _short(modal.title, LONGEST_TITLE),
        "close": plain("Cancel" if modal.submit else "Close"),
        "blocks": list(modal.blocks[:MOST_BLOCKS]),
        "private_metadata": metadata,
    }
    return view if modal.submit is None else {**view, "submit": _short(modal.submit, LONGEST_TITLE)}


def _short(words: str, limit: int) -> dict[str, Any]:
    return plain(truncate(form_words.label(words), limit, markup=False))


# ---------------------------------------------------------------- fields


def field_of(
    name: str,
    label: str,
    element: Mapping[str, Any],
    *,
    hint: str | None = None,
    optional: bool = False,
    tells: bool = False,
) -> Block:
    """A labelled field. ``tells``: whatever is chosen there is told at once, so that the modal can follow."""
    block: Block = {
        "type": "input",
        "block_id": name,
        "label": _short(label, LONGEST_LABEL),
        "element": {**element, "action_id": name},
    }
    if hint:
        block["hint"] = _short(hint, LONGEST_LABEL)
    if optional:
        block["optional"] = True
    if tells:
        block["dispatch_action"] = True
    return block


def words_field(name: str, label: str, *, hint: str | None = None, optional: bool = False) -> Block:
    """A field of several lines. Its limit is ours to look at: Slack's own cuts silently what is pasted."""
    return field_of(
        name, label, {"type": "plain_text_input", "multiline": True}, hint=hint, optional=optional
    )


def option(value: str, words: str) -> dict[str, Any]:
    """One thing to choose."""
    return {"text": _short(words, LONGEST_OPTION), "value": value}


def choice(kind: str, options: Sequence[tuple[str, str]], chosen: str | None = None) -> dict[str, Any]:
    """An element of ``kind`` (``radio_buttons``, ``static_select``) with its options as (value, words)."""
    given = [option(*one) for one in options[:MOST_OPTIONS]]
    element: dict[str, Any] = {"type": kind, "options": given}
    initial = next((one for one in given if one["value"] == chosen), None)
    return element if initial is None else {**element, "initial_option": initial}
