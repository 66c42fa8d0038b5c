"""Lines of the demo, checked as the import checks them."""

from collections.abc import Iterable
from datetime import UTC, datetime

from demo.build import Calendar, Line
from demo.data import as_json
from importing.checks.line import decode, validate
from importing.format.job import Job

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
BOISE = Calendar(NOW, "America/Boise")
DENVER = Calendar(NOW, "America/Denver")


def jobs(lines: Iterable[Line], currency: str = "USD") -> dict[str, Job]:
    """The jobs by number. BadLine for a line that the import would reject."""
    checked = [validate(decode(as_json(line)), currency) for line in lines]
    numbers = [job.number for job in checked]
    assert len(set(numbers)) == len(numbers)
    return dict(zip(numbers, checked, strict=True))
