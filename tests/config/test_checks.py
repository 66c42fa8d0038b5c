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
    registry_address = re.compile(r"(index-url|find-links|trusted-host|registry)\s*[=:]\s*\S+://")
    offending = [
        path
        for path in checks.tracked_files()
        if registry_address.search(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert offending == []


def test_make_alone_lists_its_commands() -> None:
    shown = subprocess.run(
        ["make"], cwd=checks.BASE_DIR, capture_output=True, text=True, check=True
    ).stdout
    for target in ("demo", "test", "check", "bench", "reset"):
        assert f"make {target}" in shown
