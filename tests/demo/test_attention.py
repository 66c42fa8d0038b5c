"""The eight jobs of Cedar & Stone that need attention."""

from demo import attention, volume
from tests.demo.lines import DENVER, jobs


def test_the_eight_cases_are_different_from_the_plain_jobs() -> None:
    lines = list(volume.cedar(DENVER))

    cases = [lines[n] for n in attention.CASES]

    assert len(jobs(cases)) == 8
    unsettled = {"pending", "disputed", "failed", "unknown", "open"}
    assert all(unsettled & set(_statuses(line)) or not line.get("payments") for line in cases)


def _statuses(line: object) -> list[str]:
    """Every status anywhere in a line."""
    if isinstance(line, dict):
        own = [value for key, value in line.items() if key == "status"]
        return own + [status for value in line.values() for status in _statuses(value)]
    return [status for item in line for status in _statuses(item)] if isinstance(line, list) else []
