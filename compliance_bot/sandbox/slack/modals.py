"""What people do in modals and on the Home tab."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compliance_bot.sandbox.slack import interactions
from compliance_bot.sandbox.slack.blocks.check import elements_of
from compliance_bot.sandbox.slack.core import SlackCore
from compliance_bot.sandbox.slack.envelopes import Ack, Envelope
from compliance_bot.sandbox.slack.interactions import Interaction
from compliance_bot.sandbox.slack.methods.views import add_view, check_view
from compliance_bot.sandbox.slack.refused import Refused
from compliance_bot.sandbox.slack.settings import Json
from compliance_bot.sandbox.slack.views import View, filled, inputs, is_empty, state_values, view_object


class Modals(SlackCore):
    """Filling in, sending off, closing."""

    async def click_in_view(
        self,
        user: str,
        view_id: str,
        action_id: str,
        value: Any = None,
        values: Mapping[str, Any] | None = None,
    ) -> Interaction:
        """A person presses or chooses in a modal or on the Home tab; ``values``: its inputs."""
        person, view = self.workspace.person(user), self._view(view_id)
        self._type(view, values or {})
        block, element = find_element([view.sent["blocks"]], action_id, value)
        action = interactions.action_of(self.workspace, block, element, value)
        if element["type"] not in ("button", "overflow"):
            view.values.setdefault(block, {})[action_id] = filled(element, value)
        return self.deliver(Interaction(interactions.clicked_in_view(self.workspace, person, view, action)))

    async def submit_view(
        self, user: str, view_id: str, values: Mapping[str, Any] | None = None
    ) -> Interaction:
        """A person fills in a modal (``values`` by action_id) and sends it off.

        ValueError when a required input is still empty: Slack would not send it.
        """
        person, view = self.workspace.person(user), self._view(view_id)
        self._fill(view, values or {})
        interaction = Interaction(interactions.submitted(self.workspace, person, view))

        def settled(ack: Ack | None) -> None:
            if ack is not None:
                self._answered(view, ack.payload)
            interaction.settle(ack)

        interaction.envelope = self.envelopes.deliver(
            "interactive", interaction.payload, accepts=True, settled=settled
        )
        return interaction

    async def close_view(self, user: str, view_id: str, *, whole_stack: bool = False) -> Interaction | None:
        """A person closes a modal; the app hears of it when it asked to."""
        person, view = self.workspace.person(user), self._view(view_id)
        for one in self.workspace.stack(person.id) if whole_stack else [view]:
            one.closed = True
        self.changes.note()
        if not view.sent.get("notify_on_close"):
            return None
        payload = interactions.closed(self.workspace, person, view, cleared=whole_stack)
        return self.deliver(Interaction(payload))

    async def suggest(self, user: str, view_id: str, action_id: str, typed: str) -> Interaction:
        """A person types into an external select; the ack holds the options."""
        person, view = self.workspace.person(user), self._view(view_id)
        block, _ = find_element([view.sent["blocks"]], action_id, None)
        payload = interactions.suggestion(self.workspace, person, view, block, action_id, typed)
        return self.deliver(Interaction(payload), accepts=True)

    async def open_home(self, user: str, tab: str = "home") -> Envelope | None:
        """A person opens the app's Home or Messages tab."""
        person = self.workspace.person(user)
        channel = self.workspace.direct_message(person.id)
        event: Json = {"type": "app_home_opened", "user": person.id, "channel": channel.id, "tab": tab}
        home = self.workspace.homes.get(person.id)
        if home is not None and tab == "home":
            event["view"] = view_object(home, self.settings)
        return self.events.plain(event)

    async def send_envelope(
        self, kind: str, payload: Json, *, accepts_response_payload: bool = False
    ) -> Interaction:
        """Deliver any payload in an envelope."""
        interaction = Interaction(payload)
        interaction.envelope = self.envelopes.deliver(
            kind, payload, accepts=accepts_response_payload, settled=interaction.settle
        )
        return interaction

    def deliver(self, interaction: Interaction, *, accepts: bool = False) -> Interaction:
        """Send what a person did to one of the open sockets."""
        interaction.envelope = self.envelopes.deliver(
            "interactive", interaction.payload, accepts=accepts, settled=interaction.settle
        )
        return interaction

    def _view(self, view_id: str) -> View:
        homes = {home.id: home for home in self.workspace.homes.values()}
        view = self.workspace.views.get(view_id) or homes.get(view_id)
        if view is None or view.closed:
            raise LookupError(f"no open view {view_id}")
        return view

    def _type(self, view: View, values: Mapping[str, Any]) -> None:
        for block, element in inputs(view.sent):
            if element["action_id"] in values:
                state = filled(element, values[element["action_id"]])
                view.values.setdefault(block["block_id"], {})[element["action_id"]] = state

    def _fill(self, view: View, values: Mapping[str, Any]) -> None:
        self._type(view, values)
        states = state_values(view)
        for block, element in inputs(view.sent):
            needed = block["type"] == "input" and not block.get("optional")
            if needed and is_empty(states[block["block_id"]][element["action_id"]]):
                raise ValueError(f"{element['action_id']} is required and empty")

    def _answered(self, view: View, payload: Any) -> None:
        answer = payload if isinstance(payload, dict) else {}
        action = answer.get("response_action")
        if action == "errors":
            view.errors = _errors(view, answer.get("errors"))
        elif action == "clear":
            for one in self.workspace.stack(view.user):
                one.closed = True
        elif action in ("update", "push"):
            self._show_view(view, answer.get("view"), pushed=action == "push")
        else:
            view.closed = True
        self.changes.note()

    def _show_view(self, view: View, given: Any, *, pushed: bool) -> None:
        try:
            check_view(self.workspace, given, "modal")
        except Refused as refusal:
            view.errors = {"": str(refusal)}
            return
        if pushed:
            add_view(self.workspace, given, view.user, view)
        else:
            view.replace(given, self.clock.now())


def _errors(view: View, given: Any) -> dict[str, str]:
    """What the app says of its inputs; Slack shows nothing of what it says of any other block."""
    fields = {block.get("block_id") for block in view.sent["blocks"] if block.get("type") == "input"}
    if not isinstance(given, dict) or not given or not given.keys() <= fields:
        return {"": "We had some trouble connecting. Try again?"}
    return dict(given)


def find_element(shown: list[list[Json]], action_id: str, value: Any) -> tuple[str, Json]:
    """(block_id, element) of the first that has that action_id; LookupError without one."""
    for blocks in shown:
        for block in blocks:
            for _, element in elements_of(block):
                wanted = element.get("type") != "button" or value in (None, element.get("value"))
                if element.get("action_id") == action_id and wanted:
                    return block["block_id"], element
    raise LookupError(f"nothing with action_id {action_id!r} is shown")
