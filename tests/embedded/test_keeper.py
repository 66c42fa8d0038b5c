"""The one process that owns both servers."""

import time
from pathlib import Path

import pytest

from tests.embedded.machine import addresses_of, answer, eventually, leave, server_pids, start_user

pytestmark = [pytest.mark.embedded, pytest.mark.xdist_group("embedded")]


def test_a_user_starts_them_and_the_last_one_ends_them(home: Path) -> None:
    first = start_user(home)
    addresses = addresses_of(first)
    assert answer(*addresses)
    started = time.monotonic()
    second = start_user(home)
    assert addresses_of(second) == addresses
    assert time.monotonic() - started < 2
    leave(first)
    time.sleep(0.8)
    assert answer(*addresses), "still in use by the second"
    leave(second)
    assert eventually(lambda: not server_pids(home)), "nothing may be left running"
    assert not answer(*addresses)


def test_a_killed_user_leaves_nothing_behind(home: Path) -> None:
    user = start_user(home)
    addresses = addresses_of(user)
    user.kill()
    user.wait()
    assert eventually(lambda: not server_pids(home))
    assert not answer(*addresses)
