"""Manager routes: alerts, dashboard, projects, auditors, approve, reject, assign."""

from __future__ import annotations

ROUTES = ()
