"""A case's surroundings, driven by hand: the real store, the shipped rules, and both sides answered here."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from compliance_bot.audit import verify
from compliance_bot.cases import baseline, observe, presenters, vanish
from compliance_bot.cases.moment import Moment
from compliance_bot.cases.press import Press, Reply
from compliance_bot.cases.routed import RoutedLog
from compliance_bot.config.places import packaged_place
from compliance_bot.handlers.deciders import OF_CASES
from compliance_bot.model.cases import Case, CaseState, Post
from compliance_bot.model.delivery import Done, Effect, EffectKind, Outcome
from compliance_bot.model.findings import BadRow, Finding, FindingPage, FindingStatus, Severity
from compliance_bot.model.slack import Channel, Directory, Person, UserGroup
from compliance_bot.outbox.contract import Turn
from compliance_bot.outbox.finishing import finish
from compliance_bot.outbox.notices import notice_handler
from compliance_bot.outbox.presenting import prepare
from compliance_bot.rulebook import Rulebook, compile_rulebook
from compliance_bot.store import cases, effects, inbox, objects
from compliance_bot.store.database import Database
from compliance_bot.store.objects import Standing
from compliance_bot.store.transaction import Transaction

START = 1_764_000_000.0
DAY = 86_400.0
CHANNELS = ("compliance", "compliance-alerts", "compliance-reports", "security-alerts")
GROUPS = ("compliance-team", "security-team", "manager", "management")


def a_finding(name: str = "f-1", **changes: Any) -> Finding:
    """A finding of no urgency, created a second after the start."""
    given: dict[str, Any] = {
        "id": name,
        "title": f"Finding {name}",
        "severity": Severity.HIGH,
        "status": FindingStatus.OPEN,
        "category": "misconfiguration",
        "integration_id": "aws",
        "created_at": START + 1,
        "first_seen": START + 1,
    }
    return Finding(**{**given, **changes})


def a_critical(name: str = "f-1", **changes: Any) -> Finding:
    """A critical finding: told in three channels, with pings."""
    given = {"severity": Severity.CRITICAL, "category": "data_leak"}
    return a_finding(name, **{**given, **changes})


def a_directory(*, without: tuple[str, ...] = ()) -> Directory:
    """The channels and groups that the shipped rules name."""
    names = [name for name in CHANNELS if name not in without]
    channels = [Channel(id=f"C{name.upper()}", name=name, member=True) for name in names]
    groups = [UserGroup(id=f"S{name.upper()}", handle=name, name=name) for name in GROUPS]
    people = [
        Person(id=person, handle=name, name=name.title())
        for person, name in (("UBOBSMITH", "bob"), ("UCAROLYN", "carol"))
    ]
    return Directory(
        channels_by_name={channel.name: channel for channel in channels},
        channels_by_id={channel.id: channel for channel in channels},
        groups_by_handle={group.handle: group for group in groups},
        people_by_handle={person.handle: person for person in people},
        complete=True,
    )


@cache
def shipped() -> Rulebook:
    """The rules and templates that the wheel carries."""
    return compile_rulebook(packaged_place("rules.yaml"), packaged_place("templates"))[0]


@cache
def rules_saying(text: str) -> Rulebook:
    """The shipped rules with top-level sections put in or replaced by those of ``text``."""
    shipped_rules = yaml.safe_load(packaged_place("rules.yaml").read_text())
    merged = yaml.safe_dump({**shipped_rules, **yaml.safe_load(text)})
    with TemporaryDirectory() as place:
        path = Path(place) / "rules.yaml"
        path.write_text(merged)
        return compile_rulebook(path, packaged_place("templates"))[0]


@dataclass
class Stage:
    """Everything a test of this room drives. Time stands still until a test moves it."""

    database: Database
    rulebook: Rulebook = field(default_factory=shipped)
    directory: Directory = field(default_factory=a_directory)
    now: float = START
    sent: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    """What was performed: kind, effect key, request."""
    walks: int = 0
    routed: RoutedLog = field(default_factory=RoutedLog)

    # ------------------------------------------------------------ time and the database

    def moment(self) -> Moment:
        """The rules and names of now."""
        return Moment(
            now=self.now,
            rulebook=self.rulebook,
            directory=self.directory,
            studio_url="https://studio.example",
            workspace_url="https://acme.slack.com/",
            routed=self.routed,
        )

    def later(self, seconds: float) -> None:
        """Move time on."""
        self.now += seconds

    async def write(self, decide: Callable[[Transaction], Any]) -> Any:
        """Decide something in a transaction."""
        return await self.database.write(decide)

    async def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """What the database says."""
        found = await self.database.read(lambda tx: tx.all(sql, values))
        return [dict(row) for row in found]

    async def events(self, studio_id: str | None = None) -> list[tuple[str, str | None, str | None]]:
        """Every event as (change, before, after), in order."""
        rows = await self.rows(
            "SELECT change, before, after FROM event JOIN object ON object.id = object_id"
            " WHERE ? IS NULL OR studio_id = ? ORDER BY event.id",
            studio_id,
            studio_id,
        )
        return [(row["change"], row["before"], row["after"]) for row in rows]

    # ------------------------------------------------------------ Studio speaks

    async def observe(
        self,
        *findings: Finding,
        sent_at: float | None = None,
        walk: int | None = None,
        bad: tuple[BadRow, ...] = (),
        server_time: float | None = None,
    ) -> observe.Seen:
        """Take in a page; time moves on by a second, so that the next answer is a later one."""
        page = FindingPage(
            findings=findings,
            bad_rows=bad,
            total=len(findings) + len(bad),
            offset=0,
            limit=500,
            sent_at=self.now if sent_at is None else sent_at,
            server_time=server_time,
        )
        seen = await self.write(lambda tx: observe.observe_page(tx, self.moment(), page, walk=walk))
        self.later(1)
        return seen

    async def begin(self, *findings: Finding) -> None:
        """A first walk that finds these and ends the baseline."""
        await self.observe(*findings, walk=self._next_walk(), server_time=self.now)
        await self.write(lambda tx: baseline.complete(tx, self.moment()))
        await self.conclude()

    def _next_walk(self) -> int:
        self.walks += 1
        return self.walks

    async def walk(self, *findings: Finding) -> vanish.Missing:
        """A full walk that sees exactly these and counts."""
        started = self.now
        self.later(1)
        await self.observe(*findings, walk=self._next_walk())
        return await self.conclude(started)

    async def conclude(self, started: float | None = None) -> vanish.Missing:
        """Draw the conclusions of a walk."""
        begun = self.now - 1 if started is None else started
        missing = await self.write(
            lambda tx: vanish.after_walk(tx, self.moment(), walk=self.walks, started_at=begun)
        )
        self.later(1)
        return missing

    async def gone(self, studio_id: str, sent_at: float | None = None) -> None:
        """Studio answers 404."""
        at = self.now if sent_at is None else sent_at
        await self.write(lambda tx: vanish.gone(tx, self.moment(), studio_id, sent_at=at))
        self.later(1)

    # ------------------------------------------------------------ what stands

    async def case(self, studio_id: str = "f-1") -> Case | None:
        """The case of a finding."""

        def ask(tx: Transaction) -> Case | None:
            known = objects.find(tx, studio_id)
            return None if known is None else cases.find_by_object(tx, known.id)

        return await self.database.read(ask)

    async def known(self, studio_id: str = "f-1") -> objects.KnownFinding:
        """What we know of a finding."""
        known = await self.database.read(lambda tx: objects.find(tx, studio_id))
        assert known is not None
        return known

    async def standing(self, studio_id: str = "f-1") -> Standing:
        """Why it has a case or none."""
        return (await self.known(studio_id)).standing

    async def posts(self, studio_id: str = "f-1") -> list[Post]:
        """Its posts, the primary first."""
        case = await self.case(studio_id)
        return [] if case is None else await self.database.read(lambda tx: cases.posts_of(tx, case))

    async def effect(self, key: str) -> Effect | None:
        """The effect with that key."""
        return await self.database.read(lambda tx: effects.by_key(tx, key))

    async def lines(self) -> list[str]:
        """The thread lines planned, by name, in order."""
        rows = await self.rows("SELECT intent FROM effect WHERE kind = 'thread' ORDER BY id")
        return [json.loads(row["intent"])["line"] for row in rows]

    async def notices(self) -> list[str]:
        """What the operations channel is told."""
        rows = await self.rows("SELECT intent FROM effect WHERE kind = 'notice' ORDER BY id")
        return [json.loads(row["intent"]).get("text", "") for row in rows]

    async def put_case(self, state: CaseState, studio_id: str = "f-1") -> None:
        """Have a case snoozed, which no button of this version does yet."""
        case = await self.case(studio_id)
        assert case is not None
        await self.write(lambda tx: cases.change(tx, case, expected=tuple(CaseState), state=state))

    async def whole_chain(self) -> bool:
        """Whether the audit chain is whole."""
        verdict = await self.database.read(verify.verify)
        return verdict.whole

    # ------------------------------------------------------------ people press

    async def press(
        self, person: str = "UBOBSMITH", studio_id: str = "f-1", ref: str | None = None
    ) -> Reply | None:
        """Press Acknowledge on the first copy; what the presser is told."""
        return await self.do("acknowledge", person, studio_id, ref=ref)

    async def do(
        self,
        kind: str,
        person: str = "UBOBSMITH",
        studio_id: str = "f-1",
        *,
        ref: str | None = None,
        **form: Any,
    ) -> Reply | None:
        """Do what a row of that kind decides, at the first copy; ``form``: what was chosen in the modal."""
        case = await self.case(studio_id)
        shown = [post for post in await self.posts(studio_id) if post.ts]
        where = shown[0] if shown else None

        def decide(tx: Transaction) -> Reply | None:
            number = int((tx.one("SELECT coalesce(max(id), 0) + 1 FROM inbox") or (1,))[0])
            inbox.receive(
                tx,
                key=f"press:{number}",
                kind=kind,
                person=person,
                channel=None,
                body={},
                now=self.now,
            )
            press = Press(
                inbox_id=number,
                ref=ref or (case.ref if case else "CB-NONE"),
                person=person,
                person_name={"UBOBSMITH": "Bob", "UCAROLYN": "Carol"}.get(person, person),
                person_email=form.get("email"),
                right="members",
                channel=where.channel_id if where else None,
                ts=where.ts if where else None,
                form=form,
                received_at=self.now,
            )
            return OF_CASES[kind].decide(tx, self.moment(), press)

        return await self.write(decide)

    async def undo(self, person: str = "UBOBSMITH", studio_id: str = "f-1") -> Reply | None:
        """Press Undo of the case's last decision."""
        case = await self.case(studio_id)
        assert case is not None
        newest = (await self.rows("SELECT max(id) AS id FROM decision WHERE case_id = ?", case.id))[0]["id"]
        return await self.do("undo", person, studio_id, ref=f"{case.ref} {newest}")

    # ------------------------------------------------------------ the outbox, by hand

    def _turn(self, tx: Transaction) -> Turn:

        def moment(now: float, rulebook: Rulebook) -> Moment:
            return replace(self.moment(), now=now, rulebook=rulebook)

        handlers = {
            **presenters.handlers(moment),
            EffectKind.NOTICE: notice_handler(lambda: self.directory),
        }
        return Turn(
            tx=tx,
            now=self.now,
            rulebook=self.rulebook,
            handlers=handlers,
            guarded=False,
            webhook=self.directory.webhook_of,
        )

    async def claim(self, *, only: EffectKind | None = None, slack: bool = False) -> list[Effect]:
        """Present whatever may go now; those that are being sent."""

        def decide(tx: Transaction) -> list[Effect]:
            effects.wake_sleepers(tx, self.now)
            ready = [number for key in effects.ready_keys(tx) for _, number in effects.ready_rows(tx, key)]
            loaded = effects.load(tx, ready) if ready else []
            chosen = [one for one in loaded if only in (None, one.kind) and (one.kind.is_slack or not slack)]
            prepared = [prepare(self._turn(tx), one, random.Random(1)) for one in chosen]  # noqa: S311 - jitter
            return [one for one in prepared if one is not None]

        claimed: list[Effect] = await self.write(decide)
        self.sent += [(one.kind.value, one.key, json.loads(one.payload or b"{}")) for one in claimed]
        return claimed

    async def finish(self, effect: Effect, outcome: Outcome | None = None) -> None:
        """Record how it ended; by default it is done, as the world would do it."""
        end = self.done(effect) if outcome is None else outcome
        chance = random.Random(1)  # noqa: S311 - jitter
        await self.write(lambda tx: finish(self._turn(tx), effect, end, chance))

    def done(self, effect: Effect) -> Done:
        """How the world would have done it."""
        request = json.loads(effect.payload or b"{}")
        if effect.kind is EffectKind.STUDIO_STATUS:
            status = request["body"]["status"]
            return Done(
                result={"status": status, "updated_at": self.now, "answered_at": self.now, "written": True}
            )
        if effect.kind is EffectKind.STUDIO_ASSIGN:
            return Done(result={"answered_at": self.now, "written": True})
        if effect.kind is EffectKind.STUDIO_COMMENT:
            return Done(result={"comment_id": f"c-{effect.id}", "answered_at": self.now})
        arguments = request["arguments"]
        ts = arguments.get("ts") or f"{self.now:.0f}.{effect.id:06d}"
        if request["method"] == "webhook":
            ts = None
        return Done(result={"channel": arguments["channel"], "ts": ts, "at": self.now})

    async def deliver(self, *, only: EffectKind | None = None, slack: bool = False) -> list[Effect]:
        """Let everything go that may go now, each done at once; ``slack``: while Studio is away."""
        delivered: list[Effect] = []
        while claimed := await self.claim(only=only, slack=slack):
            for effect in claimed:
                await self.finish(effect)
            delivered += claimed
        return delivered

    def said(self, kind: EffectKind) -> list[dict[str, Any]]:
        """The requests of one kind that were performed."""
        return [request for sent, _, request in self.sent if sent == kind.value]


async def a_stage(path: Path, **given: Any) -> Stage:
    """A stage on a fresh database."""
    return Stage(database=await Database.open(path / "bot.db"), **given)


def pings(request: dict[str, Any]) -> list[str]:
    """The mentions that a message holds."""
    return list(_mentions(request["arguments"].get("blocks", [])))


def _mentions(blocks: list[dict[str, Any]]) -> Iterator[str]:
    for block in blocks:
        if block.get("block_id") == "case_mentions":
            yield from block["text"]["text"].split()
