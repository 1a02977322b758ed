"""The page's rules panel, from the supervisor's side: check a text, explain what it would do, take it."""

from __future__ import annotations

import asyncio
import dataclasses
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from compliance_bot import control
from compliance_bot.cli.demonstration.cast import cast_of
from compliance_bot.cli.demonstration.explaining import explained
from compliance_bot.cli.demonstration.place import Place
from compliance_bot.cli.demonstration.sample_events import SAMPLES
from compliance_bot.errors import BotError, UserMistake
from compliance_bot.handlers import manifest
from compliance_bot.insight.imagined import Imagined
from compliance_bot.model.problems import Problem
from compliance_bot.model.slack import Directory
from compliance_bot.rulebook import Rulebook, RulesRefused, compile_rulebook
from compliance_bot.store import directories

Answer = dict[str, Any]
RULES = "/world/bot/rules"
SLACK, STUDIO = "/world/slack/state?last=0", "/world/studio/state"
_IN_FORCE = {"starting": "rules", "rules.unchanged": "rules", "rules.reloaded": "to"}
"""Entry of the bot's log → its field with the hash of the rules that are in force from then on."""


class RulesDesk:
    """Keeps the page's panel in step with the demo's rules.yaml and with the bot that runs on it.

    Args:
        place: Whose rules.yaml it is.
        ask: Reads a path of the world.
        tell: Posts to a path of the world.
        reload: Has the bot read its rules again, where it runs far enough to hear it.

    """

    def __init__(
        self,
        *,
        place: Place,
        ask: Callable[[str], Awaitable[Any]],
        tell: Callable[[str, Mapping[str, Any]], Awaitable[None]],
        reload: Callable[[], None],
    ) -> None:
        self._place = place
        self._ask = ask
        self._tell = tell
        self._reload = reload
        self._saved: Rulebook | None = None
        self._names: Directory = Imagined()
        self._busy = asyncio.Lock()
        self._questions: Mapping[str, Callable[[Answer], Awaitable[Answer]]] = {
            "try": self._try,
            "save": self._save,
        }

    async def open(self, rulebook: Rulebook) -> None:
        """Tell the page what there is to edit; ``rulebook`` is what the file means now."""
        self._saved = rulebook
        events = [sample.to_dict() for sample in SAMPLES]
        await self._tell_saved(rulebook, file=str(self._place.rules), events=events)

    async def answer(self, order: Mapping[str, Any]) -> None:
        """Answer one of the page's questions; any other order is none of this desk's."""
        question = self._questions.get(order["order"])
        if question is None:
            return
        async with self._busy:
            try:
                answer = await question(order["asked"])
            except Exception as fault:  # noqa: BLE001 - a text nobody thought of must not end the demo
                answer = {"error": f"{type(fault).__name__}: {fault}"}
        await self._tell("/world/bot/answers", {"number": order["number"], "answer": answer})

    async def heed(self, entry: Mapping[str, Any]) -> None:
        """Tell the page what the bot's log says of its rules; a bot that began with others reads again."""
        event = str(entry.get("event"))
        if event in _IN_FORCE:
            running = {"hash": entry[_IN_FORCE[event]], "at": await self._now()}
            await self._tell(RULES, {"running": running, "refused": None})
        elif event == "rules.refused":
            await self._tell(RULES, {"refused": {"at": await self._now()}})
        if event == "starting" and self._saved is not None and entry["rules"] != self._saved.hash:
            self._reload()

    async def _now(self) -> float:
        return float((await self._ask("/world/clock"))["now"])

    async def _tell_saved(self, rulebook: Rulebook, **more: Any) -> None:
        """What the file holds, what an app made from its manifest has, and what it lets people do."""
        features = manifest.manifest(rulebook.rules.slash_commands)["features"]
        shortcuts = [one for one in features.get("shortcuts", ()) if one["type"] == "message"]
        workspace, studio = await self._ask(SLACK), await self._ask(STUDIO)
        cast = await cast_of(rulebook, workspace, studio)
        word = {"commands": features["slash_commands"], "shortcuts": shortcuts, "cast": cast}
        await self._tell("/world/bot", word)
        await self._tell(RULES, {"text": rulebook.source, "hash": rulebook.hash, "refused": None, **more})

    async def _try(self, asked: Answer) -> Answer:
        """What is wrong with the text and, where nothing is, what it would make of the event."""
        rulebook, problems = await asyncio.to_thread(_tried, asked["text"], self._place)
        if rulebook is None:
            return _judged(problems)
        now, saved = await self._now(), self._saved or rulebook
        try:
            names = await asyncio.to_thread(_names, self._place, rulebook)
            self._names = self._names if names is None else names
            told = await asyncio.to_thread(explained, rulebook, self._names, asked["event"], now, saved=saved)
        except UserMistake as mistake:
            return {**_judged(problems), "no_event": str(mistake)}
        return {**_judged(problems), "explanation": told}

    async def _save(self, asked: Answer) -> Answer:
        """Take the text where nothing is wrong with it; ``saved``: the hash of what it means, else None."""
        rulebook, problems = await asyncio.to_thread(_tried, asked["text"], self._place)
        if rulebook is None:
            return {**_judged(problems), "saved": None}
        _write(self._place.rules, asked["text"])
        self._saved = rulebook
        await self._tell_saved(rulebook)
        self._reload()
        return {**_judged(problems), "saved": rulebook.hash}


def _tried(text: str, place: Place) -> tuple[Rulebook | None, tuple[Problem, ...]]:
    """What ``text`` means, with the demo's templates; tried on a copy that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="compliance-bot-draft-") as made:
        draft = Path(made) / place.rules.name
        draft.write_text(text, encoding="utf-8", newline="")
        try:
            return compile_rulebook(draft, place.templates)
        except RulesRefused as refused:
            return None, refused.problems


def _names(place: Place, rulebook: Rulebook) -> Directory | None:
    """What Slack's names mean to the running bot, as far as these rules name them; None while none runs."""
    try:
        answer = control.ask(place.state, "directory", {"named": rulebook.source})
    except BotError:
        return None
    return None if answer is None else directories.unpacked(answer["directory"])


def _judged(problems: tuple[Problem, ...]) -> Answer:
    return {"problems": [dataclasses.asdict(problem) for problem in problems]}


def _write(rules: Path, text: str) -> None:
    """Replace the file whole: the bot never reads half of it."""
    fresh = rules.with_suffix(".new")
    fresh.write_text(text, encoding="utf-8", newline="")
    fresh.replace(rules)
