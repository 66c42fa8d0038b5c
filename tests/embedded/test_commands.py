"""``python -m embedded``: what it says, and the code that it ends with."""

from pathlib import Path

import pytest

from embedded import commands


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PAYSTORY_LOCAL_DIR", str(tmp_path / "local"))
    monkeypatch.setenv("PAYSTORY_NO_EMBEDDED", "1")


@pytest.mark.parametrize("arguments", [[], ["run"], ["start"], ["url", "now"]])
def test_anything_else_is_answered_with_how_to_call_it(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert commands.main(arguments) == 2
    assert "python -m embedded keep" in capsys.readouterr().out


def test_addresses_are_printed_as_variables(capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main(["url"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert [line.split("=")[0] for line in lines] == ["DATABASE_URL", "REDIS_URL"]


def test_a_reset_deletes_the_data_and_nothing_else(tmp_path: Path) -> None:
    home = tmp_path / "local"
    for name in ("postgres", "redis", "mine"):
        (home / name).mkdir(parents=True)

    assert commands.main(["reset"]) == 0

    assert [path.name for path in home.iterdir() if path.is_dir()] == ["mine"]


def test_nothing_is_stopped_where_nothing_runs() -> None:
    assert commands.main(["stop"]) == 0
