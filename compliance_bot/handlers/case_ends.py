"""The end that is chosen in a form: one of those offered, or a day and a time of one's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from compliance_bot.cases import fix_by, snooze
from compliance_bot.handlers.filled_in import Value
from compliance_bot.handlers.form_spec import Mistakes, Taken
from compliance_bot.messages import case_form_words as words
from compliance_bot.messages import case_forms, form_words
from compliance_bot.messages.case_forms import Ends
from compliance_bot.rules.local_time import local, zone_called
from compliance_bot.rules.offered_times import Offered, chosen_instant, fix_ends, snooze_ends
from compliance_bot.rules.working_days import EVENING, MORNING

_DAY = 86_400.0
_NAMES: Mapping[str, str] = {
    "evening": "This evening",
    "tomorrow": "Tomorrow",
    "monday": "On Monday",
    "week": "In a week",
    "days_1": "In 1 working day",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choosing:
    """What stands in the fields, in whose zone. ``since``: from when the offers are counted, Unix seconds.

    The offers of a form stay the same while it is open, so that what was chosen stays among them.
    """

    values: Mapping[str, Value]
    zone: str
    now: float
    since: float


# ---------------------------------------------------------------- what the form shows


def snooze_choice(choosing: Choosing, ref: str) -> Ends:
    """The ends of a snooze, with what the chosen one means."""
    offered = snooze_ends(choosing.since, zone_called(choosing.zone))
    chosen = _chosen(choosing, case_forms.SNOOZE_END, offered)
    day, time = _own(choosing, case_forms.SNOOZE_DAY), _own_time(choosing)
    own = chosen == case_forms.OTHER
    until = _own_end(choosing, day, time) if own else _at(offered, chosen)
    return Ends(
        offered=[(one.name, _said(one, choosing.zone)) for one in offered],
        chosen=chosen,
        preview=_preview(until, choosing.now, lambda at: words.snooze_preview(ref, at)),
        zone=choosing.zone,
        day=day,
        time=time,
    )


def fix_choice(choosing: Choosing, holidays: Sequence[str]) -> Ends:
    """The days to mend something by, with what the chosen one means."""
    offered = fix_ends(choosing.since, zone_called(choosing.zone), holidays)
    chosen = _chosen(choosing, case_forms.FIX_END, offered)
    day = _own(choosing, case_forms.FIX_DAY)
    own = chosen == case_forms.OTHER
    until = _own_end(choosing, day, EVENING.isoformat()) if own else _at(offered, chosen)
    return Ends(
        offered=[(one.name, _said(one, choosing.zone)) for one in offered],
        chosen=chosen,
        preview=_preview(until, choosing.now, words.fix_preview),
        zone=choosing.zone,
        day=day,
    )


def _preview(until: float | None, now: float, say: Callable[[float], str]) -> str:
    if until is None:
        return words.choose_first()
    return say(until) if until > now else words.preview_past(until)


def _chosen(choosing: Choosing, name: str, offered: Sequence[Offered]) -> str:
    asked = choosing.values.get(name)
    known = {case_forms.OTHER, *(one.name for one in offered)}
    return asked if isinstance(asked, str) and asked in known else offered[0].name


def _own(choosing: Choosing, name: str) -> str | None:
    """The day in the field of one's own; at first tomorrow."""
    if name in choosing.values:
        asked = choosing.values[name]
        return asked if isinstance(asked, str) else None
    return local(choosing.since + _DAY, zone_called(choosing.zone)).date().isoformat()


def _own_time(choosing: Choosing) -> str | None:
    if case_forms.SNOOZE_TIME in choosing.values:
        asked = choosing.values[case_forms.SNOOZE_TIME]
        return asked if isinstance(asked, str) else None
    return MORNING.isoformat("minutes")


def _said(one: Offered, zone: str) -> str:
    """``Tomorrow, Wed 25 Nov 09:00``."""
    name = _NAMES.get(one.name) or f"In {one.name.removeprefix('days_')} working days"
    return f"{name}, {local(one.at, zone_called(zone)).strftime('%a %d %b %H:%M')}"


# ---------------------------------------------------------------- what was chosen


def snooze_end(choosing: Choosing) -> float | Mistakes:
    """Until when it is to sleep: ahead, and within what a snooze may last."""
    offered = snooze_ends(choosing.since, zone_called(choosing.zone))
    chosen = choosing.values.get(case_forms.SNOOZE_END)
    field, until = case_forms.SNOOZE_END, _at(offered, chosen)
    if chosen == case_forms.OTHER:
        day, time = _own(choosing, case_forms.SNOOZE_DAY), _own_time(choosing)
        field = case_forms.SNOOZE_DAY
        if day is None:
            return _mistake(field, form_words.choose_a_day())
        if time is None:
            return _mistake(case_forms.SNOOZE_TIME, form_words.choose_a_time())
        until = _own_end(choosing, day, time)
    return _ahead(choosing, field, until, snooze.LONGEST, words.snooze_too_long())


def fix_end(choosing: Choosing, holidays: Sequence[str]) -> Taken | Mistakes:
    """By when it is to be mended: ahead, and within a year."""
    offered = fix_ends(choosing.since, zone_called(choosing.zone), holidays)
    chosen = choosing.values.get(case_forms.FIX_END)
    field, until = case_forms.FIX_END, _at(offered, chosen)
    if chosen == case_forms.OTHER:
        field, day = case_forms.FIX_DAY, _own(choosing, case_forms.FIX_DAY)
        if day is None:
            return _mistake(field, form_words.choose_a_day())
        until = _own_end(choosing, day, EVENING.isoformat())
    found = _ahead(choosing, field, until, fix_by.LONGEST, words.fix_too_far())
    return found if isinstance(found, Mistakes) else Taken(form={"until": found})


def _ahead(
    choosing: Choosing, field: str, until: float | None, longest: float, too_long: str
) -> float | Mistakes:
    if until is None:
        return _mistake(field, form_words.choose_one())
    if until <= choosing.now:
        return _mistake(field, form_words.in_the_past())
    return _mistake(field, too_long) if until > choosing.now + longest else until


def _at(offered: Sequence[Offered], name: Value) -> float | None:
    return next((one.at for one in offered if one.name == name), None)


def _own_end(choosing: Choosing, day: str | None, time: str | None) -> float | None:
    return None if day is None or time is None else chosen_instant(day, time, zone_called(choosing.zone))


def _mistake(name: str, sentence: str) -> Mistakes:
    return Mistakes(by_field={name: sentence})
