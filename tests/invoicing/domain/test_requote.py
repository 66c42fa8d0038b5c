"""A quote that is known better later: printed again on the ledger, while the money stays."""

from invoicing.domain import issuing
from invoicing.domain.requote import WHY, quote_on
from invoicing.models import JobBalance, LedgerEntry
from tests.invoicing.billed_jobs import D, back, billed, figures, line, paid, post, settled, written
from workorders.models import WorkOrder


def own_lines() -> list[LedgerEntry]:
    return list(LedgerEntry.objects.filter(source="payment:1").order_by("pk"))


def test_a_quote_that_is_known_later_is_printed_again(job: WorkOrder) -> None:
    billed(job, "329.00")
    post(job, paid("329.00"))
    before = figures(job)

    again = post(job, paid("329.00"), expected="11.52")

    assert written(again) == [
        ("payment_reversal", "payment:1", D("329.00"), D(0)),
        ("payment", "payment:1", D("329.00"), D(0)),
    ]
    assert [(e.fee_expected, e.reason) for e in again] == [(None, WHY), (D("11.52"), "")]
    assert again[0].reverses == own_lines()[0]
    assert figures(job) == before
    assert JobBalance.objects.get().fee_expected == D("11.52")
    assert post(job, paid("329.00"), expected="11.52") == []


def test_it_is_shared_by_what_each_invoice_holds(job: WorkOrder) -> None:
    billed(job, "300.00")
    issuing.bill_separately(job.brand, job.pk, [line("100.00", "Radon")])
    issuing.issue_bill(job.brand, job.pk)
    post(job, paid("400.00"))

    again = post(job, paid("400.00"), expected="14.00")

    quotes = [(e.services_amount, e.fee_expected) for e in again if e.kind == "payment"]
    assert quotes == [(D("300.00"), D("10.50")), (D("100.00"), D("3.50"))]
    assert settled(job).whole.fee.expected == D("14.00")


def test_a_quote_that_is_none_after_all_is_taken_back(job: WorkOrder) -> None:
    billed(job, "329.00")
    post(job, paid("329.00"), expected="11.52")

    post(job, paid("329.00"))

    assert quote_on(own_lines(), "USD") is None
    assert settled(job).whole.fee.expected == 0


def test_what_went_back_is_not_quoted_again(job: WorkOrder) -> None:
    billed(job, "329.00")
    post(job, paid("329.00", "11.52"), back("329.00", "11.52"), expected="11.52")
    lines = LedgerEntry.objects.count()

    assert post(job, paid("329.00", "11.52"), back("329.00", "11.52"), expected="11.52") == []
    assert LedgerEntry.objects.count() == lines


def test_the_quote_on_the_ledger_is_that_of_what_is_still_there(job: WorkOrder) -> None:
    billed(job, "329.00")
    post(job, paid("329.00", "11.52"), expected="11.52")
    assert quote_on(own_lines(), "USD") == D("11.52")

    post(job, paid("0"), expected="11.52")

    assert quote_on(own_lines(), "USD") is None


def test_the_services_that_were_quoted_are_printed_again_when_they_change(job: WorkOrder) -> None:
    billed(job, "400.00")
    post(job, paid("500.00"), expected="20.00", base="400.00")

    again = post(job, paid("500.00"), expected="20.00", base="300.00")

    assert [(e.fee_expected, e.fee_base) for e in again] == [
        (None, None),
        (D("20.00"), D("300.00")),
    ]
    assert post(job, paid("500.00"), expected="20.00", base="300.00") == []


def test_lines_that_do_not_say_what_was_quoted_are_left_where_it_was_all(job: WorkOrder) -> None:
    billed(job, "400.00")
    post(job, paid("400.00"), expected="11.90")

    assert post(job, paid("400.00"), expected="11.90", base="400.00") == []
