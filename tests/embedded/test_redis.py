"""Redis: a port that is taken, and a server that is missing."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import embedded
from tests.embedded.machine import addresses_of, answer, environment, eventually, leave, start_user

pytestmark = [pytest.mark.embedded, pytest.mark.xdist_group("embedded")]


def test_a_taken_redis_port_is_left_to_whoever_has_it(home: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        home.mkdir(parents=True)
        (home / "redis-port").write_text(str(other.getsockname()[1]))
        user = start_user(home)
        addresses = addresses_of(user)
        assert answer(*addresses)
        assert f":{other.getsockname()[1]}/" not in addresses[1]
        leave(user)


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
        env={**environment(home), "PAYSTORY_LOCAL_LINGER": "5"},
        stdout=subprocess.DEVNULL,
    )
    state = home / "servers.json"
    assert eventually(state.exists)
    announced = json.loads(state.read_text())
    assert "redis-server" in announced["redis_error"]
    assert announced["database_url"]
    keeper.terminate()
    assert keeper.wait(20) == 0
