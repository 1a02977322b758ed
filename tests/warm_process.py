"""A process of the program, forked from one that has everything imported, as asyncio's own would be."""

import asyncio
import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path

STARTER = Path(__file__).parent / "warm_start.py"
_starters = []


def _ask(request, descriptors=()):
    """One request to this worker's starter, and its answer."""
    if not _starters:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, str(STARTER), str(theirs.fileno())]
        surroundings = {**os.environ, "PYTHONPATH": str(STARTER.parents[1])}
        starter = subprocess.Popen(command, pass_fds=[theirs.fileno()], env=surroundings)
        theirs.close()
        atexit.register(_let_go, ours, starter)
        _starters.append(ours)
    peer = _starters[0]
    socket.send_fds(peer, [json.dumps(request).encode()], descriptors)
    return json.loads(peer.recv(1 << 16))


def _let_go(peer, starter):
    peer.close()
    starter.wait()


class WarmProcess:
    """What the journeys need of ``asyncio.subprocess.Process``."""

    def __init__(self, pid, stdout, stderr):
        self.pid = pid
        self.stdout = stdout
        self.stderr = stderr
        self._code = None
        self._handle = os.pidfd_open(pid)
        self._over = asyncio.Event()
        asyncio.get_running_loop().add_reader(self._handle, self._reap)

    @property
    def returncode(self):
        """The exit code; None while it runs."""
        if self._code is None and select.select([self._handle], [], [], 0)[0]:
            self._reap()
        return self._code

    def _reap(self):
        asyncio.get_running_loop().remove_reader(self._handle)
        self._code = _ask({"reap": self.pid})
        os.close(self._handle)
        self._over.set()

    async def wait(self):
        """Its exit code, once it has ended."""
        await self._over.wait()
        return self._code

    def send_signal(self, number):
        """Signal it, unless it has ended."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self):
        """As the machine's power would."""
        self.send_signal(signal.SIGKILL)

    async def communicate(self):
        """All it writes until its end."""
        said = await asyncio.gather(self.stdout.read(), self.stderr.read())
        await self.wait()
        return tuple(said)


async def start(arguments, *, environment, directory, apart=False):
    """Start the program; its errors go the way of its output unless they are to be told ``apart``."""
    reading, writing = os.pipe()
    reading_errors, writing_errors = os.pipe() if apart else (None, os.dup(writing))
    request = {"arguments": list(arguments), "environment": environment, "directory": str(directory)}
    pid = _ask(request, [writing, writing_errors])
    os.close(writing)
    os.close(writing_errors)
    return WarmProcess(
        pid, await _stream(reading), None if reading_errors is None else await _stream(reading_errors)
    )


async def _stream(descriptor):
    loop, reader = asyncio.get_running_loop(), asyncio.StreamReader()
    pipe = os.fdopen(descriptor, "rb", buffering=0)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    return reader
