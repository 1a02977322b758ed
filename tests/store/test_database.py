"""The store's one door: commits in groups, forgets who gave up, refuses what isn't ours."""

import asyncio
import sqlite3

import pytest

from compliance_bot.errors import DatabaseUnusable, NotRecorded
from compliance_bot.store.database import Database
from compliance_bot.store.transaction import concerns_the_file


@pytest.fixture
async def database(tmp_path):
    database = await Database.open(tmp_path / "bot.db")
    yield database
    await database.close()


def remember(name):
    def decide(tx):
        tx.execute("INSERT INTO cursor (name, value, moved_at) VALUES (?, '{}', 0)", (name,))
        tx.touch("cursor")
        return name

    return decide


def names(tx):
    return [row["name"] for row in tx.all("SELECT name FROM cursor ORDER BY name")]


async def test_what_was_written_is_there(database):
    assert await database.write(remember("a")) == "a"

    assert await database.read(names) == ["a"]


async def test_writers_that_queue_share_a_commit_and_one_failure_stays_alone(database):
    answers = await asyncio.gather(
        database.write(remember("a")),
        database.write(remember("a")),
        database.write(remember("b")),
        return_exceptions=True,
    )

    assert answers[0] == "a"
    assert isinstance(answers[1], sqlite3.IntegrityError)
    assert answers[2] == "b"
    assert await database.read(names) == ["a", "b"]


async def test_listeners_hear_of_a_topic_only_after_its_commit(database):
    heard = asyncio.Event()
    database.on_commit("cursor", heard.set)

    await database.write(lambda _tx: None)
    assert not heard.is_set()

    await database.write(remember("a"))
    assert heard.is_set()


async def test_a_caller_that_gave_up_leaves_no_row(database, tmp_path):
    """Another process holds the write lock for longer than the caller waits."""
    other = sqlite3.connect(tmp_path / "bot.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(NotRecorded):
        await database.write(remember("late"), patience=0.05)
    patient = asyncio.create_task(database.write(remember("patient")))
    other.execute("ROLLBACK")
    other.close()

    assert await patient == "patient"
    assert await database.read(names) == ["patient"]


async def test_a_cancelled_caller_leaves_the_connection_usable(database):
    task = asyncio.create_task(database.write(remember("a")))
    await asyncio.sleep(0)
    task.cancel()

    assert await database.write(remember("b")) == "b"


async def test_every_connection_is_durable_and_checked(database):
    def pragmas(tx):
        return {name: tx.one(f"PRAGMA {name}")[0] for name in ("journal_mode", "synchronous", "foreign_keys")}

    assert await database.read(pragmas) == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


async def test_a_file_of_somebody_else_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE theirs (a)")
    other.close()
    before = path.read_bytes()

    with pytest.raises(DatabaseUnusable, match="not a database of compliance-bot"):
        await Database.open(path)
    assert path.read_bytes() == before


async def test_a_newer_schema_is_refused_with_the_mend(tmp_path):
    path = tmp_path / "bot.db"
    await (await Database.open(path)).close()
    with sqlite3.connect(path) as newer:
        newer.execute("PRAGMA user_version=99")
    newer.close()

    with pytest.raises(DatabaseUnusable, match="schema version 99"):
        await Database.open(path)


async def test_a_torn_file_is_refused_and_kept(tmp_path):
    path = tmp_path / "bot.db"
    path.write_bytes(b"SQLite format 3\x00" + b"\xff" * 5000)
    before = path.read_bytes()

    with pytest.raises(DatabaseUnusable, match="cannot be used as a database"):
        await Database.open(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("kind", "code", "everybody"),
    [
        (sqlite3.OperationalError, sqlite3.SQLITE_FULL, True),
        (sqlite3.OperationalError, sqlite3.SQLITE_IOERR_FSYNC, True),
        (sqlite3.OperationalError, sqlite3.SQLITE_BUSY_SNAPSHOT, True),
        (sqlite3.OperationalError, sqlite3.SQLITE_READONLY, True),
        (sqlite3.DatabaseError, sqlite3.SQLITE_CORRUPT, True),
        (sqlite3.OperationalError, sqlite3.SQLITE_ERROR, False),
        (sqlite3.IntegrityError, sqlite3.SQLITE_CONSTRAINT_UNIQUE, False),
        (sqlite3.IntegrityError, sqlite3.SQLITE_MISMATCH, False),
        (sqlite3.DataError, sqlite3.SQLITE_TOOBIG, False),
    ],
)
def test_what_ails_the_file_is_told_from_one_statement_that_is_wrong(kind, code, everybody):
    error = kind("said by SQLite")
    error.sqlite_errorcode = code

    assert concerns_the_file(error) is everybody


def test_what_sqlite_did_not_say_ails_nobodys_file():
    assert not concerns_the_file(ValueError("a mistake of ours"))
    assert not concerns_the_file(sqlite3.ProgrammingError("Incorrect number of bindings supplied"))
