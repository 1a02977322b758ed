"""The state directory: private, owned by who runs the bot, and held by one process at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from compliance_bot.errors import AlreadyRunning, Misconfigured

LOCK_FILE = "lock"


def prepare(path: Path) -> None:
    """``path`` is a directory of ours that nobody else can enter (mode 0700), made if missing.

    Raises ``Misconfigured`` when it belongs to someone else or cannot be made.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = path.stat()
        if found.st_uid != os.geteuid():
            raise Misconfigured(
                f"the state directory {path} belongs to user {found.st_uid}, this process runs as user "
                f"{os.geteuid()}: run it as the directory's owner, or set COMPLIANCE_BOT_STATE"
            )
        if stat.S_IMODE(found.st_mode) & 0o077:
            _shut(path)
    except OSError as error:
        raise Misconfigured(
            f"the state directory {path} cannot be used ({error.strerror}): "
            "set COMPLIANCE_BOT_STATE to a directory that this user may write"
        ) from error


def _shut(path: Path) -> None:
    """Take others' rights away, but only from a directory that is for the bot alone.

    A slip such as ``/var/lib`` or ``/tmp`` would otherwise lock everyone out of it.
    """
    if any(path.iterdir()) and not (path / LOCK_FILE).exists():
        raise Misconfigured(
            f"the state directory {path} is open to others and holds what is not the bot's: set "
            f"COMPLIANCE_BOT_STATE to a directory for the bot alone, or chmod 0700 {path} if this is one"
        )
    path.chmod(0o700)


def become_owner(path: Path) -> None:
    """As root, go on as the directory's owner, so that no file in it comes to belong to root.

    For command lines; one way, for the whole process. Nothing happens for anybody else.
    """
    if os.geteuid() != 0 or not path.is_dir():
        return
    owner = path.stat()
    if owner.st_uid == 0:
        return
    os.setgroups([])
    os.setgid(owner.st_gid)
    os.setuid(owner.st_uid)


@contextlib.contextmanager
def hold(path: Path) -> Iterator[None]:
    """Inside, no other process holds the directory; the lock ends with the process, even by SIGKILL.

    Raises ``AlreadyRunning``, which names the process that holds it.
    """
    prepare(path)
    handle = _open_lock(path)
    try:
        _lock(handle, path)
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)


def _open_lock(path: Path) -> int:
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        return os.open(path / LOCK_FILE, flags, 0o600)
    except OSError as error:
        raise Misconfigured(
            f"{path / LOCK_FILE} cannot be opened ({error.strerror}): "
            "the state directory must be writable by this user"
        ) from error


def _lock(handle: int, path: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(handle, 32, 0).decode("ascii", "replace").strip() or "unknown"
        raise AlreadyRunning(
            f"another compliance-bot (process {holder}) holds the state directory {path}: "
            "stop it first, or give this one its own COMPLIANCE_BOT_STATE"
        ) from error
    except OSError as error:
        raise Misconfigured(
            f"{path / LOCK_FILE} cannot be locked ({error.strerror}): "
            "the state directory must lie on a file system with locks, best a local one"
        ) from error
