"""What waits on somebody, by what they have in their hands and by the rights they have now."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from compliance_bot.approvals import ask
from compliance_bot.approvals.ask import Asked
from compliance_bot.insight.queue import Asker, queue
from compliance_bot.messages.waiting import QueueView, show_queue
from compliance_bot.model.findings import Severity
from compliance_bot.model.platform import AuditRequest
from compliance_bot.model.slack import Person
from compliance_bot.store import away, requests, studio_users
from compliance_bot.store.away import Deputy
from compliance_bot.store.studio_users import StudioUser
from compliance_bot.store.transaction import Transaction
from tests.approvals.stage import ANN, BEN, CLEO, DANA, MANAGERS, PEOPLE, Desk, a_desk
from tests.cases.stage import DAY, START, a_critical, a_finding, rules_saying

ALL = frozenset({"view", "approve", "accept_risk", "resolve"})
BOB = "UBOBSMITH"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk whose first walk found nothing."""
    desk = await a_desk(tmp_path)
    await desk.begin()
    yield desk
    await desk.database.close()


async def look(
    desk: Desk, person: str = BOB, rights: frozenset[str] = ALL, asked_in: str | None = None
) -> QueueView:
    """The queue of somebody who asks there."""
    name, email = PEOPLE.get(person, (person, None))
    asker = Asker(
        person=Person(id=person, handle=name, name=name, email=email), rights=rights, asked_in=asked_in
    )
    view: QueueView = await desk.database.read(lambda tx: queue(tx, desk.moment(), asker))
    return view


async def taken(desk: Desk, *names: str, by: str = BOB, severity: Severity = Severity.HIGH) -> None:
    """Findings come and somebody acknowledges them."""
    await desk.observe(*(a_finding(name, created_at=desk.now, severity=severity) for name in names))
    await desk.deliver()
    for name in names:
        await desk.press(by, name)


def text_of(view: QueueView) -> str:
    """All that is shown."""
    shown = show_queue(view)
    return str(shown.blocks).replace("\u200b", "")


async def test_nothing_waits_and_that_is_said(desk: Desk) -> None:
    view = await look(desk)
    assert view.total == 0
    assert show_queue(view).text == "Nothing waits for you."


async def test_findings_in_ones_hands_are_listed_what_is_due_first_then_the_most_severe(desk: Desk) -> None:
    await taken(desk, "a")
    await taken(desk, "low", severity=Severity.LOW)
    await taken(desk, "hot", severity=Severity.CRITICAL)
    await taken(desk, "theirs", by=BEN)
    await desk.do("fix_by", BOB, "low", until=START + 5 * DAY)
    view = await look(desk)
    assert [(one.title, one.fix_by) for one in view.cases] == [
        ("Finding low", START + 5 * DAY),
        ("Finding hot", None),
        ("Finding a", None),
    ]
    assert "3 things wait for you." in text_of(view)
    assert "fix by <!date^" in text_of(view)


async def test_what_sleeps_is_counted_not_listed(desk: Desk) -> None:
    await taken(desk, "a", "b")
    await desk.do("snooze", BOB, "b", until=desk.now + DAY, reason="waits for a vendor")
    view = await look(desk)
    assert ([one.title for one in view.cases], view.snoozed) == (["Finding a"], 1)
    assert "1 of your findings is snoozed" in text_of(view)


async def test_what_was_closed_waits_no_more(desk: Desk) -> None:
    await taken(desk, "a")
    await desk.do("resolve", BOB, "a", reason="fixed")
    assert (await look(desk)).total == 0


async def test_a_finding_assigned_in_studio_waits_on_the_person_of_that_name_and_address(desk: Desk) -> None:
    user = StudioUser(studio_id="s-9", name="Ben", email="ben@acme.test")
    await desk.write(lambda tx: studio_users.note(tx, user, at=desk.now))
    for name, studio_id in (("his", "s-9"), ("other", "s-8")):
        finding = a_finding(name, created_at=desk.now, assignee_id=studio_id, assignee_name="Ben")
        await desk.observe(finding)
    await desk.deliver()
    view = await look(desk, BEN)
    assert [one.title for one in view.cases] == ["Finding his"]
    assert view.known_in_studio


async def test_what_needs_a_second_person_is_listed_to_others_with_the_right_alone(desk: Desk) -> None:
    await desk.observe(a_critical("hot", created_at=desk.now))
    await desk.deliver()
    await desk.do("accept_risk", ANN, "hot", reason="cheaper", until=None, may=[ANN, BEN])
    (line,) = (await look(desk, BEN)).consents
    assert (line.title, line.action, line.who) == ("Finding hot", "accept_risk", ANN)
    assert "asked for “Accept risk”" in text_of(await look(desk, BEN))
    assert (await look(desk, ANN)).consents == ()
    assert (await look(desk, BEN, ALL - {"accept_risk"})).consents == ()


