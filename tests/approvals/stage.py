"""An approval's surroundings, driven by hand: the real store, and both sides answered here."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from compliance_bot.approvals import ask, delegate, elsewhere, presenters, votes
from compliance_bot.approvals.ask import Asked
from compliance_bot.approvals.delegate import Taker
from compliance_bot.cases.moment import Moment
from compliance_bot.cases.press import Press, Reply
from compliance_bot.model.approvals import Approval, ApprovalPost, Decider, Vote
from compliance_bot.model.delivery import Done, Effect, EffectKind, Never
from compliance_bot.model.platform import Project
from compliance_bot.model.slack import Directory, Person
from compliance_bot.outbox.contract import Turn
from compliance_bot.rulebook import Rulebook
from compliance_bot.store import approvals, inbox, studio_users
from compliance_bot.store.database import Database
from compliance_bot.store.studio_users import StudioUser
from compliance_bot.store.transaction import Transaction
from tests.cases.stage import DAY, START, Stage, a_directory, rules_saying

MANAGERS = """
people:
  roles: {manager: [ann@acme.test, ben@acme.test, cleo@acme.test]}
  aliases: {dana@slack.test: dana@acme.test}
"""
PEOPLE = {
    "UANNANNA": ("Ann", "ann@acme.test"),
    "UBENBENB": ("Ben", "ben@acme.test"),
    "UCLEOCLE": ("Cleo", "cleo@acme.test"),
    "UDANADAN": ("Dana", "dana@slack.test"),
    "UNOBODYN": ("Nemo", "nemo@acme.test"),
}
ANN, BEN, CLEO, DANA, NEMO = PEOPLE
ASKED = (ANN, BEN, CLEO)


def a_project(project_id: str = "p-1", **changes: Any) -> Project:
    """A project that Dana asked for, which waits for approval."""
    given: dict[str, Any] = {
        "id": project_id,
        "name": f"Audit {project_id}",
        "status": "pending",
        "framework": "SOC 2",
        "score": 0,
        "starts": START + 7 * DAY,
        "ends": START + 90 * DAY,
        "due": START + 60 * DAY,
        "customer_name": "Dana",
        "customer_email": "dana@acme.test",
        "created_at": START - 3 * DAY,
    }
    return Project(**{**given, **changes})


def a_workspace() -> Directory:
    """The channels that the shipped rules name, and these people."""
    people = [
        Person(id=person, handle=name.lower(), name=name, email=email)
        for person, (name, email) in PEOPLE.items()
    ]
    return replace(
        a_directory(),
        people_by_id={one.id: one for one in people},
        people_by_email={one.email: one for one in people if one.email},
    )


@dataclass
class Desk(Stage):
    """A stage on which approvals are asked for and given."""

    rulebook: Rulebook = field(default_factory=lambda: rules_saying(MANAGERS))
    directory: Directory = field(default_factory=a_workspace)
    presses: int = 0

    def _turn(self, tx: Transaction) -> Turn:
        turn = super()._turn(tx)

        def moment(now: float, rulebook: Rulebook) -> Moment:
            return replace(self.moment(), now=now, rulebook=rulebook)

        return replace(turn, handlers={**turn.handlers, **presenters.handlers(moment)})

    def done(self, effect: Effect) -> Done:
        """How the world would have done it: a verdict takes hold, a direct message opens its D…."""
        request = json.loads(effect.payload or b"{}")
        if effect.kind is EffectKind.STUDIO_VERDICT:
            status = {"approve": "in_progress", "reject": "rejected"}.get(
                request["operation"], request["body"].get("status")
            )
            return self.answered(status)
        done = super().done(effect)
        place = str(done.result.get("channel", ""))
        return Done(result={**done.result, "channel": f"D{place[1:]}"}) if place[:1] == "U" else done

    def answered(
        self, status: str, *, as_decided: bool = True, written: bool = True, who: str | None = None
    ) -> Done:
        """What the performer says once Studio has answered."""
        known = {"status": status, "as_decided": as_decided, "written": written, "who": who}
        return Done(result={**known, "answered_at": self.now})

    # ------------------------------------------------------------ Studio speaks

    async def staffed(self, *names: str) -> None:
        """Studio lists these people as auditors."""
        users = [
            StudioUser(studio_id=f"a-{name}", name=name.title(), email=f"{name}@studio.test", load=load)
            for load, name in enumerate(names)
        ]
        await self.write(lambda tx: studio_users.take_auditors(tx, users, at=self.now))

    async def ask(
        self,
        project: Project | None = None,
        *,
        deciders: tuple[str, ...] = ASKED,
        requester: str | None = DANA,
        sent_at: float | None = None,
    ) -> Approval | None:
        """The alert stands, and the project was read."""
        shown = project or a_project()
        asked = Asked(
            deciders=tuple(Decider(id=one, name=PEOPLE[one][0]) for one in deciders),
            requester_id=requester,
            requested_at=shown.created_at,
        )
        at = self.now if sent_at is None else sent_at
        approval: Approval | None = await self.write(
            lambda tx: ask.ask(tx, self.moment(), shown, asked, sent_at=at)
        )
        self.later(1)
        return approval

    async def asked(self, project: Project | None = None, **given: Any) -> Approval:
        """The same, with everything delivered."""
        await self.staffed("ada", "bert", "carl")
        approval = await self.ask(project, **given)
        assert approval is not None
        await self.deliver()
        return await self.approval()

    async def reads(self, project: Project, *, sent_at: float | None = None) -> None:
        """Studio tells of the project again."""
        at = self.now if sent_at is None else sent_at
        approval = await self.approval()
        await self.write(lambda tx: elsewhere.observe(tx, self.moment(), approval, project, sent_at=at))
        self.later(1)

    # ------------------------------------------------------------ what stands

    async def approval(self, ref: str = "AP-0001") -> Approval:
        """The approval by that reference."""
        found = await self.database.read(lambda tx: approvals.find_by_ref(tx, ref))
        assert found is not None
        return found

    async def copies(self, ref: str = "AP-0001") -> list[ApprovalPost]:
        """Its copies."""
        approval = await self.approval(ref)
        return await self.database.read(lambda tx: approvals.posts_of(tx, approval))

    async def votes(self, ref: str = "AP-0001") -> list[Vote]:
        """What people said of it."""
        approval = await self.approval(ref)
        return await self.database.read(lambda tx: approvals.votes_of(tx, approval.id))

    async def said_lines(self) -> list[str]:
        """The thread's lines, by name."""
        rows = await self.rows("SELECT intent FROM effect WHERE kind = 'approval_line' ORDER BY id")
        return [json.loads(row["intent"])["line"] for row in rows]

    async def told(self) -> list[tuple[str, str]]:
        """The direct messages planned besides the copies: (person, sentence)."""
        rows = await self.rows("SELECT intent FROM effect WHERE kind = 'direct' ORDER BY id")
        intents = [json.loads(row["intent"]) for row in rows]
        return [(one["person"], one["sentence"]) for one in intents]

    async def audited(self) -> list[str]:
        """The kinds of the chain's entries."""
        rows = await self.rows("SELECT body ->> '$.kind' AS kind FROM audit ORDER BY seq")
        return [row["kind"] for row in rows]

    def shown(self, channel: str) -> dict[str, Any]:
        """The last message that was written to a place."""
        requests = [
            request["arguments"]
            for kind, _, request in self.sent
            if kind in ("approval", "approval_edit") and request["arguments"]["channel"] == channel
        ]
        return requests[-1]

    def words(self, channel: str) -> str:
        """That message's text and blocks as one text."""
        return json.dumps(self.shown(channel), ensure_ascii=False)

    def said_text(self, kind: str) -> list[str]:
        """The texts of one kind that were sent."""
        return [request["arguments"]["text"] for sent, _, request in self.sent if sent == kind]

    def gone(self) -> Never:
        """What Slack says of a message that was deleted."""
        return Never(reason="message_not_found", gone=True)

    # ------------------------------------------------------------ people speak

    async def says(
        self, decide: Any, person: str, form: dict[str, Any], ref: str = "AP-0001"
    ) -> Reply | None:
        """A person sends a form off."""
        self.presses += 1
        number = self.presses
        name, email = PEOPLE.get(person, (person, None))

        def decided(tx: Transaction) -> Reply | None:
            inbox.receive(
                tx, key=f"p:{number}", kind="approve", person=person, channel=None, body={}, now=self.now
            )
            row = tx.one("SELECT max(id) AS id FROM inbox")
            assert row is not None
            return press_of(tx, row["id"])

        def press_of(tx: Transaction, inbox_id: int) -> Reply | None:
            pressed = Press(
                inbox_id=inbox_id,
                ref=ref,
                person=person,
                person_name=name,
                person_email=email,
                right="studio:manager",
                form=form,
                received_at=self.now,
            )
            reply: Reply | None = decide(tx, self.moment(), pressed)
            return reply

        reply: Reply | None = await self.write(decided)
        self.later(1)
        return reply

    async def approves(
        self, person: str, *, facts: str | None = None, pair: tuple[str, str] = ("ada", "bert"), **more: Any
    ) -> Reply | None:
        """A person approves what they see."""
        seen = facts or (await self.approval()).facts.hash
        form = {
            "auditor": f"a-{pair[0]}",
            "reviewer": f"a-{pair[1]}",
            "due": (START // DAY + 30) * DAY,
            "facts": seen,
            **more,
        }
        return await self.says(votes.approve, person, form)

    async def rejects(self, person: str, reason: str = "Scope is unclear") -> Reply | None:
        """A person rejects what they see."""
        seen = (await self.approval()).facts.hash
        return await self.says(votes.reject, person, {"reason": reason, "facts": seen})

    async def hands(self, giver: str, to: str, *, right: str | None = "studio:manager") -> Reply | None:
        """A person hands the decision on; ``right``: by which the other may approve."""
        name, email = PEOPLE[to]
        taker = Taker(id=to, name=name, email=email, right=right)
        return await self.says(delegate.delegate, giver, {"taker": taker.to_form()})


async def a_desk(path: Path, **given: Any) -> Desk:
    """A desk on a fresh database."""
    return Desk(database=await Database.open(path / "bot.db"), **given)
