"""A process that uses the servers: its lock, their addresses, and the keeper that it starts."""

from __future__ import annotations

import fcntl
import json
import os
import sys
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING

from django.core.exceptions import ImproperlyConfigured

from embedded.paths import (
    BASE_DIR,
    EmbeddedError,
    disabled,
    ensure_local_dir,
    local_dir,
    locked,
    tail,
)
from embedded.waiting import try_until

if TYPE_CHECKING:
    import subprocess

START_TIMEOUT = 120.0
NOWHERE_DATABASE = "postgres://nobody@127.0.0.1:1/nowhere"
NOWHERE_REDIS = "redis://127.0.0.1:1/0"

_held: dict[Path, IO[str]] = {}
"""One open lock file per local directory: while this process lives, the servers do."""
_known: dict[Path, dict[str, str]] = {}


def database_url() -> str:
    """Return the address of the embedded PostgreSQL, starting it when it is not running."""
    return NOWHERE_DATABASE if disabled() else _address("database_url", "database_error")


def redis_url() -> str:
    """Return the address of the embedded Redis, starting it when it is not running."""
    return NOWHERE_REDIS if disabled() else _address("redis_url", "redis_error")


def _address(key: str, error: str) -> str:
    servers = use_servers()
    if key not in servers:
        raise ImproperlyConfigured(servers.get(error, "The embedded server did not start."))
    return servers[key]


def use_servers() -> dict[str, str]:
    """Register this process as a user of the servers and return their addresses."""
    home = local_dir()
    if home in _known:
        return _known[home]
    ensure_local_dir()
    if home not in _held:
        handle = (home / "users.lock").open("a")
        # Waits while a keeper that found nobody is taking the servers down.
        fcntl.flock(handle, fcntl.LOCK_SH)
        _held[home] = handle
    servers = _running(home)
    if servers is None:
        with locked(home / "start.lock", fcntl.LOCK_EX):
            servers = _running(home) or _start_keeper(home)
    _known[home] = servers
    return servers


def release_servers() -> None:
    """Stop being a user before the process ends (the ``run`` and ``stop`` commands)."""
    home = local_dir()
    _known.pop(home, None)
    handle = _held.pop(home, None)
    if handle is not None:
        handle.close()


def _running(home: Path) -> dict[str, str] | None:
    """Return the addresses when a living keeper has announced them."""
    state = home / "servers.json"
    if not keeper_alive(home):
        return None
    try:
        servers: dict[str, str] = json.loads(state.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return servers


def keeper_alive(home: Path) -> bool:
    """Tell whether a keeper is at work in this directory."""
    with (home / "keeper.lock").open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _start_keeper(home: Path) -> dict[str, str]:
    log = home / "keeper.log"
    process: subprocess.Popen[bytes] | None = None
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        servers = _running(home)
        if servers is not None:
            return servers
        if process is not None and process.poll() is not None:
            break
        # One that is going down (somebody asked it to) may still be there: wait for its end.
        if process is None and not keeper_alive(home):
            process = _spawn_keeper(home, log)
        time.sleep(0.02)
    raise EmbeddedError(f"The embedded servers did not start; see {log}:\n{tail(log)}")


def _spawn_keeper(home: Path, log: Path) -> subprocess.Popen[bytes]:
    import subprocess

    (home / "servers.json").unlink(missing_ok=True)
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "embedded", "keep"],
            cwd=BASE_DIR,
            env={**os.environ, "PAYSTORY_LOCAL_DIR": str(home)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            # Its own session: Ctrl-C reaches the users first, the servers outlive them.
            start_new_session=True,
        )


def stop_when_unused(seconds: float = 30) -> bool:
    """Have the servers stop now rather than after the lingering time; tell whether they did."""
    home = local_dir()
    if not home.is_dir() or not keeper_alive(home):
        return True
    (home / "stop-when-unused").touch()
    try:

        def gone_or_used() -> bool:
            return not keeper_alive(home) or _in_use(home)

        try_until(gone_or_used, seconds=seconds)
    finally:
        (home / "stop-when-unused").unlink(missing_ok=True)
    return not keeper_alive(home)


def _in_use(home: Path) -> bool:
    """Tell whether a user holds the lock (the keeper's own exclusive one does not count)."""
    with (home / "users.lock").open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            handle.close()
        except BlockingIOError:
            return False  # the keeper holds it: going down
    with (home / "users.lock").open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return keeper_alive(home)
    return False
