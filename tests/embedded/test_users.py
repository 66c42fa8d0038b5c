"""Processes that use the servers."""

from pathlib import Path

import pytest

import embedded
from tests.embedded.machine import addresses_of, eventually, leave, server_pids, start_user

pytestmark = [pytest.mark.embedded, pytest.mark.xdist_group("embedded")]


def test_several_at_once_share_one_pair_of_servers(home: Path) -> None:
    users = [start_user(home) for _ in range(4)]
    assert len({addresses_of(user) for user in users}) == 1
    for user in users:
        leave(user)
    assert eventually(lambda: not server_pids(home))


def test_nothing_starts_where_nothing_is_needed(
    monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setenv("PAYSTORY_LOCAL_DIR", str(home))
    monkeypatch.setenv("PAYSTORY_NO_EMBEDDED", "1")
    assert embedded.database_url() == embedded.NOWHERE_DATABASE
    assert embedded.redis_url() == embedded.NOWHERE_REDIS
    assert not home.exists()
