"""Whatever is done to a job's money, in any order: no cent appears or vanishes."""

from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Brand
from audit.run import Count, audit
from core.money import ZERO
from invoicing.domain import fees
from invoicing.domain.rollup import figures_of
from invoicing.models import ClientCredit, Invoice, JobBalance, LedgerEntry
from invoicing.queries import settlements
from invoicing.settlement.types import EntryKind, Word
from payments.domain import post
from payments.models import REFUND_COUNTS, PaymentAllocation
from tests.factories import BrandFactory, ClientFactory, WorkOrderFactory
from tests.surfaces.verbs import T0, VERBS, World
from workorders.models import WorkOrder

D = Decimal
steps = st.lists(
    st.tuples(
        st.sampled_from(sorted(VERBS)),
        st.integers(0, 11),
        st.sampled_from([1, 1000, 3333, 12500, 32900, 50000]),
    ),
    min_size=1,
    max_size=14,
)
START = [("bill", 1, 32900), ("confirm", 0, 0), ("bill", 3, 50000), ("confirm", 1, 0)]


@pytest.fixture
def brand(db: None) -> Brand:
    return BrandFactory(slug="fhi", name="Frontier Home Inspections")


class _Undo(Exception):
    """Take everything back."""


def world_of(brand: Brand) -> World:
    """A client with two jobs of a brand that charges for credit cards."""
    since = T0.replace(year=2020)
    fees.add_policy(brand, since, percent=D("3.5"), fundings=["credit"])
    client = ClientFactory(brand=brand)
    one: WorkOrder = WorkOrderFactory(brand=brand, client=client, number="FHI1")
    other: WorkOrder = WorkOrderFactory(brand=brand, client=client, number="FHI2")
    return World(brand, [one, other])


def settle_up(world: World) -> None:
    """Everything that must hold after any sequence of verbs."""
    for n in range(len(world.jobs)):
        job = world.job(n)
        answer = settlements.job_settlement(job)
        whole = answer.whole
        assert whole.billed == whole.services + whole.fee.kept + whole.fee.due
        assert whole.balance == whole.billed - whole.credits - whole.received + whole.refunded
        is_paid = answer.is_issued and whole.billed > 0 and whole.balance == 0
        assert (whole.word == Word.PAID) == is_paid
        rollup = JobBalance.objects.filter(work_order=job).first()
        if rollup is not None:
            expected = figures_of(whole)
            assert {name: getattr(rollup, name) for name in expected} == expected
        for document in answer.documents:
            _check_items(document)
        _check_ledger(world, n)
    _check_credits(world)


def _check_items(document: settlements.Document) -> None:
    items = document.settlement.items
    assert all(0 <= i.covered <= max(i.total, ZERO) for i in items)
    assert sum((i.covered for i in items), ZERO) <= max(ZERO, document.settlement.services)


def _check_ledger(world: World, n: int) -> None:
    """What is posted on the ledger is exactly what payments and refunds say."""
    job = world.job(n)
    for allocation in PaymentAllocation.objects.filter(work_order=job):
        allocation.payment.brand = world.brand
        money = post.money_of(allocation.payment, allocation)
        for piece in money.pieces:
            rows = LedgerEntry.objects.filter(source=piece.source, work_order=job)
            posted = sum((_signed(row) for row in rows), ZERO)
            assert posted == (ZERO if piece.in_flight else piece.services + piece.fee), piece
        counts = allocation.payment.refunds.filter(status__in=REFUND_COUNTS)
        back = sum((r.amount for r in counts), ZERO)
        assert back <= allocation.payment.amount


def _signed(entry: LedgerEntry) -> Decimal:
    back = entry.kind in (EntryKind.PAYMENT_REVERSAL, EntryKind.REFUND_REVERSAL)
    return (
        -(entry.services_amount + entry.fee_amount)
        if back
        else entry.services_amount + entry.fee_amount
    )


def _check_credits(world: World) -> None:
    for credit in ClientCredit.objects.filter(brand=world.brand):
        used = ZERO
        for entry in credit.entries.all():
            if entry.kind in (EntryKind.CREDIT, EntryKind.FROM_CREDIT):
                used += entry.services_amount
            elif entry.reverses_id is not None:
                used -= entry.services_amount
        assert used == credit.used


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=steps)
def test_no_cent_appears_or_vanishes(brand: Brand, steps: list[tuple[str, int, int]]) -> None:
    try:
        with transaction.atomic():
            world = world_of(brand)
            for step in [*START, *steps]:
                world.do(*step)
                settle_up(world)
            assert Invoice.objects.filter(brand=brand).exists()
            assert list(audit([brand], Count())) == []
            raise _Undo
    except _Undo:
        pass
