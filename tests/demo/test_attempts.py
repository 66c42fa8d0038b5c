"""The cases of what can happen to a payment."""

from demo import attempts
from tests.demo.lines import BOISE, jobs


def test_a_client_tries_three_times_and_pays_once() -> None:
    job = jobs([attempts.three_attempts(BOISE)])["FHI701"]

    tries = [*job.attempts, *(a for payment in job.payments for a in payment.attempts)]
    assert (len(tries), len(job.payments)) == (3, 1)


def test_what_timed_out_is_unknown_first_and_completed_later() -> None:
    payment = jobs([attempts.confirmed_late(BOISE)])["FHI706"].payments[0]

    assert (payment.status, [step.status for step in payment.history]) == ("unknown", ["completed"])


def test_every_case_would_be_imported() -> None:
    assert {"FHI701", "FHI705", "FHI706"} <= set(jobs(attempts.lines(BOISE)))
