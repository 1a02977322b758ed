"""The programs that Chromium looks at: the real ``compliance-bot demo``, or a world without a bot."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, expect

PATIENCE = 20_000
"""Milliseconds after which something that should have been seen counts as never seen."""


@dataclass
class Demo:
    """A running demo, or a world without a bot."""

    url: str
    process: subprocess.Popen[str]

    def post(self, path: str, **given: Any) -> Any:
        """Do what the page's own requests do."""
        return self._ask("POST", path, json.dumps(given))

    def get(self, path: str) -> Any:
        """Read one of the world's control routes."""
        return self._ask("GET", path)

    def _ask(self, method: str, path: str, body: str | None = None) -> Any:
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=30)
        with contextlib.closing(connection):
            connection.request(method, path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            assert answer.status == 200, (path, answer.status)
            return json.load(answer)

    def finding(self, title: str, severity: str = "critical") -> str:
        """A finding of that title appears in Studio; its id."""
        return self.post("/world/studio/finding", severity=severity, title=title)["id"]


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )


def end(process: subprocess.Popen[str]) -> int:
    process.send_signal(signal.SIGTERM)
    code = process.wait(timeout=60)
    process.stdout.close()
    return code


def open_page(context: BrowserContext, demo: Demo, *, act_as: str = "Bob Builder") -> Page:
    page = context.new_page()
    page.goto(demo.url)
    page.locator("#bot-state[data-state=running]").wait_for()
    page.get_by_label("You act as").select_option(label=act_as)
    return page


def told(page: Page, title: str) -> Locator:
    """The message about a finding in the conversation that is open."""
    return page.locator("#messages .message").filter(has_text=title)


def show_side(page: Page, name: str) -> None:
    """Choose what stands beside the conversation: ``Behind the scenes`` or ``Rules``."""
    page.get_by_role("group", name="Behind the scenes").get_by_role("button", name=name).click()


def show_rules(page: Page) -> Locator:
    """The rules panel, opened; its text area."""
    show_side(page, "Rules")
    text = page.get_by_label("rules.yaml of this demo")
    expect(text).to_have_value(re.compile("routing_rules:"))
    return text


def in_studio(page: Page, finding_id: str) -> Locator:
    """The finding as the Studio panel shows it."""
    return page.locator(f"[data-finding='{finding_id}']")
