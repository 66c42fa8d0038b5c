"""What is different when root starts them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import embedded
from tests.embedded.machine import (
    addresses_of,
    answer,
    environment,
    eventually,
    leave,
    server_pids,
    start_user,
)

pytestmark = [pytest.mark.embedded, pytest.mark.xdist_group("embedded")]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_root_with_a_private_home(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    home = private / "local"
    user = start_user(home)
    assert answer(*addresses_of(user))
    leave(user)
    assert eventually(lambda: not server_pids(home))
    assert private.stat().st_mode & 0o777 == 0o700, "what is private stays private"
    done = subprocess.run(
        [sys.executable, "-m", "embedded", "reset"],
        cwd=embedded.BASE_DIR,
        env=environment(home),
        check=True,
    )
    assert done.returncode == 0
    assert not (home / "postgres").exists()
