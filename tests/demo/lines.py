"""Lines of the demo, checked as the import checks them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from demo.build import Calendar, Line
from demo.data import as_json
from importing.checks.line import decode, validate
from importing.format.job import Job

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
BOISE = Calendar(NOW, "America/Boise")
DENVER = Calendar(NOW, "America/Denver")


def jobs(lines: Iterable[Line], currency: str = "USD") -> dict[str, Job]:
    """The jobs by number. BadLine for a line that the import would reject."""
    # Whole histories, also the steps to come that the demo leaves out.
    later = NOW + timedelta(days=365)
    checked = [validate(decode(as_json(line)), currency, later) for line in lines]
    numbers = [job.number for job in checked]
    assert len(set(numbers)) == len(numbers)
    return dict(zip(numbers, checked, strict=True))
