"""Forms against the embedded Slack and the real store: a person presses, chooses and sends off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from compliance_bot.handlers.case_forms import CaseForms
from compliance_bot.handlers.details_form import DetailsForm
from compliance_bot.handlers.dispatch import Dispatcher
from compliance_bot.handlers.errands import Errands
from compliance_bot.handlers.form_spec import FormSpec
from compliance_bot.handlers.forms import Forms
from compliance_bot.handlers.incoming import Kind
from compliance_bot.handlers.replies import Replies
from compliance_bot.messages.case_buttons import MENU, with_buttons
from compliance_bot.model.cases import Case, CaseState
from compliance_bot.model.findings import FindingDetail
from compliance_bot.people.access import Access
from compliance_bot.people.identity import AuditorList
from compliance_bot.sandbox.slack.interactions import Interaction
from compliance_bot.sandbox.slack.views import View
from compliance_bot.sandbox.world import World
from compliance_bot.slack.client import SlackClient
from compliance_bot.slack.people import People
from compliance_bot.store import cases
from tests.cases.stage import Stage, a_critical, rules_saying

ALERTS = "C0ALERTS1"
ROLES = """
people: {roles: {manager: [manager@example.com], auditor: [alice@example.com]}}
access: {resolve: ["studio:manager", "studio:auditor"], accept_risk: ["studio:manager"]}
"""


@dataclass(kw_only=True)
class Desk:
    """Everything a test of the forms drives. ``acks``: what was sent back for each envelope."""

    world: World
    stage: Stage
    client: SlackClient
    errands: Errands = field(default_factory=Errands)
    more: Sequence[FormSpec] = ()
    acks: list[dict[str, Any]] = field(default_factory=list)
    detail: FindingDetail | Exception | None = None
    ts: str = ""

    def __post_init__(self) -> None:
        self.stage.rulebook = rules_saying(ROLES)
        self.people = People(client=self.client, clock=self.world.clock)
        self.forms = self._forms()
        self.dispatcher = Dispatcher(identity=lambda: self.client.identity)
        self.forms.attach(self.dispatcher)
        self.dispatcher.on(Kind.ACTION, MENU, self._menu)

    def _forms(self) -> Forms:
        database, moment = self.stage.database, self.stage.moment
        of_cases = CaseForms(
            database=database, moment=moment, known=self.people.known, ask_person=self.people.person
        )
        details = DetailsForm(database=database, moment=moment, read_finding=self._read)
        return Forms(
            specs=(*of_cases.specs(), details.spec(), *self.more),
            database=database,
            moment=moment,
            access=self._access(),
            slack=self.client,
            replies=Replies(slack=self.client, clock=self.world.clock),
            errands=self.errands,
        )

    def _access(self) -> Access:
        async def no_list() -> AuditorList:
            return AuditorList()

        return Access(
            rules=lambda: self.stage.rulebook.rules,
            directory=lambda: self.stage.directory,
            person=lambda person_id, age: self.people.person(person_id, max_age=age),
            group_members=lambda group_id, age: self.people.group_members(group_id, max_age=age),
            person_by_email=self.people.person_by_email,
            auditors=no_list,
            now=self.world.clock.now,
        )

    async def _read(self, _finding_id: str) -> FindingDetail:
        if isinstance(self.detail, Exception):
            raise self.detail
        assert self.detail is not None
        return self.detail

    async def _menu(self, incoming: Any, ack: Any) -> None:
        await ack()
        word, _, ref = str(incoming.value).partition(" ")
        spec = self.forms.on_menu(word)
        assert spec is not None
        self.forms.open(spec, incoming, ref)

    # ------------------------------------------------------------ what stands

    async def opens(self, **changes: Any) -> Case:
        """A critical finding is there, and its message stands in the alerts' channel."""
        await self.client.identify()
        await self.stage.begin()
        await self.stage.observe(a_critical(**changes))
        case = await self.case()
        await self.show(case)
        return case

    async def show(self, case: Case) -> None:
        """Its buttons stand in a message of the embedded Slack."""
        message = {"channel": ALERTS, "text": case.ref, "blocks": list(with_buttons([], case))}
        answer = await self.client.call("chat.postMessage", message)
        self.ts = str(answer["ts"])

    async def case(self) -> Case:
        """The case as it is now."""
        case = await self.stage.case()
        assert case is not None
        return case

    async def put(self, state: CaseState, **values: Any) -> Case:
        """The case is in another state, and its message shows it."""
        before = await self.case()
        await self.stage.write(
            lambda tx: cases.change(tx, before, expected=tuple(CaseState), state=state, **values)
        )
        case = await self.case()
        await self.show(case)
        return case

    async def inbox(self) -> list[dict[str, Any]]:
        """What was recorded, the bodies read."""
        return await self.stage.rows("SELECT kind, person, channel, body FROM inbox ORDER BY id")

    def view(self, who: str) -> View:
        """The modal that a person sees."""
        person = self.world.slack.workspace.person(who)
        return self.world.slack.workspace.stack(person.id)[-1]

    def shown(self, who: str) -> str:
        """Everything in it."""
        return str(self.view(who).sent["blocks"])

    def fields(self, who: str) -> list[str]:
        """The fields in it."""
        return [one["block_id"] for one in self.view(who).sent["blocks"] if one["type"] == "input"]

    def whispers(self, who: str) -> list[str]:
        """What only that person was told."""
        return [one.text for one in self.world.slack.ephemerals(ALERTS, who)]

    # ------------------------------------------------------------ people

    async def press(self, who: str, action_id: str, value: str | None = None) -> None:
        """Press a button, or choose in the menu; what follows has come to its end."""
        await self.hand_on(await self.world.slack.click(who, ALERTS, self.ts, action_id, value))

    async def choose_in_menu(self, who: str, word: str) -> None:
        """Choose in the case's menu."""
        case = await self.case()
        await self.press(who, MENU, f"{word} {case.ref}")

    async def choose(self, who: str, action_id: str, value: Any) -> None:
        """Choose in the modal."""
        view = self.view(who)
        await self.hand_on(await self.world.slack.click_in_view(who, view.id, action_id, value))

    async def submit(self, who: str, **values: Any) -> Any:
        """Fill in and send off; the payload of the ack, None where it closes the modal."""
        view = self.view(who)
        await self.hand_on(await self.world.slack.submit_view(who, view.id, values))
        return self.acks[-1].get("payload")

    async def hand_on(self, interaction: Interaction, **changes: Any) -> None:
        """Bring a payload to its listener, and wait for what that leaves behind."""
        await self.dispatch({**interaction.payload, **changes})
        await self.errands.drain(20.0)

    async def dispatch(self, payload: Mapping[str, Any]) -> None:
        """Bring a payload to its listener."""

        async def send(frame: dict[str, Any]) -> bool:
            self.acks.append(frame)
            return True

        envelope = {"envelope_id": f"e{len(self.acks)}", "type": "interactive", "payload": payload}
        await self.dispatcher.dispatch(envelope, send)
