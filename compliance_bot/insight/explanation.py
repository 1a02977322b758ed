"""What would become of an event: rehearsed with the code that would do it, on an empty store in memory.

Routing, planning and presenting are those of ``run`` itself, so that an explanation cannot drift away from
what is then done. Nothing is sent, and nothing stays.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from compliance_bot.cases import announcements, observe, presenters
from compliance_bot.cases.destinations import place_of
from compliance_bot.cases.episode import an_event
from compliance_bot.cases.moment import Moment
from compliance_bot.insight.pings import ping_of
from compliance_bot.insight.stand_in import NAMELESS, finding_like
from compliance_bot.messages.explanation import Explanation, Ping, Place, RuleSeen, RungSeen, Why
from compliance_bot.model.delivery import CHANNEL_UNRESOLVED, Cleared, Later, Presentation, Skip
from compliance_bot.model.events import Attribute, Change, Event
from compliance_bot.model.findings import Finding, FindingStatus
from compliance_bot.model.slack import WEBHOOK, Directory
from compliance_bot.outbox.contract import Turn
from compliance_bot.outbox.payloads import words_by_webhook
from compliance_bot.outbox.quiet_hours import quiet_until
from compliance_bot.rulebook import Rulebook, attributes_of
from compliance_bot.rules.routing import Destination, Router, Routing
from compliance_bot.rules.sensitivity import SensitivityClass, may_show
from compliance_bot.rules.trace import Reason
from compliance_bot.store import objects
from compliance_bot.store.objects import Standing
from compliance_bot.store.rehearsal import an_object, planned, rehearsing
from compliance_bot.store.transaction import Transaction

ALREADY_TOLD = (
    "of a finding that is told already, a channel that has its message gets a line in the thread instead"
)

PROJECT_UNKNOWN = "its project's name, which the rules read, is asked of Studio first: here it is not known"
_MADE = ("finding", "update", "report")
"""The event types that something makes today."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """What was planned for one place: what its presenter answered, and until when quiet hours hold it."""

    presented: Presentation
    held_until: float | None


def explain(
    rulebook: Rulebook, directory: Directory, subject: Event | Finding, now: float, *, studio_url: str = ""
) -> Explanation:
    """What would become of an event, or of a finding that Studio tells now.

    Args:
        rulebook: The rules to judge by.
        directory: What Slack's names mean.
        subject: A finding, or an event by its attributes.
        now: Unix seconds: for quiet hours and whatever is counted in days.
        studio_url: For links to Studio, where the rules know a path.

    Raises:
        Implausible: for an event of a finding that can't be.

    """
    moment = Moment(now=now, rulebook=rulebook, directory=directory, studio_url=studio_url)
    if isinstance(subject, Finding):
        return _explain_finding(moment, subject, Change.NEW)
    if subject.type != "finding":
        return _explain_other(moment, subject)
    finding, assumed = finding_like(subject, categories=rulebook.rules.categories, now=now)
    attributes = an_event(moment, finding, subject.change).attributes
    ignored = tuple(
        _ignored(name, attributes.get(name))
        for name, value in subject.attributes.items()
        if attributes.get(name) != value
    )
    return _explain_finding(moment, finding, subject.change, notes=(*assumed, *ignored))


def _ignored(name: str, instead: Attribute | None) -> str:
    """A finding's event does not say it so, whatever was written."""
    return f"{name} is left out: a finding's event " + (f"says {instead!r}" if instead else "has none")


def _explain_finding(
    moment: Moment, finding: Finding, change: Change, *, notes: tuple[str, ...] = ()
) -> Explanation:
    """Have it told in an empty store, and see what was planned."""

    def tell(tx: Transaction) -> None:
        row = objects.add(tx, finding, standing=Standing.TOLD, sent_at=moment.now, now=moment.now, walk=None)
        observe.tell(tx, moment, row, finding, change)

    requests = _rehearsed(moment, tell)
    untold = None if requests else _untold(finding)
    if moment.rulebook.reads_project and finding.project_name is None and finding.agent_id:
        notes = (*notes, PROJECT_UNKNOWN)
    notes = notes if change is Change.NEW else (*notes, ALREADY_TOLD)
    return _explanation(moment, an_event(moment, finding, change), requests, untold=untold, notes=notes)


def _explain_other(moment: Moment, event: Event) -> Explanation:
    """Have it announced in an empty store, and see what was planned."""
    status = event.attributes.get("status")
    was = (None, str(status) if status else None)

    def tell(tx: Transaction) -> None:
        announcements.announce(
            tx, moment, event, object_id=an_object(tx, event.studio_id, moment.now), was=was
        )

    notes = () if event.type in _MADE else (f"nothing in this version makes an event of type {event.type}",)
    return _explanation(moment, event, _rehearsed(moment, tell), untold=None, notes=notes)


def _untold(finding: Finding) -> str:
    return "status.closed" if finding.status.is_closed else "project.not_listed"


