"""A small app on Socket Mode: one message with a piece of everything, one form, one deaf button."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import aiohttp

BOT, APP = "xoxb-demo-bot-token", "xapp-demo-app-token"
DATE = 1764000000


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def option(text: str, value: str) -> dict[str, Any]:
    return {"text": plain(text), "value": value}


def button(text: str, action_id: str, **more: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain(text), "action_id": action_id, "value": action_id, **more}


GALLERY: list[dict[str, Any]] = [
    {"type": "header", "text": plain("A piece of everything :tada:")},
    {
        "type": "section",
        "text": {
            "type": "mrkdwn",
            "text": "*bold* _slanted_ ~gone~ `code` <https://example.com/page|a link> <#C0COMPLI01> <!here>\n"
            "&gt; quoted &amp; escaped &lt;b&gt;\n```block of code```",
        },
        "accessory": {
            "type": "overflow",
            "action_id": "more",
            "options": [option("Why do I see this?", "why"), option("Mute it", "mute")],
        },
    },
    {
        "type": "section",
        "fields": [
            {"type": "mrkdwn", "text": f"*Due*\n<!date^{DATE}^{{date_num}}|fallback>"},
            {"type": "mrkdwn", "text": "*Owner*\n<@U0BOB0001>"},
        ],
    },
    {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_list",
                "style": "bullet",
                "elements": [
                    {"type": "rich_text_section", "elements": [{"type": "text", "text": "first point"}]},
                    {"type": "rich_text_section", "elements": [{"type": "text", "text": "<b>no tag</b>"}]},
                ],
            }
        ],
    },
    {
        "type": "actions",
        "elements": [
            button("Open the form", "open_form", style="primary"),
            button("Nobody hears this", "deaf"),
            button(
                "Delete",
                "delete",
                style="danger",
                confirm={
                    "title": plain("Delete it?"),
                    "text": plain("This cannot be undone."),
                    "confirm": plain("Delete it"),
                    "deny": plain("Keep it"),
                    "style": "danger",
                },
            ),
            {
                "type": "static_select",
                "action_id": "choose",
                "placeholder": plain("Snooze for"),
                "options": [option("An hour", "1h"), option("A day", "1d")],
            },
        ],
    },
    {"type": "context", "elements": [{"type": "mrkdwn", "text": "CB-0042"}]},
]


def field(block_id: str, label: str, element: dict[str, Any], **more: Any) -> dict[str, Any]:
    named = {"action_id": block_id, **element}
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": named, **more}


OWNERS = ("Amara Obi", "Bjorn Lund", "Greta Holm", "Hugo Holm")

FORM: dict[str, Any] = {
    "type": "modal",
    "callback_id": "form",
    "title": plain("Accept the risk"),
    "submit": plain("Accept"),
    "close": plain("Not now"),
    "blocks": [
        field(
            "reason", "Reason", {"type": "plain_text_input", "multiline": True}, hint=plain("Who reads it?")
        ),
        field(
            "level",
            "Level",
            {"type": "static_select", "options": [option("Low", "low"), option("High", "high")]},
        ),
        field("until", "Until", {"type": "datepicker"}),
        field("second", "Second person", {"type": "users_select"}),
        field("owner", "Owner in Studio", {"type": "external_select", "min_query_length": 2}),
        field(
            "meet", "Look at it again", {"type": "datetimepicker", "initial_date_time": DATE}, optional=True
        ),
        field(
            "checks",
            "What was done",
            {"type": "checkboxes", "options": [option("Read it", "read"), option("Asked around", "asked")]},
            optional=True,
        ),
        field(
            "kind",
            "Kind",
            {"type": "radio_buttons", "options": [option("Once", "once"), option("For good", "good")]},
        ),
    ],
}


class TinyApp:
    """What it was sent stands in ``heard``; the first submission of a form is refused."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.heard: list[dict[str, Any]] = []
        self._stop = asyncio.Event()
        self._refused = False

    async def run(self, ready: threading.Event) -> None:
        """Connect, post the gallery, set ``ready``, and answer until told to stop."""
        async with aiohttp.ClientSession(self.url) as session:
            opened = await call(session, "apps.connections.open", {}, token=APP)
            async with session.ws_connect(opened["url"]) as socket:
                await socket.receive_json()
                await call(session, "chat.postMessage", gallery_message())
                ready.set()
                stopping = asyncio.create_task(self._stop.wait())
                reading = asyncio.create_task(self._listen(session, socket))
                await asyncio.wait({stopping, reading}, return_when=asyncio.FIRST_COMPLETED)
                stopping.cancel()
                reading.cancel()
                await asyncio.gather(stopping, reading, return_exceptions=True)

    async def _listen(self, session: aiohttp.ClientSession, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for frame in socket:
            envelope = frame.json()
            if envelope.get("type") != "interactive":
                await answer(socket, envelope)
                continue
            payload = envelope["payload"]
            self.heard.append(payload)
            await self._respond(session, socket, envelope, payload)

    async def _respond(
        self,
        session: aiohttp.ClientSession,
        socket: aiohttp.ClientWebSocketResponse,
        envelope: dict[str, Any],
        payload: dict[str, Any],
    ) -> None:
        if payload["type"] == "view_submission":
            await answer(socket, envelope, None if self._refused else refusal())
            self._refused = True
            return
        if payload["type"] == "block_suggestion":
            await answer(socket, envelope, suggestions(payload["value"]))
            return
        action = (payload.get("actions") or [{}])[0].get("action_id")
        if action == "deaf":
            return
        await answer(socket, envelope)
        if action == "open_form":
            await call(session, "views.open", {"trigger_id": payload["trigger_id"], "view": FORM})

    def stop(self) -> None:
        """Let ``run`` return; to be called on its loop."""
        self._stop.set()


def gallery_message() -> dict[str, Any]:
    return {"channel": "C0ALERTS1", "text": "A piece of everything", "blocks": GALLERY}


def refusal() -> dict[str, Any]:
    return {"response_action": "errors", "errors": {"reason": "Too short to be a reason"}}


def suggestions(typed: str) -> dict[str, Any]:
    found = [option(name, f"studio:{number}") for number, name in enumerate(OWNERS) if typed in name.lower()]
    return {"options": found}


async def answer(
    socket: aiohttp.ClientWebSocketResponse, envelope: dict[str, Any], payload: dict[str, Any] | None = None
) -> None:
    if "envelope_id" in envelope:
        more = {} if payload is None else {"payload": payload}
        await socket.send_json({"envelope_id": envelope["envelope_id"], **more})


async def call(
    session: aiohttp.ClientSession, method: str, arguments: dict[str, Any], token: str = BOT
) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"}
    async with session.post(f"/slack/api/{method}", json=arguments, headers=headers) as response:
        said = await response.json()
        assert said["ok"], (method, said)
        return said


@contextmanager
def tiny_app(url: str) -> Iterator[TinyApp]:
    """The app, connected, its message posted."""
    ready, made = threading.Event(), []

    async def live() -> None:
        made.append((asyncio.get_running_loop(), TinyApp(url)))
        await made[0][1].run(ready)

    thread = threading.Thread(target=lambda: asyncio.run(live()))
    thread.start()
    assert ready.wait(20), "the app did not connect to the world"
    loop, app = made[0]
    try:
        yield app
    finally:
        loop.call_soon_threadsafe(app.stop)
        thread.join(20)
