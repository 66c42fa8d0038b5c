"""A local directory for servers of a test's own."""

import contextlib
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.embedded.machine import server_pids


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A local directory of this test's own; whatever still runs in it is ended afterwards."""
    path = tmp_path / "local"
    yield path
    for number in server_pids(path):
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
    if (path / "postgres").is_symlink():
        shutil.rmtree((path / "postgres").resolve().parent)
