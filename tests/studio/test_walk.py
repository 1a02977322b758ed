from __future__ import annotations

import json
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from compliance_bot.model.findings import BadRow, Finding, FindingPage, FindingStatus, Severity
from compliance_bot.studio.walk import (
    PageRequest,
    WalkProgress,
    advance,
    begin,
    give_up,
    next_page,
    too_large,
    verdict,
)


def a_finding(name: str) -> Finding:
    return Finding(id=name, title=name, severity=Severity.LOW, status=FindingStatus.OPEN, category="other")


@dataclass
class Listing:
    """A model of Studio's list: ids in Studio's order, some of them unreadable or giant."""

    ids: list[str]
    giants: frozenset[str] = frozenset()
    unreadable: frozenset[str] = frozenset()
    cap: int = 500
    asked: int = 0
    seen: set[str] = field(default_factory=set)

    def page(self, request: PageRequest) -> FindingPage | None:
        """What Studio answers; None: over 4 MB."""
        self.asked += 1
        limit = min(request.limit, self.cap)
        offset = (request.page - 1) * limit
        rows = self.ids[offset : offset + limit]
        if self.giants & set(rows):
            return None
        self.seen |= set(rows)
        return FindingPage(
            findings=tuple(a_finding(row) for row in rows if row not in self.unreadable),
            bad_rows=tuple(
                BadRow(studio_id=None, reason="bad", position=place)
                for place, row in enumerate(rows)
                if row in self.unreadable
            ),
            total=len(self.ids),
            offset=offset,
            limit=limit,
            sent_at=1000.0,
            server_time=900.0,
        )


def one_step(progress: WalkProgress, listing: Listing) -> WalkProgress:
    request = next_page(progress)
    assert request is not None
    page = listing.page(request)
    return too_large(progress) if page is None else advance(progress, page)


def walk(progress: WalkProgress, listing: Listing) -> WalkProgress:
    while not progress.finished:
        progress = one_step(progress, listing)
        assert listing.asked < 20_000
    return progress


def names(count: int, prefix: str = "f") -> list[str]:
    return [f"{prefix}{number}" for number in range(count)]


def test_a_quiet_list_is_seen_whole_and_counts() -> None:
    listing = Listing(names(10_000))
    end = walk(begin(1, 0.0), listing)
    assert listing.seen == set(listing.ids)
    assert end.seen == 10_000
    assert verdict(end).counts
    assert not end.drifted


def test_a_hundred_thousand_findings_take_little_more_than_two_hundred_pages() -> None:
    listing = Listing(names(100_000))
    end = walk(begin(1, 0.0), listing)
    assert verdict(end).counts
    assert listing.asked <= 220


def test_the_baseline_is_measured_by_the_clock_of_studios_first_answer() -> None:
    progress = one_step(begin(1, 50.0), Listing(names(1000)))
    assert (progress.server_started, progress.started_at) == (900.0, 50.0)


def test_an_empty_studio_counts() -> None:
    assert verdict(walk(begin(1, 0.0), Listing([]))).counts


def test_insert_delete_and_back_date_between_two_pages_lose_nothing() -> None:
    listing = Listing(names(10_000))
    lasting = set(listing.ids) - {"f3", "f4"}
    progress = one_step(begin(1, 0.0), listing)
    listing.ids[:0] = ["new"]
    listing.ids.remove("f3")
    listing.ids.remove("f4")
    listing.ids.insert(7000, "back-dated")
    progress = walk(progress, listing)
    assert lasting | {"back-dated"} <= listing.seen
    assert verdict(progress).counts


def test_a_delete_hidden_by_a_deep_insert_loses_no_row_although_the_total_stands_still() -> None:
    listing = Listing(names(2000))
    progress = one_step(begin(1, 0.0), listing)
    for number in range(40):
        listing.ids.remove(f"f{number}")
        listing.ids.append(f"late{number}")
    progress = walk(progress, listing)
    assert set(names(2000)[40:]) <= listing.seen
    assert verdict(progress).counts
    assert progress.drifted


def test_a_restart_in_mid_walk_goes_on_from_the_stored_progress() -> None:
    listing = Listing(names(3000))
    progress = one_step(one_step(begin(4, 0.0), listing), listing)
    stored = json.dumps(progress.to_dict())
    listing.ids = listing.ids[600:]
    again = WalkProgress.from_dict(json.loads(stored))
    assert again == progress
    end = walk(again, listing)
    assert set(names(3000)[600:]) <= listing.seen
    assert verdict(end).counts


def test_a_mass_delete_costs_few_pages_to_find_the_place_again() -> None:
    listing = Listing(names(20_000))
    progress = begin(1, 0.0)
    for _ in range(30):
        progress = one_step(progress, listing)
    listing.ids = listing.ids[10_000:]
    asked = listing.asked
    end = walk(progress, listing)
    assert set(listing.ids) <= listing.seen
    assert verdict(end).counts
    assert listing.asked - asked < 30


def test_everything_replaced_in_mid_walk_is_read_from_the_first_row_again() -> None:
    listing = Listing(names(2000))
    progress = one_step(one_step(begin(1, 0.0), listing), listing)
    listing.ids = names(2000, "other")
    end = walk(progress, listing)
    assert set(listing.ids) <= listing.seen
    assert verdict(end).counts
    assert end.restarts == 1


