"""Tells systemd how we are; does nothing where systemd did not start us."""

from __future__ import annotations

import os
import socket


def notify(*words: str) -> bool:
    """Send ``READY=1``, ``STATUS=…``, ``WATCHDOG=1``, ``STOPPING=1``; True when systemd listens.

    Source: sd_notify(3). An address that starts with ``@`` lies in the abstract namespace.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    path = "\0" + address[1:] if address.startswith("@") else address
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
        try:
            line.sendto("\n".join(words).encode(), path)
        except OSError:
            return False
    return True


def watchdog_seconds() -> float | None:
    """How often systemd wants ``WATCHDOG=1``; None when it does not watch this process."""
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    watched = os.environ.get("WATCHDOG_PID", str(os.getpid()))
    if not microseconds.isdigit() or int(microseconds) == 0 or watched != str(os.getpid()):
        return None
    return int(microseconds) / 1_000_000
