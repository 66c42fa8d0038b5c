"""One server process: noticed when it dies, stopped in order, explained when it does not start."""

import sys
from pathlib import Path

import pytest

from embedded.paths import EmbeddedError
from embedded.server import Server

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


class Sleeper(Server):
    name = "sleeper"


def test_a_process_that_runs_is_stopped_and_one_that_died_is_noticed(tmp_path: Path) -> None:
    server = Sleeper(tmp_path)
    assert not server.died()
    server.stop()  # nothing was started

    server._spawn(SLEEP)
    assert not server.died()
    server.stop()

    assert server.died()


def test_one_that_does_not_start_shows_the_end_of_its_log(tmp_path: Path) -> None:
    server = Sleeper(tmp_path)
    server._spawn([sys.executable, "-c", "raise SystemExit('no room left')"])

    with pytest.raises(EmbeddedError, match="no room left"):
        server._wait(lambda: False)


def test_it_is_waited_for_until_it_answers(tmp_path: Path) -> None:
    server = Sleeper(tmp_path)
    answers = iter([False, False, True])
    server._spawn(SLEEP)
    try:
        server._wait(lambda: next(answers))
    finally:
        server.stop()

    assert next(answers, None) is None
