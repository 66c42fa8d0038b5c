"""What a CSR works on today."""

from demo import todays_jobs
from tests.demo.lines import BOISE, jobs


def test_one_job_is_due_for_a_follow_up_and_one_is_disputed() -> None:
    payments = [p for job in jobs(todays_jobs.lines(BOISE)).values() for p in job.payments]

    assert any(payment.follow_up_on is not None for payment in payments)
    assert [d.status for payment in payments for d in payment.disputes] == ["open"]
