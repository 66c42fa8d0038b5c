"""Items: what the settlement says of each is what its row and the sums say."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Brand
from invoicing.domain import client_credit, issuing, items
from invoicing.models import Fulfilment, Invoice
from invoicing.queries import items as reads
from payments.domain import record
from payments.models import Method, Payment
from payments.refunds import verbs
from tests.factories import WorkOrderFactory
from tests.invoicing.billed_items import (
    agrees,
    bill,
    cash,
    check,
    give_back,
    rows,
    state,
)
from tests.invoicing.billed_jobs import add, charge, confirm, line
from tests.invoicing.issued_invoices import credit
from workorders.domain.charges import ChargeLine
from workorders.models import WorkOrder

D = Decimal


def test_a_deposit_and_the_rest_of_it_reach_every_item(job: WorkOrder) -> None:
    charge(job, line("300.00", "A"), line("700.00", "B"))
    assert state(job) == [("0.00", "not_invoiced", "not_started")] * 2

    confirm(job)
    assert state(job) == [("0.00", "invoiced", "invoiced")] * 2

    first = check(job, "500.00")
    assert state(job) == [
        ("150.00", "deposit_paid", "invoiced"),
        ("350.00", "deposit_paid", "invoiced"),
    ]

    second = check(job, "500.00")
    assert state(job) == [
        ("300.00", "fully_paid", "client_paid"),
        ("700.00", "fully_paid", "client_paid"),
    ]

    give_back(second, "100.00")
    assert state(job) == [
        ("270.00", "deposit_paid", "client_paid"),
        ("630.00", "deposit_paid", "client_paid"),
    ]
    agrees(job)

    give_back(second, "400.00")
    give_back(first, "500.00")
    assert state(job) == [("0.00", "refunded", "client_paid")] * 2
    agrees(job)


def test_a_refund_that_failed_was_none(job: WorkOrder) -> None:
    bill(job, "300.00", "700.00")
    payment = check(job, "1000.00")

    refund = verbs.queue_refund(payment, D("1000.00"), reason="Oops", by="Dana")
    assert state(job) == [("0.00", "refunded", "client_paid")] * 2

    verbs.fail_refund(refund, why="The account is closed")
    assert [(s, f) for _, s, f in state(job)] == [("fully_paid", "client_paid")] * 2


def test_money_that_is_not_here_counts_for_nothing(job: WorkOrder) -> None:
    bill(job, "300.00", "700.00")
    payment = check(job, "1000.00", clears=False)
    assert state(job) == [("0.00", "invoiced", "invoiced")] * 2

    record.void(payment, reason="It bounced")

    assert state(job) == [("0.00", "invoiced", "invoiced")] * 2


def test_a_hundred_instalments_fill_each_line_exactly(job: WorkOrder) -> None:
    bill(job, "33.34", "33.33", "33.33")

    for paid in range(1, 101):
        cash(job, "1.00")
        now = rows(job)
        assert sum(i.covered for i in now) == D(paid)
        assert all(i.covered <= i.total for i in now)
        if paid < 100:
            assert {i.status for i in now} == {"deposit_paid"}

    assert state(job) == [
        ("33.34", "fully_paid", "client_paid"),
        ("33.33", "fully_paid", "client_paid"),
        ("33.33", "fully_paid", "client_paid"),
    ]
    agrees(job)


def test_a_discount_is_spread_and_is_nothing_to_order(job: WorkOrder) -> None:
    bill(job, "300.00", "700.00", "-50.00")

    cash(job, "475.00")
    assert [c for c, _, _ in state(job)] == ["142.50", "332.50", "0.00"]
    agrees(job)

    cash(job, "475.00")
    assert state(job) == [
        ("285.00", "fully_paid", "client_paid"),
        ("665.00", "fully_paid", "client_paid"),
        ("0.00", "fully_paid", "not_started"),
    ]
    agrees(job)


def test_nobody_orders_a_cancellation(job: WorkOrder) -> None:
    charge(job, ChargeLine("Late cancellation", D("90.00"), service_type="cancellation"))  # type: ignore[arg-type]
    confirm(job)

    cash(job, "90.00")

    assert state(job) == [("90.00", "fully_paid", "not_started")]
    with pytest.raises(ValidationError, match="nothing that could be ordered"):
        items.mark_ordered(job.brand, [rows(job)[0].pk])


def test_one_check_fills_three_jobs_once_it_clears(brand: Brand) -> None:
    jobs: list[WorkOrder] = WorkOrderFactory.create_batch(3, brand=brand)
    for job in jobs:
        bill(job, "300.00")
    money = record.Manual(method=Method.CHECK, reference="900")
    payment = record.record_check_over(brand, [(j, D("300.00")) for j in jobs], money, by="Dana")
    assert [state(j) for j in jobs] == [[("0.00", "invoiced", "invoiced")]] * 3

    record.confirm(payment, by="Dana")

    assert [state(j) for j in jobs] == [[("300.00", "fully_paid", "client_paid")]] * 3
    agrees(*jobs)


def test_a_credit_covers_like_money(job: WorkOrder) -> None:
    invoice = bill(job, "300.00", "700.00")
    invoice.brand = job.brand
    given = credit(invoice, "500.00")

    client_credit.apply_credit(job.brand, given.pk, invoice.pk, D("500.00"))

    assert [c for c, _, _ in state(job)] == ["150.00", "350.00"]
    agrees(job)


def test_an_item_that_is_billed_later_waits_for_its_own_money(job: WorkOrder) -> None:
    bill(job, "300.00")
    cash(job, "300.00")

    add(job, line("100.00", "Radon"), reason="Asked for on site")

    assert state(job) == [
        ("225.00", "deposit_paid", "client_paid"),
        ("75.00", "deposit_paid", "invoiced"),
    ]
    agrees(job)


def test_items_of_a_void_invoice_are_not_invoiced_and_keep_their_price(job: WorkOrder) -> None:
    charge(job, ChargeLine("Radon", D("100.00"), tax_name="Sales tax", tax_percent=D("8.25")))
    confirm(job)
    invoice = Invoice.objects.get(work_order=job)
    issuing.void_invoice(job.brand, invoice.pk, reason="Sent to the wrong client")

    (item,) = rows(job)

    assert (item.status, item.total, item.invoice_id) == ("not_invoiced", D("108.25"), None)
    assert reads.summary(job.brand).count == 0
    agrees(job)


STEPS = st.lists(
    st.tuples(st.sampled_from(["pay", "refund", "add", "fail"]), st.integers(1, 60_000)),
    max_size=6,
)
LINES = st.lists(st.integers(-5_000, 50_000), min_size=1, max_size=5).filter(lambda a: sum(a) >= 0)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(lines=LINES, steps=STEPS)
def test_rows_and_sums_are_the_settlements_whatever_happens(
    brand: Brand, lines: list[int], steps: list[tuple[str, int]]
) -> None:
    job = WorkOrderFactory(brand=brand)
    bill(job, *(str(D(cents) / 100) for cents in lines))
    paid: list[Payment] = []
    reached = [Fulfilment.NOT_STARTED] * len(lines)
    for verb, cents in steps:
        amount = D(cents) / 100
        if verb == "pay":
            paid.append(cash(job, str(amount)))
        elif verb == "add":
            add(job, line(str(amount), "More"), reason="More")
        elif paid:
            left = verbs.refundable(paid[-1]).services
            if left > 0:
                back = min(left, amount)
                refund = verbs.queue_refund(paid[-1], back, reason="Back", by="Dana")
                if verb == "fail":
                    verbs.fail_refund(refund, why="Closed")

        agrees(job)
        now = [Fulfilment(i.fulfilment) for i in rows(job)]
        order = list(Fulfilment)
        assert all(order.index(b) <= order.index(a) for b, a in zip(reached, now, strict=False))
        reached = now
