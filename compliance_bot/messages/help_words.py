"""What can be asked, a line each; like ``wording``, mrkdwn in which data is inert."""

from __future__ import annotations

from compliance_bot.messages.wording import datum


def help_words(command: str) -> str:
    """What can be asked."""
    name = datum(command)
    return (
        f"`{name}` shows scores, critical issues and open tasks\n"
        f"`{name} FRAMEWORK` shows one framework, for example `{name} SOC2`\n"
        f"`{name} why CB-0007` says why a finding was told, where, and whom that pinged\n"
        f"`{name} queue` lists what waits for you: approvals, findings in your hands and their dates\n"
        f"`{name} snoozed` lists what is snoozed, until when, by whom and why\n"
        f"`{name} away until monday to @carol` says so and who stands in; `{name} away off` ends it\n"
        f"`{name} held` lists the messages that wait for the end of quiet hours\n"
        f"`{name} help` shows this"
    )
