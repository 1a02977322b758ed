"""Who a Slack person is in Studio, and the other way round: by e-mail, else by ``people.aliases``.

Managers are known from ``people.roles`` alone; auditors also from Studio's own list, for as long as that was
read lately enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from compliance_bot.config.schema import Rules
from compliance_bot.model.slack import Directory, Person
from compliance_bot.store import studio_users
from compliance_bot.store.studio_users import StudioUser, plain
from compliance_bot.store.transaction import Transaction

MANAGER, AUDITOR = "manager", "auditor"

AUDITORS_TRUSTED = 3600.0
"""Seconds for which Studio's list of auditors gives rights; it is read every five minutes."""

Account: TypeAlias = tuple[str, str | None]
"""A Slack id, and the address Slack has for it; None where it tells of none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditorList:
    """The addresses in Studio's list of auditors. ``read_at``: Unix seconds, None where it never was read."""

    emails: frozenset[str] = frozenset()
    read_at: float | None = None

    def is_old(self, now: float) -> bool:
        """True where the list was read too long ago to give anybody a right."""
        return self.read_at is None or now - self.read_at > AUDITORS_TRUSTED


def auditor_list(tx: Transaction) -> AuditorList:
    """Studio's list of auditors, as it was read last."""
    emails = frozenset(one.email for one in studio_users.auditors(tx) if one.email)
    return AuditorList(emails=emails, read_at=studio_users.auditors_read_at(tx))


# ---------------------------------------------------------------- from Slack to Studio


def studio_email(email: str, rules: Rules) -> str:
    """The address by which Studio knows the person that Slack knows by ``email``."""
    said = plain(email) or ""
    return next((studio.lower() for slack, studio in _aliases(rules) if slack == said), said)


def studio_user_of(tx: Transaction, rules: Rules, email: str | None) -> StudioUser | None:
    """The Studio user whom Slack knows by ``email``; None: their doings are recorded here only."""
    said = plain(email)
    return None if said is None else studio_users.by_email(tx, studio_email(said, rules))


def studio_id_of(tx: Transaction, rules: Rules, email: str | None) -> str | None:
    """The id in Studio of whom Slack knows by ``email``; None where Studio named no such person yet."""
    user = studio_user_of(tx, rules, email)
    return None if user is None else user.studio_id


def same_human(rules: Rules, one: Account, other: Account) -> bool:
    """Whether two accounts of Slack are one human: the same id, or the same address in Studio."""
    (one_id, one_email), (other_id, other_email) = one, other
    known = studio_email(one_email or "", rules)
    return one_id == other_id or bool(known and known == studio_email(other_email or "", rules))


# ---------------------------------------------------------------- from Studio to Slack


def slack_emails(email: str, rules: Rules) -> tuple[str, ...]:
    """The addresses by which Slack may know the person that Studio knows by ``email``, best first.

    An address that ``people.aliases`` sends elsewhere is somebody else's.
    """
    said = plain(email) or ""
    aliased = [slack for slack, studio in _aliases(rules) if studio.lower() == said]
    elsewhere = any(slack == said and studio.lower() != said for slack, studio in _aliases(rules))
    return (*aliased, *(() if elsewhere or said in aliased else (said,)))


def slack_person_of(directory: Directory, rules: Rules, email: str | None) -> Person | None:
    """The Slack person whom Studio knows by ``email``, of those in the snapshot."""
    known = (directory.people_by_email.get(one) for one in slack_emails(email or "", rules))
    return next((person for person in known if person is not None), None)


def slack_person_of_id(tx: Transaction, directory: Directory, rules: Rules, studio_id: str) -> Person | None:
    """The Slack person who is that user of Studio; None where either side does not know them."""
    user = studio_users.find(tx, studio_id)
    return None if user is None else slack_person_of(directory, rules, user.email)


# ---------------------------------------------------------------- roles


def listed_in_role(role: str, rules: Rules) -> tuple[str, ...]:
    """The addresses that ``people.roles`` lists for a role, in small letters."""
    listed: tuple[str, ...] = getattr(rules.people.roles, role, ())
    return tuple(email.lower() for email in listed)


def of_role(role: str, rules: Rules, auditors: AuditorList) -> tuple[str, ...]:
    """Everyone of a role by their address in Studio: the rules' list first, then Studio's own."""
    listed = listed_in_role(role, rules)
    return (*listed, *sorted(auditors.emails - set(listed))) if role == AUDITOR else listed


def no_manager_is_listed(rules: Rules) -> bool:
    """True while nobody can have a right that is for managers."""
    return not rules.people.roles.manager


def _aliases(rules: Rules) -> list[tuple[str, str]]:
    return [(slack.lower(), studio) for slack, studio in rules.people.aliases.items()]
