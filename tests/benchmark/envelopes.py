"""What people do in Slack, as payloads of the shapes that Slack sends."""

import itertools

from tests.benchmark.light_slack import APP, BOT, BOT_USER, PEOPLE, TEAM

_NUMBERS = itertools.count(1)


def question(respond_url):
    """``/compliance``."""
    number = next(_NUMBERS)
    return "slash_commands", {
        "token": "legacy-verification-token",
        "team_id": TEAM,
        "team_domain": "bench",
        "channel_id": "C0BENCH000",
        "channel_name": "compliance",
        "user_id": PEOPLE[0],
        "user_name": "bob",
        "command": "/compliance",
        "text": "",
        "api_app_id": APP,
        "is_enterprise_install": "false",
        "response_url": respond_url,
        "trigger_id": f"7500000000001.640000000001.{number:032x}",
    }


def click(respond_url, channel, ts, reference):
    """A press of Acknowledge on one message."""
    number = next(_NUMBERS)
    return "interactive", {
        "type": "block_actions",
        "user": {"id": PEOPLE[0], "username": "bob", "name": "bob", "team_id": TEAM},
        "api_app_id": APP,
        "token": "legacy-verification-token",
        "container": {"type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": False},
        "trigger_id": f"7500000000002.640000000001.{number:032x}",
        "team": {"id": TEAM, "domain": "bench"},
        "enterprise": None,
        "is_enterprise_install": False,
        "channel": {"id": channel, "name": "compliance-alerts"},
        "message": {
            "user": BOT_USER,
            "type": "message",
            "ts": ts,
            "bot_id": BOT,
            "app_id": APP,
            "text": ":rotating_light: CRITICAL: Public bucket evidence-archive",
            "team": TEAM,
            "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "Public bucket " * 20}}] * 4,
        },
        "state": {"values": {}},
        "response_url": respond_url,
        "actions": [
            {
                "action_id": "acknowledge_alert",
                "block_id": "alert_actions",
                "text": {"type": "plain_text", "text": "Acknowledge", "emoji": True},
                "value": reference,
                "style": "primary",
                "type": "button",
                "action_ts": f"1764000000.{number:06d}",
            }
        ],
    }
