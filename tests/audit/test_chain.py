"""The chain is whole, or the first bad number is named."""

import json
import sqlite3

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from compliance_bot.audit import chain, verify
from compliance_bot.store.database import Database


@pytest.fixture
async def database(tmp_path):
    database = await Database.open(tmp_path / "bot.db")
    yield database
    await database.close()


@pytest.fixture
async def five_entries(database):
    for number in range(5):
        await database.write(
            lambda tx, n=number: chain.append(tx, "test", {"n": n}, now=1000.0 + n, person="U1")
        )
    return database


def tamper(path, sql):
    """Do what somebody with the file in their hands can do: drop the triggers, change, put them back."""
    other = sqlite3.connect(path, isolation_level=None)
    for name in ("audit_is_never_changed", "audit_is_never_removed"):
        other.execute(f"DROP TRIGGER {name}")
    other.execute(sql)
    other.close()


async def test_an_untouched_chain_is_whole(five_entries):
    verdict = await five_entries.read(verify.verify)

    assert (verdict.whole, verdict.entries) == (True, 5)


async def test_people_stand_in_it_by_pseudonym(five_entries):
    bodies = await five_entries.read(lambda tx: [row["body"] for row in tx.all("SELECT body FROM audit")])

    assert not any("U1" in body for body in bodies)
    assert len({json.loads(body)["actor"] for body in bodies}) == 1


@pytest.mark.parametrize(
    ("sql", "bad"),
    [
        ("""UPDATE audit SET body = replace(body, '"n":2', '"n":9') WHERE seq = 3""", 3),
        ("DELETE FROM audit WHERE seq = 2", 2),
        ("UPDATE audit SET hash = upper(hash) WHERE seq = 4", 4),
        ("INSERT INTO audit SELECT 6, 'x', hash, body FROM audit WHERE seq = 5", 6),
    ],
)
async def test_a_changed_chain_names_the_first_bad_number(five_entries, tmp_path, sql, bad):
    tamper(tmp_path / "bot.db", sql)

    verdict = await five_entries.read(verify.verify)

    assert verdict.bad_seq == bad


async def test_a_tail_cut_after_a_clean_stop_is_seen(five_entries, tmp_path):
    head_file = tmp_path / verify.HEAD_FILE
    verify.write_head(head_file, await five_entries.read(verify.current_head))
    tamper(tmp_path / "bot.db", "DELETE FROM audit WHERE seq = 5")

    verdict = await five_entries.read(lambda tx: verify.verify(tx, verify.read_head(head_file)))

    assert verdict.bad_seq == 5
    assert (await five_entries.read(verify.verify)).whole


async def test_the_database_itself_refuses_to_change_an_entry(five_entries):
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        await five_entries.write(lambda tx: tx.execute("UPDATE audit SET body = '' WHERE seq = 1"))
    with pytest.raises(sqlite3.IntegrityError, match="never removed"):
        await five_entries.write(lambda tx: tx.execute("DELETE FROM audit"))


async def test_an_entry_rolls_back_with_what_it_tells(database):
    def decide(tx):
        chain.append(tx, "test", {}, now=1.0)
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - our own, raised above
        await database.write(decide)
    assert (await database.read(verify.verify)).entries == 0


_WORDS = st.text(max_size=12)
_FACTS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | _WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_WORDS, inner, max_size=4),
    max_leaves=12,
)


@given(facts=st.dictionaries(_WORDS, _FACTS, max_size=6))
def test_a_body_is_written_as_rfc_8785_wants_it_whatever_its_letters(facts):
    assert chain.canonical(facts) == rfc8785.dumps(facts).decode()


def test_a_number_that_is_not_whole_to_every_reader_is_refused():
    with pytest.raises(rfc8785.CanonicalizationError):
        chain.canonical({"n": 2**53})
