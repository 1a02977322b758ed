"""What can be asked, in four lines; like ``wording``, mrkdwn in which data is inert."""

from __future__ import annotations

from compliance_bot.messages.wording import datum


def help_words(command: str) -> str:
    """What can be asked."""
    name = datum(command)
    return (
        f"`{name}` shows scores, critical issues and open tasks\n"
        f"`{name} FRAMEWORK` shows one framework, for example `{name} SOC2`\n"
        f"`{name} why CB-0007` says why a finding was told, where, and whom that pinged\n"
        f"`{name} held` lists the messages that wait for the end of quiet hours\n"
        f"`{name} help` shows this"
    )