def test_an_empty_page_that_claims_ten_thousand_does_not_count() -> None:
    empty = FindingPage(
        findings=(), bad_rows=(), total=10_000, offset=0, limit=500, sent_at=0.0, server_time=None
    )
    end = advance(begin(1, 0.0), empty)
    assert end.finished
    assert verdict(end).reason == "Studio answered an empty page but counts 10000 findings"


def test_a_walk_that_was_given_up_does_not_count() -> None:
    progress = one_step(begin(1, 0.0), Listing(names(1000)))
    assert verdict(progress).reason == "it is not finished"
    assert verdict(give_up(progress, "page 2 answered 500")).reason == "page 2 answered 500"


def test_pages_that_repeat_themselves_end_the_walk_and_do_not_count() -> None:
    listing = Listing(names(500))
    progress = begin(1, 0.0)
    asked = 0
    while (request := next_page(progress)) is not None:
        page = listing.page(PageRequest(page=1, limit=500))
        assert page is not None
        lying = FindingPage(
            findings=page.findings,
            bad_rows=(),
            total=100_000,
            offset=request.offset,
            limit=request.limit,
            sent_at=0.0,
            server_time=None,
        )
        progress = advance(progress, lying)
        asked += 1
    assert not verdict(progress).counts
    assert asked < 300


def test_a_row_too_large_to_read_is_passed_over_and_counted_as_present() -> None:
    listing = Listing(names(3000), giants=frozenset({"f777", "f778", "f1999"}))
    end = walk(begin(1, 0.0), listing)
    assert set(listing.ids) - listing.giants == listing.seen
    assert end.unread == 3
    assert verdict(end).counts
    assert listing.asked < 90


def test_the_first_and_the_last_row_may_be_too_large() -> None:
    listing = Listing(names(30), giants=frozenset({"f0", "f29"}))
    end = walk(begin(1, 0.0), listing)
    assert len(listing.seen) == 28
    assert verdict(end).counts


def test_a_delete_beside_a_row_too_large_to_read_makes_the_walk_not_count() -> None:
    listing = Listing(names(1200), giants=frozenset({"f600"}))
    progress = begin(1, 0.0)
    while not progress.unread:
        progress = one_step(progress, listing)
    listing.ids.remove("f3")
    assert not verdict(walk(progress, listing)).counts


def test_unreadable_rows_count_as_present_once() -> None:
    unreadable = frozenset(names(3000)[::7])
    end = walk(begin(1, 0.0), Listing(names(3000), unreadable=unreadable))
    assert end.seen == 3000
    assert verdict(end).counts


def test_a_studio_that_caps_its_pages_is_followed() -> None:
    listing = Listing(names(1000), cap=100)
    end = walk(begin(1, 0.0), listing)
    assert listing.seen == set(listing.ids)
    assert verdict(end).counts


def test_less_than_ninety_eight_in_a_hundred_does_not_count() -> None:
    short = Listing(names(900))
    page = short.page(PageRequest(page=1, limit=500))
    assert page is not None
    progress = begin(1, 0.0)
    progress = WalkProgress.from_dict({**progress.to_dict(), "finished": True, "seen": 97, "total": 100})
    assert verdict(progress).reason == "it saw 97 of 100 findings"


Step = tuple[str, int]
STEPS = st.lists(
    st.tuples(st.sampled_from(["insert", "delete", "delete many", "nothing"]), st.integers(0, 10_000)),
    max_size=12,
)


def disturb(listing: Listing, steps: list[Step], made: list[int]) -> set[str]:
    """Change the list; returns what was deleted."""
    deleted: set[str] = set()
    for kind, where in steps:
        place = where % (len(listing.ids) + 1)
        if kind == "insert":
            made[0] += 1
            listing.ids.insert(place, f"made{made[0]}")
        elif kind.startswith("delete"):
            until = place + (1 if kind == "delete" else 30)
            deleted |= set(listing.ids[place:until])
            del listing.ids[place:until]
    return deleted


@given(
    count=st.integers(0, 160),
    size=st.integers(1, 40),
    between=st.lists(STEPS, max_size=12),
    giants=st.sets(st.integers(0, 159), max_size=2),
)
def test_no_row_that_stood_throughout_is_lost_by_a_walk_that_counts(
    count: int, size: int, between: list[list[Step]], giants: set[int]
) -> None:
    listing = Listing(names(count), giants=frozenset(f"f{number}" for number in giants))
    lasting = set(listing.ids) - listing.giants
    progress = begin(1, 0.0, size=size)
    made = [0]
    for steps in between:
        if progress.finished:
            break
        progress = one_step(progress, listing)
        lasting -= set() if progress.finished else disturb(listing, steps, made)
        progress = WalkProgress.from_dict(json.loads(json.dumps(progress.to_dict())))
    progress = walk(progress, listing)
    if verdict(progress).counts and not progress.unproven:
        assert lasting <= listing.seen


@given(count=st.integers(0, 400), size=st.integers(1, 60), restart=st.integers(1, 9))
def test_a_quiet_walk_of_any_page_size_sees_each_row_and_counts_it_once(
    count: int, size: int, restart: int
) -> None:
    listing = Listing(names(count))
    progress = begin(1, 0.0, size=size)
    while not progress.finished:
        progress = one_step(progress, listing)
        if progress.pages % restart == 0:
            progress = WalkProgress.from_dict(json.loads(json.dumps(progress.to_dict())))
    assert listing.seen == set(listing.ids)
    assert progress.seen == count
    assert verdict(progress).counts
