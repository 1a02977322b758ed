"""What Slack's names meant is kept over a restart; of the people only whom the rules name."""

import pytest

from compliance_bot.model.slack import Channel, Directory, Person, UserGroup
from compliance_bot.store import directories
from compliance_bot.store.database import Database

OLD = Channel(id="C2", name="alerts", archived=True)
ALERTS = Channel(id="C1", name="alerts", member=True)
TEAM = UserGroup(id="S1", handle="Team", name="The team")
ANN = Person(id="U1", handle="ann", name="Ann", email="Ann@example.com", read_at=5.0)
BEN = Person(id="U2", handle="ben", name="Ben", email="ben@example.com")
KNOWN = Directory(
    channels_by_id={"C2": OLD, "C1": ALERTS},
    channels_by_name={"alerts": ALERTS, "a-former-name": ALERTS},
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
    assert recalled.mention("@team") == "<!subteam^S1>"
    assert recalled.mention("@ann") == "<@U1>"
    assert recalled.complete


async def test_only_people_whom_the_rules_name_are_kept(database):
    recalled = await kept(database, "access: {approve: [ANN@example.com]}")
    assert recalled.people_by_email == {"ann@example.com": ANN}
    assert recalled.mention("@ben") is None
