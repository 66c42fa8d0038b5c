"""What the summary of a job says of refunds that did not go as they were asked for."""

from dataclasses import replace

from console.job.summary import summarise
from tests.console.job.test_summary import BACK, JOB, bill


def test_a_failed_refund_names_the_note_that_stays() -> None:
    failed = replace(BACK, status="failed", notes=("CM-000001",))

    [said] = [n for n in summarise(replace(JOB, refunds=[failed])).nexts if n.state == "failed"]

    assert said.text == (
        "R-1: $211.14 was not refunded. "
        "CM-000001 stays: the client owes less, so the money is still theirs."
    )


def test_a_refund_made_after_all_is_decided_while_something_is_due() -> None:
    after_all = replace(BACK, number="2", after_all="1")
    open_ = replace(JOB, settlement=bill("400.00"), refunds=[after_all])

    words = [n.word for n in summarise(open_).nexts]
    settled = [n.word for n in summarise(replace(JOB, refunds=[after_all])).nexts]

    assert "refunded after all" in words
    assert "refunded after all" not in settled
