"""What may not be committed, and what make says."""

import re
import subprocess

from config import checks


def test_requirements_are_hashed_and_name_no_registry() -> None:
    for name in ("runtime", "dev"):
        text = (checks.BASE_DIR / "requirements" / f"{name}.txt").read_text()
        assert not re.search(r"https?:|file:|--(extra-)?index|--find-links|/", text)
        logical = text.replace("\\\n", " ").splitlines()
        pins = [line for line in logical if line and not line.startswith("#")]
        assert pins
        assert all("==" in pin and "--hash=sha256:" in pin for pin in pins)


def test_no_file_names_a_registry_by_address() -> None:
    mirror = re.compile(r"(index-url|find-links|trusted-host|registry)\s*[=:]\s*\S+://")
    found = [
        path
        for path in checks.tracked_files()
        if mirror.search(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []


def test_help_lists_the_targets() -> None:
    shown = subprocess.run(
        ["make"], cwd=checks.BASE_DIR, capture_output=True, text=True, check=True
    ).stdout
    for target in ("demo", "test", "check", "bench", "reset"):
        assert f"make {target}" in shown
