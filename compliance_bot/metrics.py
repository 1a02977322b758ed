"""Every figure this program tells Prometheus, in one place; rooms call these functions.

A figure is named after what is counted; labels are few and never carry a person, a channel or a
finding. Durations are seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, generate_latest
from prometheus_client.process_collector import ProcessCollector

from compliance_bot import __version__

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_FAST = (0.0003, 0.0006, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 3.0)
_CALL = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_DELIVERY = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0, 300.0, 3600.0)

_registry = CollectorRegistry(auto_describe=True)
ProcessCollector(namespace="compliance_bot", registry=_registry)


def _counter(name: str, told: str, *labels: str) -> Counter:
    return Counter(f"compliance_bot_{name}", told, labels, registry=_registry)


def _gauge(name: str, told: str, *labels: str) -> Gauge:
    return Gauge(f"compliance_bot_{name}", told, labels, registry=_registry)


def _histogram(name: str, told: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
    return Histogram(f"compliance_bot_{name}", told, labels, buckets=buckets, registry=_registry)


_envelopes = _counter("envelopes_total", "Envelopes received from Slack", "type")
_ack = _histogram("ack_seconds", "From an envelope's frame to its ack written", _FAST, "type")
_inbox = _counter("inbox_failures_total", "Inbox rows that could not be committed in time", "reason")
_sockets = _gauge("sockets_open", "Socket Mode connections that said hello")
_reconnects = _counter("socket_reconnects_total", "Socket Mode connections begun again", "reason")
_slack = _histogram("slack_call_seconds", "Slack Web API calls", _CALL, "method", "code")
_studio = _histogram("studio_call_seconds", "Studio API calls", _CALL, "operation", "outcome")
_quota = _gauge("studio_quota_left", "Studio calls still allowed in the sliding hour")
_polls = _counter("polls_total", "Polls of Studio", "outcome")
_walks = _counter("walks_total", "Full walks of Studio's findings", "outcome")
_routed = _counter("events_routed_total", "Events routed, by each named reason that counted", "reason")
_effects = _counter("effects_total", "Effects settled, by kind and outcome", "kind", "outcome")
_delivery = _histogram("delivery_seconds", "From an effect's commit to Slack's 200", _DELIVERY, "lane")
_depth = _gauge("outbox_depth", "Effects not yet settled", "lane")
_held = _gauge("outbox_held", "Messages that wait for the end of quiet hours")
_snoozed = _gauge("cases_snoozed", "Findings that are snoozed")
_away = _gauge("people_away", "People who said that they are away")
_decisions = _counter("decisions_total", "What people decided in Slack", "action", "outcome")
_commands = _counter("commands_total", "Commands people asked", "command", "outcome")
_reloads = _counter("rules_reloads_total", "Times the rules were read anew", "outcome")
_lag = _gauge("loop_lag_seconds", "How late the event loop last came back")
_lag_worst = _gauge("loop_lag_worst_seconds", "The worst lag since the start")
_age = _gauge("age_seconds", "How long ago the last one was seen", "what")
_ready = _gauge("ready", "1 while nothing is degraded")
Info("compliance_bot_build", "This program", registry=_registry).info({"version": __version__})


def envelope_received(kind: str) -> None:
    """One envelope of ``kind`` (``events_api``, ``interactive``, ``slash_commands``) came in."""
    _envelopes.labels(kind).inc()


def envelope_acked(kind: str, seconds: float) -> None:
    """The ack of an envelope was written, ``seconds`` after its frame."""
    _ack.labels(kind).observe(seconds)


def inbox_failed(reason: str) -> None:
    """What a person did could not be recorded in time; they were told, or Slack sends it again."""
    _inbox.labels(reason).inc()


def sockets_open(count: int) -> None:
    """So many connections are up."""
    _sockets.set(count)


def socket_reconnected(reason: str) -> None:
    """A connection was begun again; ``reason`` is Slack's word or ours."""
    _reconnects.labels(reason).inc()


def slack_called(method: str, code: str, seconds: float) -> None:
    """A Slack call was answered: ``code`` is ``ok``, Slack's error word, or ours for the wire."""
    _slack.labels(method, code).observe(seconds)


def studio_called(operation: str, outcome: str, seconds: float) -> None:
    """A Studio call was answered: ``outcome`` is the HTTP status or a word for the wire."""
    _studio.labels(operation, outcome).observe(seconds)


def studio_quota_left(calls: int) -> None:
    """So many calls are left in the sliding hour."""
    _quota.set(calls)


def polled(outcome: str) -> None:
    """A poll ended (``complete``, ``failed``)."""
    _polls.labels(outcome).inc()


def walked(outcome: str) -> None:
    """A full walk ended (``counted``, ``incomplete``, ``suspicious``)."""
    _walks.labels(outcome).inc()


_routed_for: dict[str, Counter] = {}
"""The counter of each reason: to look it up among the labels costs more than to count."""


def event_routed(reasons: Iterable[str]) -> None:
    """An event was routed for these reasons (``rule.matched``, ``channel.unknown`` …), each counted once."""
    for reason in reasons:
        known = _routed_for.get(reason)
        if known is None:
            known = _routed_for[reason] = _routed.labels(reason)
        known.inc()


def effect_settled(kind: str, outcome: str) -> None:
    """An effect came to ``outcome`` (``done``, ``retry``, ``unknown``, ``dead``, ``skipped``)."""
    _effects.labels(kind, outcome).inc()


def delivered(lane: str, seconds: float) -> None:
    """Slack took a message, ``seconds`` after its effect was committed."""
    _delivery.labels(lane).observe(seconds)


def outbox_held(count: int) -> None:
    """So many messages wait for the end of quiet hours."""
    _held.set(count)


def cases_snoozed(count: int) -> None:
    """So many findings are snoozed."""
    _snoozed.set(count)


def people_away(count: int) -> None:
    """So many people are away by their own word."""
    _away.set(count)


def outbox_depth(lane: str, count: int) -> None:
    """So many effects of ``lane`` wait."""
    _depth.labels(lane).set(count)


def decided(action: str, outcome: str) -> None:
    """A person's action was settled (``taken``, ``late``, ``refused``)."""
    _decisions.labels(action, outcome).inc()


def command_answered(command: str, outcome: str) -> None:
    """A command was answered (``answered``, ``mistake``, ``failed``)."""
    _commands.labels(command, outcome).inc()


def rules_reloaded(outcome: str) -> None:
    """The rules were read anew (``reloaded``, ``unchanged``, ``refused``)."""
    _reloads.labels(outcome).inc()


def loop_lagged(seconds: float) -> None:
    """The event loop came back ``seconds`` late; the worst is kept."""
    _lag.set(seconds)
    worst = _lag_worst._value.get()  # noqa: SLF001 - the library offers no reading of its own gauges
    _lag_worst.set(max(worst, seconds))


def readiness(*, ready: bool, ages: Mapping[str, float | None]) -> None:
    """What ``/readyz`` says, for those who only scrape. An age not known yet is not shown."""
    _ready.set(int(ready))
    for what, seconds in ages.items():
        if seconds is not None:
            _age.labels(what).set(seconds)


def render() -> bytes:
    """The exposition text of everything above."""
    return generate_latest(_registry)
