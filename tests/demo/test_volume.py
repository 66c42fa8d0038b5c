"""The volume: as many jobs as promised, each of which the import takes."""

from demo import volume
from tests.demo.lines import DENVER, jobs


def test_cedar_has_its_jobs_and_one_of_them_a_long_history() -> None:
    lines = list(volume.cedar(DENVER))

    assert len(jobs(lines)) == volume.CEDAR_JOBS
    longest = max(len(p.status_history) for job in jobs(lines).values() for p in job.payments)
    assert longest > volume.CHECKS


def test_northlight_is_canadian() -> None:
    assert len(jobs(volume.northlight(DENVER), "CAD")) == volume.NORTHLIGHT_JOBS
