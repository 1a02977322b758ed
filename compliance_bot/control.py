"""The control socket: how a command line asks the running daemon instead of opening its database.

One JSON line each way: ``{"command": …, "params": {…}}``, then ``{"ok": true, "result": {…}}`` or
``{"ok": false, "error": "a sentence"}``. The socket has mode 0600 in a directory of mode 0700.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import socket
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from compliance_bot.errors import BotError, Misconfigured
from compliance_bot.logs import logger
from compliance_bot.store import audit_entries, cases, effects, events, inbox, objects
from compliance_bot.store.transaction import Transaction

SOCKET_FILE = "control.sock"
LONGEST_QUESTION = 1 << 20
"""Bytes of one request line."""
LONGEST_ANSWER = 64 << 20
"""Bytes of one answer line."""

Command: TypeAlias = Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any]]]
"""What a registered command is: takes the params, gives a JSON object."""

log = logger("control")


class ControlRefused(BotError):
    """The daemon answered that it cannot do this; the text is its sentence."""


def summary(tx: Transaction, *, projects: Sequence[str] = ()) -> dict[str, dict[str, int]]:
    """What the database holds, in counts: for ``status``, with a daemon and without.

    ``projects``: those that alone are told; what is kept silent for them is counted beside.
    """
    last = audit_entries.last_entry(tx)
    findings = objects.count(tx)
    if projects:
        findings["of no listed project"] = objects.count_outside(tx, projects)
    return {
        "findings": findings,
        "cases": cases.count_by_state(tx),
        "inbox": inbox.count_by_state(tx),
        "outbox": effects.counts(tx),
        "record": {"events": events.count(tx), "audit entries": last.seq if last else 0},
    }


class ControlServer:
    """Answers command lines while the daemon runs. To be started by who holds the directory."""

    def __init__(self, *, state_path: Path, commands: Mapping[str, Command]) -> None:
        self._state_path = state_path
        self._commands = commands
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen. A socket left over by a killed daemon is removed: its lock is ours now."""
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with _short_path(self._state_path) as path:
                path.unlink(missing_ok=True)
                listener.bind(str(path))
                path.chmod(0o600)
        except OSError as error:
            listener.close()
            raise Misconfigured(
                f"{self._state_path / SOCKET_FILE} cannot be made ({error.strerror or error}): "
                "the state directory must lie on a file system that allows sockets"
            ) from error
        self._server = await asyncio.start_unix_server(self._answer, sock=listener, limit=LONGEST_QUESTION)

    async def stop(self) -> None:
        """Stop listening and remove the socket."""
        if self._server is None:
            return
        self._server.close()
        (self._state_path / SOCKET_FILE).unlink(missing_ok=True)
        self._server = None

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            question = await reader.readline()
        except ValueError:
            question = b""
        answer = await self._carry_out(question)
        with contextlib.suppress(OSError):
            writer.write(json.dumps(answer).encode() + b"\n")
            await writer.drain()
        writer.close()

    async def _carry_out(self, question: bytes) -> dict[str, Any]:
        try:
            asked = json.loads(question)
            name, params = asked["command"], asked.get("params", {})
            command = self._commands[name]
        except (ValueError, TypeError, KeyError, AttributeError):
            return {"ok": False, "error": "the running daemon does not know this command"}
        try:
            return {"ok": True, "result": dict(await command(params))}
        except BotError as error:
            return {"ok": False, "error": str(error)}
        except Exception:
            reference = secrets.token_hex(4)
            log.exception("control.command.failed", command=name, reference=reference)
            return {"ok": False, "error": f"the daemon failed at this; its log says more under {reference}"}


def ask(
    state_path: Path, command: str, params: Mapping[str, Any] | None = None, *, timeout: float = 30.0
) -> dict[str, Any] | None:
    """The running daemon's answer; None when no daemon runs (then take the lock and look yourself).

    ``timeout`` seconds. Raises ``ControlRefused`` with the daemon's sentence.
    """
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(timeout)
            with _short_path(state_path) as path:
                line.connect(str(path))
            line.sendall(json.dumps({"command": command, "params": dict(params or {})}).encode() + b"\n")
            answer = _read_line(line)
    except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError):
        return None
    except PermissionError as error:
        raise Misconfigured(
            f"{state_path} may not be entered by this user: run this as the directory's owner or as root"
        ) from error
    except TimeoutError as error:
        raise ControlRefused(f"the running daemon did not answer within {timeout:g} s") from error
    except OSError as error:
        raise ControlRefused(f"the running daemon broke off ({error.strerror or error})") from error
    return _result_of(answer)


def _read_line(line: socket.socket) -> bytes:
    with line.makefile("rb") as stream:
        return stream.readline(LONGEST_ANSWER)


def _result_of(answer: bytes) -> dict[str, Any]:
    try:
        told = json.loads(answer)
    except ValueError as error:
        raise ControlRefused("the running daemon broke off before it had answered") from error
    if not told.get("ok"):
        raise ControlRefused(str(told.get("error")))
    result: dict[str, Any] = told["result"]
    return result


@contextlib.contextmanager
def _short_path(directory: Path) -> Iterator[Path]:
    """The socket's path, short enough for the kernel's 108 bytes however deep ``directory`` lies.

    It leads through a descriptor of the directory, since to change the working directory would move
    every other relative path of the process. Where there is no ``/proc`` the plain path must do.
    """
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        through = Path(f"/proc/self/fd/{handle}")
        yield (through if through.exists() else directory) / SOCKET_FILE
    finally:
        os.close(handle)
