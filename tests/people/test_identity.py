"""Who a Slack person is in Studio, and the other way round."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from compliance_bot.model.slack import Directory, Person
from compliance_bot.people import identity
from compliance_bot.store import studio_users
from compliance_bot.store.database import Database
from compliance_bot.store.studio_users import StudioUser
from tests.people.rules_text import rules_of

BOB = Person(id="UBOBSMITH", handle="bob", name="Bob", email="Bob@Example.com")
ALIASED = "people: {aliases: {Bob@Example.com: Robert@Studio.example}}"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """A database that nothing was written into."""
    opened = await Database.open(tmp_path / "bot.db")
    yield opened
    await opened.close()


def a_user(studio_id: str = "s-1", email: str | None = "bob@example.com", **given: object) -> StudioUser:
    return StudioUser(**{"studio_id": studio_id, "name": studio_id.title(), "email": email, **given})


def test_an_alias_is_found_whatever_its_capitals() -> None:
    rules = rules_of(ALIASED)
    assert identity.studio_email("BOB@example.com", rules) == "robert@studio.example"


@pytest.mark.parametrize(
    ("rules", "studio", "slack"),
    [
        ("grouping: {}", "Ann@Example.com", ("ann@example.com",)),
        (ALIASED, "ROBERT@studio.example", ("bob@example.com", "robert@studio.example")),
        (ALIASED, "bob@example.com", ()),
    ],
)
def test_the_way_back_from_studio_follows_the_aliases(
    rules: str, studio: str, slack: tuple[str, ...]
) -> None:
    assert identity.slack_emails(studio, rules_of(rules)) == slack


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("U1", None), ("U1", "bob@example.com"), True),
        (("U1", "Bob@example.com"), ("U2", "robert@studio.example"), True),
        (("U1", "bob@example.com"), ("U2", "ann@example.com"), False),
        (("U1", None), ("U2", None), False),
        (("U1", ""), ("U2", " "), False),
    ],
)
def test_two_accounts_of_one_studio_user_are_one_human(
    one: identity.Account, other: identity.Account, *, same: bool
) -> None:
    rules = rules_of(ALIASED)
    assert identity.same_human(rules, one, other) is same
    assert identity.same_human(rules, other, one) is same


def test_a_studio_user_is_the_slack_person_with_that_address() -> None:
    directory = Directory(people_by_email={"bob@example.com": BOB})
    rules = rules_of(ALIASED)
    assert identity.slack_person_of(directory, rules, "robert@studio.example") == BOB
    assert identity.slack_person_of(directory, rules, "ann@example.com") is None
    assert identity.slack_person_of(directory, rules, None) is None


async def test_a_slack_person_is_the_studio_user_with_that_address(database: Database) -> None:
    await database.write(lambda tx: studio_users.note(tx, a_user(email="Robert@Studio.Example "), at=5.0))
    rules = rules_of(ALIASED)
    ask = identity.studio_id_of
    assert await database.read(lambda tx: ask(tx, rules, "bob@example.com")) == "s-1"
    assert await database.read(lambda tx: ask(tx, rules, "ann@example.com")) is None
    assert await database.read(lambda tx: ask(tx, rules, None)) is None
    directory = Directory(people_by_email={"bob@example.com": BOB})
    back = identity.slack_person_of_id
    assert await database.read(lambda tx: back(tx, directory, rules, "s-1")) == BOB
    assert await database.read(lambda tx: back(tx, directory, rules, "s-2")) is None


async def test_the_list_of_auditors_is_kept_whole_with_its_load(database: Database) -> None:
    first = [a_user("s-1", load=3), a_user("s-2", "ann@example.com", load=1)]
    await database.write(lambda tx: studio_users.take_auditors(tx, first, at=10.0))
    await database.write(
        lambda tx: studio_users.take_auditors(tx, [a_user("s-2", "ann@example.com")], at=20.0)
    )

    def look(tx):
        return studio_users.auditors(tx), studio_users.find(tx, "s-1"), identity.auditor_list(tx)

    auditors, former, listed = await database.read(look)
    assert [(one.studio_id, one.load) for one in auditors] == [("s-2", 0)]
    assert (former.auditor, former.email) == (False, "bob@example.com")
    assert listed == identity.AuditorList(emails=frozenset({"ann@example.com"}), read_at=20.0)


async def test_an_auditor_named_in_a_project_stays_one(database: Database) -> None:
    await database.write(lambda tx: studio_users.take_auditors(tx, [a_user(load=2)], at=10.0))
    await database.write(lambda tx: studio_users.note(tx, a_user(email=None, name="Bob S."), at=11.0))
    user = await database.read(lambda tx: studio_users.find(tx, "s-1"))
    assert (user.auditor, user.load, user.email, user.name) == (True, 2, "bob@example.com", "Bob S.")


async def test_of_two_with_one_address_the_one_named_last_counts(database: Database) -> None:
    await database.write(lambda tx: studio_users.note(tx, a_user("s-2"), at=11.0))
    await database.write(lambda tx: studio_users.note(tx, a_user("s-1"), at=12.0))
    user = await database.read(lambda tx: studio_users.by_email(tx, "BOB@example.com"))
    assert user.studio_id == "s-1"


def test_a_list_that_was_never_read_is_old() -> None:
    assert identity.AuditorList().is_old(0.0)


def test_auditors_are_those_of_the_rules_and_those_of_studio() -> None:
    rules = rules_of("people: {roles: {auditor: ['Ann@example.com']}}")
    listed = identity.AuditorList(emails=frozenset({"bob@example.com", "ann@example.com"}), read_at=1.0)
    assert identity.of_role("auditor", rules, listed) == ("ann@example.com", "bob@example.com")
    assert identity.of_role("manager", rules, listed) == ()
