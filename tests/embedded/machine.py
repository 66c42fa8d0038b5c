"""Processes that use the servers of a directory of their own, and what still runs there."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import redis

import embedded

HOLD = (
    "import sys; import embedded as e;"
    "print(e.database_url()); print(e.redis_url(), flush=True); sys.stdin.read()"
)


def environment(home: Path) -> dict[str, str]:
    outside = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL"}}
    return {
        **outside,
        "PAYSTORY_LOCAL_DIR": str(home),
        "PAYSTORY_LOCAL_FAST": "1",
        "PAYSTORY_LOCAL_LINGER": "0.2",
    }


def start_user(home: Path, **more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLD],
        cwd=embedded.BASE_DIR,
        env=environment(home) | more,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def addresses_of(user: subprocess.Popen[str]) -> tuple[str, str]:
    assert user.stdout is not None
    return user.stdout.readline().strip(), user.stdout.readline().strip()


def leave(user: subprocess.Popen[str]) -> None:
    user.communicate(timeout=20)


def answer(database: str, broker: str) -> bool:
    try:
        with psycopg.connect(database, connect_timeout=2):
            pass
        with redis.Redis.from_url(broker) as client:
            client.ping()
    except (psycopg.OperationalError, redis.ConnectionError):
        return False
    return True


def server_pids(home: Path) -> list[int]:
    """Processes that have this directory in their command line or are postgres' children."""
    pids = []
    for entry in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if f"PAYSTORY_LOCAL_DIR={home}".encode() in entry.read_bytes().split(b"\0"):
                pids.append(int(entry.parent.name))
    return [number for number in pids if number != os.getpid()]


def eventually(condition: Callable[[], bool], seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
