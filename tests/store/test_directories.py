"""What Slack's names meant is kept over a restart; of the people only whom the rules name."""

import pytest

from compliance_bot.model.slack import Channel, Directory, Person, UserGroup
from compliance_bot.store import cursors, directories
from compliance_bot.store.database import Database

OLD = Channel(id="C2", name="alerts", archived=True)
ALERTS = Channel(id="C1", name="alerts", member=True, guests=True)
LUNCH = Channel(id="C3", name="lunch", shared_outside=True, guests=None, undescribed=True)
TEAM = UserGroup(id="S1", handle="Team", name="The team", size=3)
ANN = Person(id="U1", handle="ann", name="Ann", email="Ann@example.com", read_at=5.0)
BEN = Person(id="U2", handle="ben", name="Ben", email="ben@example.com")
KNOWN = Directory(
    channels_by_id={"C2": OLD, "C1": ALERTS, "C3": LUNCH},
    channels_by_name={"alerts": ALERTS, "a-former-name": ALERTS, "lunch": LUNCH},
    groups_by_handle={"team": TEAM},
    people_by_handle={"ann": ANN, "ben": BEN},
    people_by_email={"ann@example.com": ANN, "ben@example.com": BEN},
    complete=True,
)


@pytest.fixture
async def database(tmp_path):
    database = await Database.open(tmp_path / "bot.db")
    yield database
    await database.close()


async def kept(database, rules):
    await database.write(lambda tx: directories.remember(tx, KNOWN, rules=rules, now=9.0))
    return await database.read(directories.recall)


async def test_before_the_first_reading_there_is_nothing_to_recall(database):
    assert await database.read(directories.recall) is None


async def test_names_mean_the_same_after_a_restart(database):
    recalled = await kept(database, "mentions: ['@ann', '@team']")
    assert recalled.channel("#alerts") == ALERTS
    assert recalled.channel("#a-former-name") == ALERTS
    assert recalled.channel("C2") == OLD
    assert recalled.channel("#lunch") == LUNCH
    assert recalled.mention("@team") == "<!subteam^S1>"
    assert recalled.groups_by_handle["team"].size == 3
    assert recalled.mention("@ann") == "<@U1>"
    assert recalled.complete


async def test_only_people_whom_the_rules_name_are_kept(database):
    recalled = await kept(database, "access: {approve: [ANN@example.com]}")
    assert recalled.people_by_email == {"ann@example.com": ANN}
    assert recalled.mention("@ben") is None


@pytest.mark.parametrize(
    "rules",
    [
        "mentions: ['@ann','@oona.o-neil']",
        'mentions: ["@ann"]\napprovers: [o\'neil@example.com]',
        "- '@ann'\n- 'O'NEIL@example.com'",
        "people: {approve:@ann, reject: <@oona.o-neil>}  # ask @ann.",
        "if: owner=='ann@example.com' or owner==`o'neil@example.com`",
    ],
)
async def test_whom_the_rules_name_is_found_however_that_is_written(rules):
    oona = Person(id="U3", handle="oona.o-neil", name="Oona", email="o'neil@example.com")
    known = {"ann": ANN, "oona.o-neil": oona, "ben": BEN}
    packed = directories.packed(Directory(people_by_handle=known), rules)
    assert {person["id"] for person in packed["people"]} == {"U1", "U3"}


async def test_a_handle_inside_another_names_nobody(database):
    recalled = await kept(database, "mentions: ['@annabel', '@ann-marie', 'joann@example.com']")
    assert recalled.people_by_handle == {}


async def test_that_the_plan_has_no_groups_is_kept_too(database):
    lacking = Directory(groups_lacking="plan_upgrade_required", complete=True)
    await database.write(lambda tx: directories.remember(tx, lacking, rules="", now=9.0))
    assert (await database.read(directories.recall)).groups_lacking == "plan_upgrade_required"


async def test_what_an_older_version_kept_is_recalled_as_unread_and_a_newer_ones_words_are_let_be(database):
    channel = {"id": "C1", "name": "alerts", "private": False, "member": True, "colour": "red"}
    kept = {
        "channels": [{**channel, "archived": False, "shared_outside": False}],
        "names": {"alerts": "C1"},
        "groups": [{"id": "S1", "handle": "team", "name": "The team"}],
        "people": [],
        "complete": True,
    }
    await database.write(lambda tx: cursors.move(tx, "directory", kept, 9.0))
    recalled = await database.read(directories.recall)
    assert recalled.channel("#alerts") == Channel(id="C1", name="alerts", member=True, guests=None)
    assert recalled.groups_by_handle["team"] == UserGroup(id="S1", handle="team", name="The team")
    assert (recalled.groups_lacking, recalled.webhooks) == (None, frozenset())
