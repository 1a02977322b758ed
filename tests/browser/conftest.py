"""Chromium, the real ``compliance-bot demo``, and a world without a bot."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

try:
    from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
except ModuleNotFoundError as missing:
    raise pytest.UsageError(
        "tests/browser needs playwright: pip install 'compliance-bot[browser]'"
    ) from missing

from tests.browser.stage import PATIENCE, Demo, end, open_page, start
from tests.ports import free_port

CHROMIUM = Path("/usr/bin/chromium")
A_QUIET_WHILE = 130.0
"""World seconds after which what an earlier test had told no longer makes a digest of what comes."""
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_configure() -> None:
    if not CHROMIUM.exists():
        raise pytest.UsageError(f"tests/browser needs Chromium at {CHROMIUM}: apt-get install chromium")
    expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def demo() -> Iterator[Demo]:
    """The real demo, shared by all tests that leave no crowd behind."""
    yield from a_demo()


@pytest.fixture(scope="module")
def demo_of_its_own() -> Iterator[Demo]:
    """A demo for one file of tests."""
    yield from a_demo()


def a_demo() -> Iterator[Demo]:
    process = start("compliance_bot", "demo", "--no-browser", "--port", str(free_port()))
    first = process.stdout.readline()
    assert "http://" in first, "the demo did not print the page's address"
    yield Demo(url=first.split()[-1].rstrip("/"), process=process)
    assert end(process) == 0


@pytest.fixture
def world() -> Iterator[Demo]:
    """An embedded world as a process of its own; no bot is connected to it."""
    process = start("compliance_bot.sandbox", "--port", "0")
    yield Demo(url=json.loads(process.stdout.readline())["url"], process=process)
    end(process)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser of one person; any error in the page's own script fails the test."""
    context = browser.new_context(viewport={"width": 1360, "height": 860}, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    problems: list[str] = []
    context.on("weberror", lambda error: problems.append(str(error.error)))
    context.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    yield context
    context.close()
    assert problems == []


@pytest.fixture
def page(context: BrowserContext, demo: Demo) -> Page:
    """The demo's page with the bot connected, seen by Bob, in a minute in which nothing was said yet."""
    demo.post("/world/clock", jump=A_QUIET_WHILE)
    return open_page(context, demo)
