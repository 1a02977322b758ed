"""Ports for processes that are ended and started again on the same one.

The kernel gives each outgoing connection a port of its ephemeral range: one of those may be another's by
the time a process is back. So these are of another range, and each worker of a run has a share of its own.
"""

from __future__ import annotations

import os
import random
import socket
from pathlib import Path

HOST = "127.0.0.1"
LOWEST, HIGHEST = 10_000, 65_535
EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")
ELSEWHERE = range(LOWEST, 30_000)
"""Where the kernel's range can't be read, or leaves no room; no system's own begins below it."""

_ROOM = 1000
_given: set[int] = set()


def free_port() -> int:
    """A port nobody listens on, which no outgoing connection and no other caller of this run gets."""
    candidates = [port for port in share(lasting_ports()) if port not in _given]
    for port in random.SystemRandom().sample(candidates, len(candidates)):
        if is_free(port):
            _given.add(port)
            return port
    raise OSError("no port outside the kernel's ephemeral range is free")


def lasting_ports(ephemeral: Path = EPHEMERAL) -> range:
    """The ports above the well-known ones that the kernel gives to nobody by itself."""
    try:
        first, last = (int(word) for word in ephemeral.read_text().split())
    except (OSError, ValueError):
        return ELSEWHERE
    outside = max(range(LOWEST, first), range(max(LOWEST, last + 1), HIGHEST + 1), key=len)
    return outside if len(outside) >= _ROOM else ELSEWHERE


def share(ports: range) -> range:
    """The part of them that is this worker's: each port belongs to one."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    mine = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return ports[mine::workers]


def is_free(port: int) -> bool:
    """Whether a server could listen there now, as one does whose last connections are still closing."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
