"""A part of a page that fails costs itself, and raises an alarm."""

import pytest
from django.db import OperationalError
from structlog.testing import capture_logs

from core.faults import guarded


def _fails() -> str:
    raise KeyError("amount")


def test_what_fails_is_replaced_and_raises_an_alarm() -> None:
    with capture_logs() as logs:
        shown = guarded(_fails, lambda: "plain", part="thread", thread=12)

    assert shown == "plain"
    assert [(log["event"], log["log_level"]) for log in logs] == [("page.part_failed", "error")]
    assert (logs[0]["part"], logs[0]["thread"], logs[0]["exc_info"]) == ("thread", 12, True)


def test_what_works_raises_none() -> None:
    with capture_logs() as logs:
        assert guarded(lambda: "words", lambda: "plain", part="thread") == "words"

    assert logs == []


def test_the_databases_own_trouble_passes_through() -> None:
    def gone() -> str:
        raise OperationalError("server closed the connection")

    with pytest.raises(OperationalError):
        guarded(gone, lambda: "plain", part="thread")
