"""The embedded servers: quick, shared, never left behind, never confused by what was."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from django.core.exceptions import ImproperlyConfigured

import embedded

pytestmark = [pytest.mark.embedded, pytest.mark.xdist_group("embedded")]

HOLD = (
    "import sys; import embedded as e;"
    "print(e.database_url()); print(e.redis_url(), flush=True); sys.stdin.read()"
)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A local directory of this test's own; whatever still runs in it is ended afterwards."""
    path = tmp_path / "local"
    yield path
    for number in _server_pids(path):
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
    if (path / "postgres").is_symlink():
        shutil.rmtree((path / "postgres").resolve().parent)


def _environment(home: Path) -> dict[str, str]:
    outside = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL"}}
    return {
        **outside,
        "PAYSTORY_LOCAL_DIR": str(home),
        "PAYSTORY_LOCAL_FAST": "1",
        "PAYSTORY_LOCAL_LINGER": "0.2",
    }


def _user(home: Path, **more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLD],
        cwd=embedded.BASE_DIR,
        env=_environment(home) | more,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _addresses(user: subprocess.Popen[str]) -> tuple[str, str]:
    assert user.stdout is not None
    return user.stdout.readline().strip(), user.stdout.readline().strip()


def _leave(user: subprocess.Popen[str]) -> None:
    user.communicate(timeout=20)


def _answer(database: str, broker: str) -> bool:
    try:
        with psycopg.connect(database, connect_timeout=2):
            pass
        with redis.Redis.from_url(broker) as client:
            client.ping()
    except (psycopg.OperationalError, redis.ConnectionError):
        return False
    return True


def _server_pids(home: Path) -> list[int]:
    """Processes that have this directory in their command line or are postgres' children."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if f"PAYSTORY_LOCAL_DIR={home}".encode() in entry.read_bytes().split(b"\0"):
                found.append(int(entry.parent.name))
    return [number for number in found if number != os.getpid()]


def _eventually(condition: Callable[[], bool], seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_a_user_starts_them_and_the_last_one_ends_them(home: Path) -> None:
    first = _user(home)
    addresses = _addresses(first)
    assert _answer(*addresses)
    started = time.monotonic()
    second = _user(home)
    assert _addresses(second) == addresses
    assert time.monotonic() - started < 2
    _leave(first)
    time.sleep(0.8)
    assert _answer(*addresses), "still in use by the second"
    _leave(second)
    assert _eventually(lambda: not _server_pids(home)), "nothing may be left running"
    assert not _answer(*addresses)


def test_data_is_there_again_at_the_second_start(home: Path) -> None:
    first = _user(home)
    database, _ = _addresses(first)
    with psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    _leave(first)
    assert _eventually(lambda: not _server_pids(home))
    started = time.monotonic()
    again = _user(home)
    database, _ = _addresses(again)
    assert time.monotonic() - started < 5
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    _leave(again)


def test_several_at_once_share_one_pair_of_servers(home: Path) -> None:
    users = [_user(home) for _ in range(4)]
    assert len({_addresses(user) for user in users}) == 1
    for user in users:
        _leave(user)
    assert _eventually(lambda: not _server_pids(home))


def test_a_killed_user_leaves_nothing_behind(home: Path) -> None:
    user = _user(home)
    addresses = _addresses(user)
    user.kill()
    user.wait()
    assert _eventually(lambda: not _server_pids(home))
    assert not _answer(*addresses)


def test_a_killed_keeper_and_stale_files_do_not_matter(home: Path) -> None:
    user = _user(home, PAYSTORY_LOCAL_FAST="0")
    database, _ = _addresses(user)
    with psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    # The keeper and both servers at once, as a power cut would: pid files and state stay.
    for number in _server_pids(home):
        if number != user.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
    user.kill()
    user.wait()
    assert _eventually(lambda: not _server_pids(home))
    assert (home / "servers.json").exists()
    # The number in the pid file now belongs to somebody else.
    pid_file = home / "postgres" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    again = _user(home)
    database, broker = _addresses(again)
    assert _answer(database, broker)
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    _leave(again)


def test_a_taken_redis_port_is_left_to_whoever_has_it(home: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        home.mkdir(parents=True)
        (home / "redis-port").write_text(str(other.getsockname()[1]))
        user = _user(home)
        addresses = _addresses(user)
        assert _answer(*addresses)
        assert f":{other.getsockname()[1]}/" not in addresses[1]
        _leave(user)


def test_a_long_path_is_no_obstacle(home: Path) -> None:
    home = home / ("long-" * 20) / ("longer-" * 12)
    user = _user(home)
    assert _answer(*_addresses(user))
    _leave(user)
    assert _eventually(lambda: not _server_pids(home))
    if (home / "postgres").is_symlink():
        shutil.rmtree((home / "postgres").resolve().parent)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_root_with_a_private_home(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    home = private / "local"
    user = _user(home)
    assert _answer(*_addresses(user))
    _leave(user)
    assert _eventually(lambda: not _server_pids(home))
    assert private.stat().st_mode & 0o777 == 0o700, "what is private stays private"
    done = subprocess.run(
        [sys.executable, "-m", "embedded", "reset"],
        cwd=embedded.BASE_DIR,
        env=_environment(home),
        check=True,
    )
    assert done.returncode == 0
    assert not (home / "postgres").exists()


def test_nothing_starts_where_nothing_is_needed(
    monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setenv("PAYSTORY_LOCAL_DIR", str(home))
    monkeypatch.setenv("PAYSTORY_NO_EMBEDDED", "1")
    assert embedded.database_url() == embedded.NOWHERE_DATABASE
    assert embedded.redis_url() == embedded.NOWHERE_REDIS
    assert not home.exists()


def test_the_local_secret_key_is_made_once_and_private(
    monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setenv("PAYSTORY_LOCAL_DIR", str(home))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    key = embedded.local_secret_key()
    assert len(key) > 50
    assert embedded.local_secret_key() == key
    assert (home / "secret-key").stat().st_mode & 0o777 == 0o600


def test_production_has_to_bring_its_own_key(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setenv("PAYSTORY_LOCAL_DIR", str(home))
    monkeypatch.setenv("DATABASE_URL", "postgres://db/paystory")
    monkeypatch.setenv("DEBUG", "0")
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY"):
        embedded.local_secret_key()


def test_a_missing_redis_is_named_and_does_not_take_postgres_along(home: Path) -> None:
    home.mkdir(parents=True)
    script = (
        "import os; from pathlib import Path; import embedded as e;"
        "e.redis._redis_binary = lambda: None;"
        "e.Keeper(Path(os.environ['PAYSTORY_LOCAL_DIR'])).run()"
    )
    keeper = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=embedded.BASE_DIR,
        env={**_environment(home), "PAYSTORY_LOCAL_LINGER": "5"},
        stdout=subprocess.DEVNULL,
    )
    state = home / "servers.json"
    assert _eventually(state.exists)
    announced = json.loads(state.read_text())
    assert "redis-server" in announced["redis_error"]
    assert announced["database_url"]
    keeper.terminate()
    assert keeper.wait(20) == 0