def _rehearsed(moment: Moment, tell: Callable[[Transaction], None]) -> dict[str, _Request]:
    """Every message planned by ``tell``, by the place it is for, presented as if its turn came now."""
    handlers = presenters.handlers(lambda _now, _rulebook: moment)
    with rehearsing() as tx:
        tell(tx)
        turn = Turn(tx=tx, now=moment.now, rulebook=moment.rulebook, handlers=handlers)
        return {
            effect.pace_key: _Request(
                presented=handlers[effect.kind].present(tx, effect, moment.now, moment.rulebook),
                held_until=quiet_until(turn, effect),
            )
            for effect in planned(tx)
            if effect.kind.is_notification
        }


def _explanation(
    moment: Moment,
    event: Event,
    requests: Mapping[str, _Request],
    *,
    untold: str | None,
    notes: tuple[str, ...],
) -> Explanation:
    rulebook, attributes = moment.rulebook, attributes_of(event)
    routing = rulebook.route(event, moment.directory)
    untold = untold if routing.enabled else Reason.TYPE_DISABLED.value
    places = () if untold else tuple(_places(moment, event, routing, requests))
    return Explanation(
        type=event.type,
        id="" if event.studio_id == NAMELESS else event.studio_id,
        title=str(attributes.get("title", "")),
        change=event.change.value,
        untold=untold,
        notification=routing.notification,
        template=routing.template,
        lane=routing.lane.name.lower(),
        threading=routing.threading,
        sensitivity=rulebook.class_of(event).name,
        trace=tuple(Why(reason=step.reason.value, detail=step.detail) for step in routing.trace),
        rules=tuple(_rules(rulebook.router, routing, attributes)),
        places=places,
        attributes=attributes,
        notes=notes,
        ladder=() if untold else tuple(_ladder(rulebook, event)),
    )


def _ladder(rulebook: Rulebook, event: Event) -> Iterator[RungSeen]:
    """What is said again while nobody acts; only of a finding that Studio does not show as taken up."""
    status = event.attributes.get("status")
    if event.type != "finding" or (status and FindingStatus(str(status)).is_worked_on):
        return
    for rung in rulebook.ladder(event):
        yield RungSeen(after=rung.after, step=rung.step, mentions=rung.mentions, channel=rung.channel)


# ---------------------------------------------------------------- the rules


def _rules(router: Router, routing: Routing, attributes: Mapping[str, Attribute]) -> Iterator[RuleSeen]:
    """Every routing rule in its order, with what its condition read; taken from the trace alone."""
    said = {step.detail: step.reason for step in routing.trace if step.reason in _OUTCOMES}
    for rule in router.rules:
        yield RuleSeen(
            name=rule.name,
            condition=rule.condition.text,
            outcome=_OUTCOMES[said[rule.name]] if rule.name in said else "not looked at",
            reads={name: attributes.get(name) for name in sorted(rule.condition.names)},
            stop=rule.stop,
            replace=rule.replace,
        )


_OUTCOMES = {Reason.RULE_MATCHED: "matched", Reason.RULE_NOT_MATCHED: "not matched"}


# ---------------------------------------------------------------- the places


def _places(
    moment: Moment, event: Event, routing: Routing, requests: Mapping[str, _Request]
) -> Iterator[Place]:
    content = moment.rulebook.class_of(event)
    for one in routing.destinations:
        request = requests.get(place_of(one))
        presented = None if request is None else request.presented
        arguments = _leaving(presented)
        ceiling, because, shown = _readers(moment, one.channel_id, content)
        yield Place(
            channel=f"#{one.channel_name}",
            channel_id=one.channel_id or None,
            because=tuple(map(_why, one.reasons)),
            pings=tuple(_pings(moment.directory, one, arguments)),
            named=one.named,
            unresolved=one.unresolved,
            ceiling=ceiling,
            ceiling_because=because.value,
            shown=shown,
            waits=_waits(one, presented),
            held_until=None if request is None else request.held_until,
            text=arguments.get("text"),
            blocks=tuple(arguments.get("blocks", ())),
        )


def _leaving(presented: Presentation | None) -> Mapping[str, Any]:
    """The request as it would leave; nothing while none can be made."""
    if not isinstance(presented, Cleared):
        return {}
    by_webhook = presented.channel_id.startswith(WEBHOOK)
    return words_by_webhook(presented.arguments) if by_webhook else presented.arguments


def _readers(moment: Moment, channel_id: str, content: SensitivityClass) -> tuple[str | None, Reason, str]:
    """The channel's ceiling, why it is that, and whether ``content`` is shown there."""
    if not channel_id:
        return None, Reason.CEILING_UNREAD, "unread"
    audience = moment.audience(channel_id)
    if audience.ceiling is None:
        return None, audience.because, "unread"
    shown = "shown" if may_show(audience, content) else "withheld"
    return audience.ceiling.name, audience.because, shown


def _why(step: str) -> Why:
    reason, _, detail = step.partition(" ")
    return Why(reason=reason, detail=detail)


def _waits(destination: Destination, presented: Presentation | None) -> str | None:
    if isinstance(presented, Later | Skip):
        return presented.reason
    return None if destination.channel_id else CHANNEL_UNRESOLVED


def _pings(directory: Directory, destination: Destination, arguments: Mapping[str, Any]) -> Iterator[Ping]:
    """Who is pinged: the mentions that stand in the message, or would while it cannot be presented."""
    message = json.dumps(arguments, ensure_ascii=False)
    for markup in destination.mentions:
        if not arguments or markup in message:
            yield ping_of(directory, markup)
