"""The only place that constructs: opens what is needed, runs it in one TaskGroup, closes it in order."""

from compliance_bot.app.reload import Requests, log_level
from compliance_bot.app.running import run

__all__ = ["Requests", "log_level", "run"]
