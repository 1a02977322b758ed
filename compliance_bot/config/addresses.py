"""Addresses in settings: which are accepted, and the sentence for each that is not."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

from compliance_bot.errors import Misconfigured


def base_url(name: str, text: str) -> str:
    """``text`` without a trailing slash; http only on loopback, no credentials, no query."""
    parts = _split(name, text)
    if parts.scheme not in ("https", "http"):
        raise Misconfigured(f"{name} must begin with https://.")
    if parts.scheme == "http" and not is_loopback(text):
        raise Misconfigured(f"{name} must begin with https://: http is accepted on this machine only.")
    if parts.username or parts.password:
        raise Misconfigured(f"{name} must not hold a user or password.")
    if parts.query or parts.fragment:
        raise Misconfigured(f"{name} must be an address without ? or #.")
    return text.rstrip("/")


def secret_url(name: str, text: str) -> None:
    """Refuse a webhook that is no https address, without repeating it."""
    parts = _split(name, text)
    if parts.scheme != "https" and not is_loopback(text):
        raise Misconfigured(f"{name} must begin with https://.")
    if parts.username or parts.password:
        raise Misconfigured(f"{name} must not hold a user or password.")


def proxy(name: str, text: str | None) -> str | None:
    """An http or https proxy's address, or None."""
    if not text:
        return None
    if _split(name, text).scheme not in ("http", "https"):
        raise Misconfigured(f"{name} must be an HTTP proxy, such as http://proxy:3128.")
    return text


def clock(text: str | None, slack_api_url: str, studio_url: str) -> str | None:
    """The embedded world's clock; only where the clock, Slack and Studio are all on this machine."""
    if not text:
        return None
    _split("COMPLIANCE_BOT_CLOCK", text)
    if not all(map(is_loopback, (text, slack_api_url, studio_url))):
        raise Misconfigured(
            "COMPLIANCE_BOT_CLOCK is for the demo: it is accepted only where it, SLACK_API_URL and "
            "STUDIO_URL are on this machine; unset it."
        )
    return text.rstrip("/")


def listen(text: str) -> tuple[str, int] | None:
    """``host:port`` in two parts; an empty text is None."""
    if not text.strip():
        return None
    host, _, port = text.strip().rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:  # noqa: PLR2004 - the highest port there is
        raise Misconfigured("COMPLIANCE_BOT_LISTEN must be host:port, such as 127.0.0.1:8085, or empty.")
    return host.strip("[]"), int(port)


def is_loopback(url: str) -> bool:
    """True for localhost and the loopback addresses."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _split(name: str, text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        usable = bool(parts.scheme and parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable or any(letter.isspace() for letter in text):
        raise Misconfigured(f"{name} is not a web address.")
    return parts
