"""PostgreSQL: its data, files that are stale, and long paths."""

import contextlib
import os
import shutil
import signal
import time
from pathlib import Path

import psycopg
import pytest

from tests.embedded.machine import (
    addresses_of,
    answer,
    eventually,
    leave,
    server_pids,
    start_user,
)

pytestmark = [pytest.mark.embedded, pytest.mark.xdist_group("embedded")]


def test_data_is_there_again_at_the_second_start(home: Path) -> None:
    first = start_user(home)
    database, _ = addresses_of(first)
    with psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    leave(first)
    assert eventually(lambda: not server_pids(home))
    started = time.monotonic()
    again = start_user(home)
    database, _ = addresses_of(again)
    assert time.monotonic() - started < 5
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    leave(again)


def test_a_killed_keeper_and_stale_files_do_not_matter(home: Path) -> None:
    user = start_user(home, PAYSTORY_LOCAL_FAST="0")
    database, _ = addresses_of(user)
    with psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    # The keeper and both servers at once, as a power cut would: pid files and state stay.
    for number in server_pids(home):
        if number != user.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
    user.kill()
    user.wait()
    assert eventually(lambda: not server_pids(home))
    assert (home / "servers.json").exists()
    # The number in the pid file now belongs to somebody else.
    pid_file = home / "postgres" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    again = start_user(home)
    database, broker = addresses_of(again)
    assert answer(database, broker)
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    leave(again)


def test_a_long_path_is_no_obstacle(home: Path) -> None:
    home = home / ("long-" * 20) / ("longer-" * 12)
    user = start_user(home)
    assert answer(*addresses_of(user))
    leave(user)
    assert eventually(lambda: not server_pids(home))
    if (home / "postgres").is_symlink():
        shutil.rmtree((home / "postgres").resolve().parent)