async def test_neither_waits_on_another_account_of_whoever_spoke(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PEOPLE, "UANNTWOO", ("Ann again", "ann@slack.test"))
    aliases = "aliases: {ann@slack.test: ann@acme.test, "
    rules = MANAGERS.replace("aliases: {", aliases) + "approvals: {needed: 2}"
    desk = await a_desk(tmp_path, rulebook=rules_saying(rules))
    await desk.begin()
    await desk.asked()
    await desk.observe(a_critical("hot", created_at=desk.now))
    await desk.deliver()
    assert (await look(desk, "UANNTWOO")).approvals != ()
    await desk.approves(ANN)
    await desk.do("accept_risk", ANN, "hot", reason="cheaper", until=None, may=[BEN])
    await desk.write(lambda tx: tx.execute("UPDATE proposal SET person_email = 'ann@acme.test'"))
    assert (await look(desk, "UANNTWOO")).approvals == ()
    assert (await look(desk, "UANNTWOO")).consents == ()
    assert (await look(desk, BEN)).consents != ()
    await desk.database.close()


async def test_an_approval_waits_on_who_may_and_did_not_ask_for_it(desk: Desk) -> None:
    await desk.asked()
    (line,) = (await look(desk, BEN)).approvals
    assert (line.ref, line.name, line.requester) == ("AP-0001", "Audit p-1", "Dana")
    assert "new project" in text_of(await look(desk, BEN))
    assert (await look(desk, DANA)).approvals == ()
    assert (await look(desk, BEN, ALL - {"approve"})).approvals == ()


async def test_who_has_approved_or_handed_it_on_has_nothing_left_to_do(tmp_path: Path) -> None:
    desk = await a_desk(tmp_path, rulebook=rules_saying(MANAGERS + "approvals: {needed: 2}"))
    await desk.begin()
    await desk.staffed("ada", "bert")
    await desk.asked()
    await desk.approves(ANN)
    await desk.hands(BEN, CLEO)
    waits = {person: bool((await look(desk, person)).approvals) for person in (ANN, BEN, CLEO)}
    assert waits == {ANN: False, BEN: False, CLEO: True}
    await desk.approves(CLEO)
    assert (await look(desk, CLEO)).approvals == ()
    await desk.database.close()


async def test_who_stands_in_sees_what_waits_for_who_is_away(desk: Desk) -> None:
    await taken(desk, "a", by=BEN)

    def begin(tx):
        away.begin(
            tx,
            person=BEN,
            person_name="Ben",
            until=desk.now + DAY,
            deputy=Deputy(person=BOB, name="Bob"),
            now=desk.now,
        )

    await desk.write(begin)
    view = await look(desk)
    assert [(one.title, one.whose) for one in view.cases] == [("Finding a", "Ben")]
    assert "for Ben, who is away" in text_of(view)
    assert "You stand in for Ben." in text_of(view)
    desk.later(DAY)
    assert (await look(desk)).total == 0


async def test_only_listed_projects_are_told_of(desk: Desk) -> None:
    await taken(desk, "a")
    await desk.observe(a_critical("hot", created_at=desk.now))
    await desk.deliver()
    await desk.do("accept_risk", ANN, "hot", reason="cheaper", until=None, may=[ANN, BEN])
    await desk.asked()
    desk.rulebook = rules_saying(MANAGERS + "studio: {projects: [p-other]}")
    assert (await look(desk)).total == 0


async def test_a_request_is_told_of_by_its_project(desk: Desk) -> None:
    def take(tx: Transaction) -> None:
        for number in (1, 2):
            request = AuditRequest(
                id=f"r-{number}", title=f"Proof {number}", status="Pending", project_id=f"p-{number}"
            )
            object_id = requests.add(tx, request, sent_at=desk.now, now=desk.now)
            ask.ask_of_request(tx, desk.moment(), request, object_id, Asked(), sent_at=desk.now)

    await desk.write(take)
    desk.rulebook = rules_saying(MANAGERS + "studio: {projects: [p-2]}")
    assert [one.name for one in (await look(desk, BEN)).approvals] == ["Proof 2"]


async def test_a_title_above_internal_is_left_out(desk: Desk) -> None:
    desk.rulebook = rules_saying(
        MANAGERS + "sensitivity: {rules: [{condition: \"type == 'finding'\", class: confidential}]}"
    )
    await taken(desk, "secret")
    (line,) = (await look(desk)).cases
    assert line.title is None
    assert line.ref.startswith("CB-")
    assert "secret" not in text_of(await look(desk))


async def test_a_person_unknown_to_studio_is_told_so_plainly(desk: Desk) -> None:
    assert "Studio has named no user with your e-mail address" in text_of(await look(desk, BEN))
    user = StudioUser(studio_id="s-9", name="Ben", email="ben@acme.test")
    await desk.write(lambda tx: studio_users.note(tx, user, at=desk.now))
    assert (await look(desk, BEN)).known_in_studio


async def test_a_long_list_is_cut_and_the_rest_is_counted(desk: Desk) -> None:
    desk.rulebook = replace(rules_saying(MANAGERS + "grouping: {enabled: false}"))
    await taken(desk, *(f"f{number}" for number in range(23)))
    view = await look(desk)
    assert len(view.cases) == 23
    assert "and 3 more" in text_of(view)
