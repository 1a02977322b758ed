"""A Studio for load: any number of findings, written only when asked for."""

import json
import time
from collections import Counter
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

from tests.benchmark.wire import Answer

LONG_AGO = 86_400.0 * 30
_ROW = (
    '{{"id":"{id}","integrationId":"d0000000-0000-4000-8000-000000000001","agentId":null,'
    '"title":"Public bucket evidence-archive-{number}","description":'
    '"The bucket evidence-archive-{number}'
    ' can be read by anyone on the internet; access logging is off.","alertName":null,'
    '"severity":"{severity}",'
    '"category":"{category}","type":"config","status":"{status}","notified":false,"assignedToId":null,'
    '"affectedResource":"arn:aws:s3:::evidence-archive-{number}","affectedUser":null,"resourceType":null,'
    '"location":null,"cloudService":null,"rawData":null,"evidence":[],"frameworks":["SOC 2","ISO 27001"],'
    '"controls":["CC6.1","A.8.3"],"recommendation":"Block public access and turn access logging on.",'
    '"remediationSteps":null,"dueDate":null,"resolvedAt":null,"resolvedById":null,"firstSeenAt":"{at}",'
    '"lastSeenAt":"{at}","occurrenceCount":3,"createdAt":"{at}","updatedAt":"{at}",'
    '"integration":{{"name":"AWS prod","vendor":"AWS"}},"assignedTo":null,"_count":{{"comments":0}}}}'
)


class LightStudio:
    """Findings, newest first: what was added while we ran, then ``base`` old ones."""

    def __init__(self):
        self.base = 0
        self.base_at = _iso(time.time() - LONG_AGO)
        self.recent = []
        self.statuses = {}
        self.comments = Counter()
        self.counts = Counter()
        self.delays = {}

    def add(self, count, severity, category):
        """Let so many findings appear now."""
        at, first = _iso(time.time()), len(self.recent)
        self.recent += [(f"n{number:07}", severity, category, at) for number in range(first, first + count)]

    def answer(self, method, target, body):
        """Studio's answer to one call below ``/api``."""
        parts = urlsplit(target)
        name = _name(method, parts.path)
        self.counts[name] += 1
        answered = self._answer(name, parts, body)
        return Answer(answered, delay=self.delays.get(name, 0.0))

    def _answer(self, name, parts, body):
        if name == "list":
            return self._page(parse_qs(parts.query))
        if name in ("detail", "update", "comment"):
            return self._one(name, parts.path.split("/")[3], body)
        return json.dumps(_FIXED.get(name, {"success": True, "data": []})).encode()

    def _page(self, query):
        page, limit = int(query["page"][0]), int(query["limit"][0])
        total = 12 if "severity" in query else self.base + len(self.recent)
        first, last = (page - 1) * limit, min(page * limit, total)
        rows = ",".join(self._row_at(place) for place in range(first, last))
        about = {"total": total, "page": page, "limit": limit, "pages": -(-total // limit)}
        return f'{{"success":true,"data":[{rows}],"pagination":{json.dumps(about)}}}'.encode()

    def _row_at(self, place):
        if place < len(self.recent):
            return self._row(*self.recent[-1 - place])
        number = self.base - 1 - (place - len(self.recent))
        return self._row(f"b{number:07}", "medium", "misconfiguration", self.base_at)

    def _row(self, finding_id, severity, category, at):
        return _ROW.format(
            id=finding_id,
            number=finding_id[1:],
            severity=severity,
            category=category,
            at=at,
            status=self.statuses.get(finding_id, "open"),
        )

    def _one(self, name, finding_id, body):
        if name == "comment":
            self.comments[finding_id] += 1
            told = {"id": f"c{sum(self.comments.values())}", "content": json.loads(body)["content"]}
            return json.dumps({"success": True, "data": told}).encode()
        if name == "update":
            self.statuses[finding_id] = json.loads(body)["status"]
        place = int(finding_id[1:])
        row = self.recent[place] if finding_id[0] == "n" else (finding_id, "medium", "other", self.base_at)
        return f'{{"success":true,"data":{self._row(*row)}}}'.encode()


def _name(method, path):
    steps = path.strip("/").split("/")[1:]
    if steps[:1] != ["findings"]:
        return "/".join(steps)
    if len(steps) == 1:
        return "list"
    return "comment" if len(steps) > 2 else {"GET": "detail", "PUT": "update"}.get(method, "detail")


def _iso(at):
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


_FIXED = {
    "manager/dashboard": {
        "success": True,
        "data": {
            "totals": {"projects": 5, "pendingApprovals": 2, "customers": 1, "auditors": 2},
            "compliance": 10,
            "projectsByStatus": [],
        },
    },
    "auditor/dashboard": {
        "success": True,
        "stats": {"assignedCustomers": 1, "activeProjects": 4, "pendingRequests": 1, "upcomingEvents": 0},
    },
}
