"""The secret key of this machine, and files that only we may read."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

import embedded
from embedded import paths


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


def test_a_private_file_is_whole_and_ours_alone(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("old")
    path.chmod(0o644)

    paths.write_private(path, "new")

    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["key"]


def test_the_end_of_a_log_is_shown(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert paths.tail(log) == ""

    log.write_text("x" * 3000 + "end")
    assert paths.tail(log).endswith("xend")
    assert len(paths.tail(log)) == 2000


@pytest.mark.parametrize(("value", "on"), [("1", True), ("Yes", True), ("0", False), ("", False)])
def test_a_switch_is_on_by_a_word(monkeypatch: pytest.MonkeyPatch, value: str, on: bool) -> None:
    monkeypatch.setenv("PAYSTORY_NO_EMBEDDED", value)

    assert paths.disabled() is on


def test_a_package_is_looked_up_without_being_imported() -> None:
    assert paths.package_dir("no_such_package") is None
    directory = paths.package_dir("embedded")
    assert directory is not None
    assert (directory / "paths.py").exists()
