"""Items: paid by what the settlement says, ordered and delivered by people, never back."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.utils import DatabaseError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Brand
from activity import describe
from activity.models import Entry
from activity.projection import project_pending
from invoicing import queries
from invoicing import queries_items as reads
from invoicing.domain import issuing, items, pool
from invoicing.models import Fulfilment, Invoice, Item, ItemStatus
from payments.domain import manual, refunds
from payments.models import Method, Payment
from tests.factories import BrandFactory, WorkOrderFactory
from tests.invoicing.bills import credit
from tests.invoicing.papers import add, charge, confirm, line
from tests.payments.conftest import together
from workorders.domain.charges import ChargeLine
from workorders.models import WorkOrder

D = Decimal
State = list[tuple[str, str, str]]


def bill(job: WorkOrder, *amounts: str) -> Invoice:
    """The job confirmed with lines "Item 1", "Item 2", …; its first invoice."""
    charge(job, *(line(a, f"Item {n}") for n, a in enumerate(amounts, start=1)))
    confirm(job)
    return Invoice.objects.get(work_order=job, sequence=1)


def check(job: WorkOrder, amount: str, *, clears: bool = True) -> Payment:
    """A check; confirmed unless it still has to clear."""
    money = manual.Manual(method=Method.CHECK, reference="1234")
    payment = manual.record_payment(job.brand, job, D(amount), money, by="Dana")
    return manual.confirm(payment, by="Dana") if clears else payment


def cash(job: WorkOrder, amount: str) -> Payment:
    money = manual.Manual(method=Method.CASH)
    return manual.record_payment(job.brand, job, D(amount), money, by="Dana")


def give_back(payment: Payment, services: str) -> None:
    """Refunded, and owed again: no credit note goes with it."""
    refund = refunds.queue_refund(payment, D(services), reason="Owed again", by="Dana")
    refunds.complete_refund(refund, reference=f"re_{refund.pk}")


def rows(job: WorkOrder) -> list[Item]:
    return list(Item.objects.filter(work_order=job).order_by("charge__position", "charge_id"))


def state(job: WorkOrder) -> State:
    """Covered, payment status and fulfilment of each charge."""
    return [(f"{i.covered:.2f}", i.status, i.fulfilment) for i in rows(job)]


def agrees(*jobs: WorkOrder) -> None:
    """What rows and sums of items say is what the settlements say, to the cent."""
    brand = jobs[0].brand
    answers = queries.job_settlements(brand, [job.pk for job in jobs])
    for job in jobs:
        told = {i.key: i for i in answers[job.pk].whole.items}
        billed = [row for row in rows(job) if row.invoice_id is not None]
        assert {row.charge_id for row in billed} == set(told)
        for row in billed:
            said = told[row.charge_id]
            assert (row.total, row.covered, row.status) == (said.total, said.covered, said.status)
    whole = reads.summary(brand, work_order_ids=[job.pk for job in jobs])
    settlements = [answer.whole for answer in answers.values()]
    assert whole.total == sum(s.services for s in settlements)
    assert whole.covered == sum(i.covered for s in settlements for i in s.items)
    assert whole.total == sum(row.total for row in whole.rows)
    assert whole.covered == sum(row.covered for row in whole.rows)
    assert whole.count == sum(row.count for row in whole.rows)


# Deposit and items -------------------------------------------------------------------------------


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

    refund = refunds.queue_refund(payment, D("1000.00"), reason="Oops", by="Dana")
    assert state(job) == [("0.00", "refunded", "client_paid")] * 2

    refunds.fail_refund(refund, why="The account is closed")
    assert [(s, f) for _, s, f in state(job)] == [("fully_paid", "client_paid")] * 2


def test_money_that_is_not_here_counts_for_nothing(job: WorkOrder) -> None:
    bill(job, "300.00", "700.00")
    payment = check(job, "1000.00", clears=False)
    assert state(job) == [("0.00", "invoiced", "invoiced")] * 2

    manual.void(payment, reason="It bounced")

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
    money = manual.Manual(method=Method.CHECK, reference="900")
    payment = manual.record_check_over(brand, [(j, D("300.00")) for j in jobs], money, by="Dana")
    assert [state(j) for j in jobs] == [[("0.00", "invoiced", "invoiced")]] * 3

    manual.confirm(payment, by="Dana")

    assert [state(j) for j in jobs] == [[("300.00", "fully_paid", "client_paid")]] * 3
    agrees(*jobs)


def test_a_credit_covers_like_money(job: WorkOrder) -> None:
    invoice = bill(job, "300.00", "700.00")
    invoice.brand = job.brand
    given = credit(invoice, "500.00")

    pool.apply_credit(job.brand, given.pk, invoice.pk, D("500.00"))

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


def test_a_void_bill_asks_for_nothing_but_its_charges_keep_their_price(job: WorkOrder) -> None:
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
            left = refunds.refundable(paid[-1]).services
            if left > 0:
                back = min(left, amount)
                refund = refunds.queue_refund(paid[-1], back, reason="Back", by="Dana")
                if verb == "fail":
                    refunds.fail_refund(refund, why="Closed")

        agrees(job)
        now = [Fulfilment(i.fulfilment) for i in rows(job)]
        order = list(Fulfilment)
        assert all(order.index(b) <= order.index(a) for b, a in zip(reached, now, strict=False))
        reached = now


# Ordered and delivered ---------------------------------------------------------------------------


@pytest.fixture
def paid_job(job: WorkOrder) -> WorkOrder:
    bill(job, "300.00", "700.00")
    cash(job, "1000.00")
    return job


def ids(job: WorkOrder) -> list[int]:
    return [item.pk for item in rows(job)]


def fulfilment(job: WorkOrder) -> list[str]:
    return [item.fulfilment for item in rows(job)]


def refused(verb: Any, brand: Brand, chosen: list[int]) -> str:
    """What a refusal says; it names the field, and nothing was moved."""
    before = list(Item.objects.order_by("pk").values_list("pk", "fulfilment"))
    with pytest.raises(ValidationError) as caught:
        verb(brand, chosen)
    assert set(caught.value.message_dict) == {"items"}
    assert list(Item.objects.order_by("pk").values_list("pk", "fulfilment")) == before
    return " ".join(caught.value.messages)


def test_paid_items_are_ordered_and_then_delivered(paid_job: WorkOrder) -> None:
    moved = items.mark_ordered(paid_job.brand, ids(paid_job))
    assert [item.fulfilment for item in moved] == ["ordered", "ordered"]
    assert fulfilment(paid_job) == ["ordered", "ordered"]

    items.mark_delivered(paid_job.brand, ids(paid_job)[:1])
    assert fulfilment(paid_job) == ["delivered", "ordered"]


def test_several_items_of_a_job_are_one_line_on_its_timeline(paid_job: WorkOrder) -> None:
    items.mark_ordered(paid_job.brand, ids(paid_job))
    project_pending()

    entry = Entry.objects.filter(work_order_id=paid_job.pk, code="item.changed").latest("id")

    said = describe.render(entry.code, {"currency": "USD", **entry.data})
    assert (said.headline, said.second) == ("2 items ordered", "“Item 1”, “Item 2”")


def test_items_of_several_jobs_are_a_line_on_each(brand: Brand) -> None:
    jobs: list[WorkOrder] = WorkOrderFactory.create_batch(2, brand=brand)
    for job in jobs:
        bill(job, "300.00")
        cash(job, "300.00")
    project_pending()
    before = set(Entry.objects.values_list("pk", flat=True))

    items.mark_ordered(brand, [pk for job in jobs for pk in ids(job)])
    project_pending()

    told = Entry.objects.exclude(pk__in=before).values_list("work_order_id", "code")
    assert sorted(told) == sorted((job.pk, "item.changed") for job in jobs)


def test_nothing_is_ordered_before_it_is_paid(job: WorkOrder) -> None:
    bill(job, "300.00")
    cash(job, "100.00")

    said = refused(items.mark_ordered, job.brand, ids(job))

    assert said == (
        "FHI624, “Item 1”: $100.00 of $300.00 is covered. "
        "It can be ordered once it is paid in full."
    )


def test_nothing_is_ordered_after_its_money_went_back(job: WorkOrder) -> None:
    bill(job, "300.00")
    give_back(cash(job, "300.00"), "120.00")

    said = refused(items.mark_ordered, job.brand, ids(job))

    assert "it was paid in full, but only $180.00 of $300.00 is covered now" in said


def test_what_was_ordered_stays_so_when_money_goes_back(job: WorkOrder) -> None:
    bill(job, "300.00")
    payment = cash(job, "300.00")
    items.mark_ordered(job.brand, ids(job))

    give_back(payment, "300.00")
    assert state(job) == [("0.00", "refunded", "ordered")]

    items.mark_delivered(job.brand, ids(job))
    assert state(job) == [("0.00", "refunded", "delivered")]


def test_each_step_once_and_in_its_order(paid_job: WorkOrder) -> None:
    brand, chosen = paid_job.brand, ids(paid_job)
    assert "it is not ordered yet" in refused(items.mark_delivered, brand, chosen)

    items.mark_ordered(brand, chosen)
    assert "it is ordered already" in refused(items.mark_ordered, brand, chosen)

    items.mark_delivered(brand, chosen)
    assert "it is delivered already" in refused(items.mark_delivered, brand, chosen)
    assert "it is delivered already" in refused(items.mark_ordered, brand, chosen)


def test_all_of_the_chosen_or_none(paid_job: WorkOrder) -> None:
    other = WorkOrderFactory(brand=paid_job.brand, number="FHI700")
    bill(other, "50.00")

    said = refused(items.mark_ordered, paid_job.brand, ids(paid_job) + ids(other))

    assert "FHI700" in said
    assert "FHI624" not in said


def test_another_brands_item_is_not_there(paid_job: WorkOrder) -> None:
    theirs = WorkOrderFactory(brand=BrandFactory(slug="other"))
    bill(theirs, "50.00")
    cash(theirs, "50.00")

    said = refused(items.mark_ordered, paid_job.brand, ids(paid_job) + ids(theirs))

    assert said == "One of the items is not there any more. Look at the list again."


@pytest.mark.parametrize(("chosen", "said"), [([], "at least one"), (range(1, 102), "At most 100")])
def test_none_and_too_many_are_refused(brand: Brand, chosen: list[int], said: str) -> None:
    assert said in refused(items.mark_ordered, brand, list(chosen))


@pytest.mark.parametrize(("before", "to"), [("ordered", "client_paid"), ("delivered", "invoiced")])
def test_the_database_refuses_the_way_back(paid_job: WorkOrder, before: str, to: str) -> None:
    Item.objects.filter(work_order=paid_job).update(fulfilment=before)
    item = rows(paid_job)[0]
    item.fulfilment = to

    with pytest.raises(DatabaseError, match="paystory_forward_only"), transaction.atomic():
        item.save()
    with pytest.raises(DatabaseError, match="paystory_forward_only"), transaction.atomic():
        Item.objects.filter(pk=item.pk).update(fulfilment=to)
    with (
        pytest.raises(DatabaseError, match="paystory_forward_only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE invoicing_item SET fulfilment = %s WHERE id = %s", [to, item.pk])

    assert fulfilment(paid_job) == [before, before]


@pytest.mark.django_db(transaction=True)
def test_two_at_once_order_an_item_once(paid_job: WorkOrder) -> None:
    chosen = ids(paid_job)

    answers = together(
        lambda: items.mark_ordered(paid_job.brand, chosen),
        lambda: items.mark_ordered(paid_job.brand, chosen),
    )

    assert sorted(type(answer).__name__ for answer in answers) == ["ValidationError", "list"]
    assert fulfilment(paid_job) == ["ordered", "ordered"]


# Lists and sums ----------------------------------------------------------------------------------


def listed(brand: Brand, name: str) -> list[str]:
    return [f"{i.work_order.number} {i.description}" for i in reads.listed(brand, name)]


@pytest.fixture
def many(brand: Brand) -> dict[str, WorkOrder]:
    """A job for each list, and one that stands on none."""
    jobs: dict[str, WorkOrder] = {}
    for number in ("DRAFT", "UNPAID", "BACK", "DEPOSIT", "READY", "HOLD", "ORDERED", "DONE"):
        jobs[number] = WorkOrderFactory(brand=brand, number=number)
        if number == "DRAFT":
            charge(jobs[number], line("40.00", "Item 1"))
        else:
            bill(jobs[number], "300.00", "-50.00")
    cash(jobs["DEPOSIT"], "100.00")
    money = {n: cash(jobs[n], "250.00") for n in ("BACK", "READY", "HOLD", "ORDERED", "DONE")}
    items.mark_ordered(brand, [ids(jobs[n])[0] for n in ("ORDERED", "DONE")])
    items.mark_delivered(brand, [ids(jobs["DONE"])[0]])
    give_back(money["BACK"], "250.00")
    give_back(money["HOLD"], "50.00")
    return jobs


def test_each_item_stands_where_somebody_looks_for_it(
    brand: Brand, many: dict[str, WorkOrder]
) -> None:
    assert {name: sorted(listed(brand, name)) for name in reads.LISTS} == {
        "unpaid": ["BACK Item 1", "UNPAID Item 1"],
        "deposits": ["DEPOSIT Item 1", "HOLD Item 1"],
        "ready": ["READY Item 1"],
        "hold": ["BACK Item 1", "HOLD Item 1"],
        "ordered": ["ORDERED Item 1"],
        "delivered": ["DONE Item 1"],
    }


def test_the_figures_beside_a_list_are_the_sums_of_its_rows(
    brand: Brand, many: dict[str, WorkOrder]
) -> None:
    known = reads.overview(brand)

    for name in reads.LISTS:
        found = list(reads.listed(brand, name))
        assert known.lists[name] == reads.ListSum(
            len(found), sum((i.total for i in found), D(0)), sum((i.covered for i in found), D(0))
        )


def test_the_summary_of_a_brand_a_client_and_a_job(
    brand: Brand, many: dict[str, WorkOrder]
) -> None:
    stranger = WorkOrderFactory(brand=BrandFactory(slug="other"))
    bill(stranger, "999.00")
    agrees(*many.values())
    whole = reads.summary(brand)

    assert {
        str(row.status): (row.count, str(row.total), str(row.covered)) for row in whole.rows
    } == {
        "not_invoiced": (1, "40.00", "0.00"),
        "invoiced": (4, "150.00", "0.00"),
        "deposit_paid": (2, "600.00", "300.00"),
        "fully_paid": (6, "750.00", "750.00"),
        "refunded": (2, "250.00", "0.00"),
    }
    assert whole == reads.overview(brand).summary
    assert whole == reads.summary(brand, work_order_ids=[job.pk for job in many.values()])
    job = many["READY"]
    mine = reads.summary(brand, client_id=job.client_id)
    assert mine == reads.summary(brand, work_order_ids=[job.pk])
    assert mine == reads.summarise(brand, rows(job))
    assert (mine.count, str(mine.total), str(mine.covered)) == (2, "250.00", "250.00")
    assert reads.summary(brand, work_order_ids=[stranger.pk]).rows == []


def test_the_items_of_a_job_by_charge(paid_job: WorkOrder) -> None:
    found = reads.items_of(paid_job)

    assert {c.description: found[c.pk].status for c in paid_job.charges.all()} == {
        "Item 1": ItemStatus.FULLY_PAID,
        "Item 2": ItemStatus.FULLY_PAID,
    }
