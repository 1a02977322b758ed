"""A Slack for load: it answers at once, counts, gives unique timestamps and keeps what history tells.

The embedded world repeats Slack's checks at about 400 microseconds a call; measured against it, the
world would be the limit. This one checks next to nothing, so its own ceiling is an anchor as well.
"""

import json
import time
from collections import Counter
from urllib.parse import parse_qs

from tests.benchmark.wire import Answer

TEAM, APP, BOT_USER, BOT = "T0BENCH01", "A0BENCH01", "U0BOT0001", "B0BOT0001"
PEOPLE = ("U0BOB0001", "U0CARL0001")
CHANNELS = ("compliance", "compliance-alerts", "compliance-reports", "security-alerts", "general")
CHANNEL_IDS = {name: f"C0BENCH{number:03}" for number, name in enumerate(CHANNELS)}


class LightSlack:
    """Every method that the bot calls."""

    def __init__(self, socket_url, scopes):
        self.socket_url = socket_url
        self.scopes = f"x-oauth-scopes: {scopes}\r\n"
        self.counts = Counter()
        self.posts = []
        self.shown = {}
        self.answers = []
        self.strict = False
        self.refused = 0
        self._number = 0
        self._last = {}
        self._fixed = {
            "auth.test": _identity(),
            "conversations.list": _channels(),
            "users.list": _people(),
            "usergroups.list": _groups(),
            "conversations.members": {"ok": True, "members": [BOT_USER, *PEOPLE]},
            "usergroups.users.list": {"ok": True, "users": list(PEOPLE)},
        }

    def answer(self, method, body):
        """Slack's answer to one call."""
        self.counts[method] += 1
        if method == "chat.postMessage":
            return self._post(body)
        if method == "apps.connections.open":
            return self._say({"ok": True, "url": f"{self.socket_url}?ticket={self.counts[method]}"})
        if method == "conversations.info":
            asked = parse_qs(body.decode())["channel"][0]
            return self._say({"ok": True, "channel": _channel(asked)})
        if method == "chat.update":
            return self._update(body)
        if method == "conversations.history":
            return self._history(parse_qs(body.decode()))
        return self._say(self._fixed.get(method, {"ok": True, "ts": "1.000001"}))

    def respond(self, body):
        """Take an answer by ``response_url``."""
        self.answers.append((time.time(), len(body)))
        return Answer(b"ok")

    def _post(self, body):
        told = json.loads(body)
        channel, now = told["channel"], time.time()
        if self.strict and now - self._last.get(channel, 0.0) < 1.0:
            self.refused += 1
            limited = json.dumps({"ok": False, "error": "ratelimited"}).encode()
            return Answer(limited, status=429, headers=f"{self.scopes}Retry-After: 1\r\n")
        self._last[channel] = now
        self._number += 1
        ts = f"{int(now)}.{self._number:06d}"
        key = told.get("metadata", {}).get("event_payload", {}).get("k")
        self.posts.append((now, channel, ts, _reference(told), key))
        self.shown[ts] = (now, told.get("text", ""))
        message = {"type": "message", "ts": ts, "user": BOT_USER, "bot_id": BOT, "text": told.get("text", "")}
        return self._say({"ok": True, "channel": channel, "ts": ts, "message": message})

    def _update(self, body):
        told = json.loads(body)
        self.shown[told["ts"]] = (time.time(), told.get("text", ""))
        return self._say({"ok": True, "channel": told["channel"], "ts": told["ts"]})

    def _history(self, asked):
        channel, oldest = asked["channel"][0], float(asked.get("oldest", ["0"])[0])
        found = [
            {
                "type": "message",
                "ts": ts,
                "user": BOT_USER,
                "bot_id": BOT,
                "metadata": {"event_type": "compliance_outbox", "event_payload": {"k": key}},
            }
            for at, place, ts, _, key in self.posts
            if place == channel and at >= oldest
        ]
        return self._say({"ok": True, "messages": found, "has_more": False})

    def _say(self, answer):
        return Answer(json.dumps(answer).encode(), headers=self.scopes)


def _reference(told):
    for block in told.get("blocks", ()):
        if block.get("type") == "actions":
            return block["elements"][0].get("value")
    return None


def _identity():
    return {"ok": True, "team_id": TEAM, "team": "bench", "user_id": BOT_USER, "bot_id": BOT, "user": "bot"}


def _channels():
    rows = [_channel(number) for number in CHANNEL_IDS.values()]
    return {"ok": True, "channels": rows, "response_metadata": {"next_cursor": ""}}


def _channel(number):
    name = next(name for name, one in CHANNEL_IDS.items() if one == number)
    return {"id": number, "name": name, "is_member": True, "is_private": False, "is_archived": False}


def _people():
    rows = [
        {"id": number, "name": name, "team_id": TEAM, "profile": {"email": f"{name}@example.com"}}
        for number, name in zip(PEOPLE, ("bob", "carol"), strict=True)
    ]
    ours = {"id": BOT_USER, "name": "bot", "team_id": TEAM, "is_bot": True}
    return {"ok": True, "members": [*rows, ours], "response_metadata": {"next_cursor": ""}}


def _groups():
    handles = ("compliance-team", "manager", "security-team", "management")
    rows = [{"id": f"S0BENCH{n:02}", "handle": handle, "name": handle} for n, handle in enumerate(handles)]
    return {"ok": True, "usergroups": rows}
