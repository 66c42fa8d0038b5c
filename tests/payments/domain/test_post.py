"""From money to ledger, end to end through the verbs: what is posted, and that it is posted once.

After every step of a history the ledger holds, per source, exactly the amounts of that step, the
settlement reads exactly its figures, and posting again writes nothing at all.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Brand
from invoicing.domain.issuing import void_invoice
from invoicing.models import ClientCredit, Invoice, LedgerEntry, MoneyInFlight
from payments.domain import record
from payments.domain.locks import jobs_paid, lock_payment
from payments.domain.post import post, post_job
from payments.domain.record import Correction, Manual
from payments.ingest import receive, waiting
from payments.models import Payment, PaymentAllocation, ProviderEvent
from tests.factories import PaymentFactory, WorkOrderFactory
from tests.invoicing.billed_jobs import billed, charge, figures, invoices, line, nets
from tests.payments.conftest import T0, Tell, frozen, incoming
from tests.tripwire import unsettled
from workorders.domain.locks import lock_work_orders
from workorders.models import WorkOrder

D = Decimal
CHECK = Manual("check", reference="1234", happened_at=T0)
BY = "Dana Whitfield"


@dataclass
class World:
    """One job and the verbs on its money; the ledger names its payments P1, P2 and refunds R1."""

    brand: Brand
    job: WorkOrder
    tell: Tell
    payment: Payment | None = None
    minute: int = field(default=0)

    def do(self, verb: str, amount: str = "", **rest: Any) -> None:
        """A verb by hand where there is one of that name, else a card step of Guardian's."""
        mine = getattr(self, verb, None)
        if mine is not None:
            mine(*[amount] if amount else [], **rest)
        else:
            self.minute += 1
            fact = incoming(verb, self.minute, amount or None, **{"method": "card", **rest})
            self.tell(fact)

    def check(self, amount: str) -> None:
        self.payment = record.record_payment(self.brand, self.job, D(amount), CHECK, by=BY)

    def cash(self, amount: str) -> None:
        self.payment = record.record_payment(self.brand, self.job, D(amount), Manual("cash"), by=BY)

    def confirm(self) -> None:
        self.payment = record.confirm(self._paid, by=BY)

    def correct(self, amount: str) -> None:
        changes = Correction(amount=D(amount))
        self.payment = record.correct(self._paid, changes, reason="Misread")

    def void(self) -> None:
        self.payment = record.void(self._paid, reason="Bounced")

    @property
    def _paid(self) -> Payment:
        assert self.payment is not None
        return self.payment

    def ledger(self) -> dict[str, str]:
        """What is posted for each source: "329.00+11.52" of payment ``P`` or refund ``R``."""
        sources = {f"payment:{p.pk}": f"P{p.number}" for p in Payment.objects.all()}
        sources |= {
            f"refund:{r.pk}": f"R{r.number}" for p in Payment.objects.all() for r in p.refunds.all()
        }
        posted = nets(self.job)
        return {sources[key]: f"{s:.2f}+{f:.2f}" for key, (s, f) in posted.items()}


@pytest.fixture
def world(brand: Brand, job: WorkOrder, tell: Tell) -> World:
    return World(brand, job, tell)


def marks() -> tuple[object, ...]:
    """All that posting may write."""
    flights = sorted(str(row) for row in MoneyInFlight.objects.values())
    client_credits = sorted(str(row) for row in ClientCredit.objects.values())
    return LedgerEntry.objects.count(), flights, client_credits, Invoice.objects.count()


def stays() -> None:
    """Posting everything again writes nothing."""
    before = marks()
    for payment in Payment.objects.all():
        with transaction.atomic():
            post(lock_payment(payment))
    for job in WorkOrder.objects.select_related("brand"):
        with transaction.atomic():
            post_job(lock_work_orders(job.brand, [job.pk])[job.pk])
    assert marks() == before


# Each step: verb, amount, posted per source, (received, refunded, balance, word). Billed: 329.00.
Step = tuple[str, str, dict[str, str], tuple[str, str, str, str]]
NONE: dict[str, str] = {}
DUE = ("0.00", "0.00", "329.00", "Due")
PAID = ("329.00", "0.00", "0.00", "Paid")
HISTORIES: dict[str, list[Step]] = {
    "a check is recorded, confirmed, corrected, voided": [
        ("check", "329.00", NONE, DUE),
        ("confirm", "", {"P1": "329.00+0.00"}, PAID),
        ("correct", "300.00", {"P1": "300.00+0.00"}, ("300.00", "0.00", "29.00", "Partly paid")),
        ("void", "", NONE, DUE),
    ],
    "a check is voided before it counted": [
        ("check", "329.00", NONE, DUE),
        ("void", "", NONE, DUE),
    ],
    "cash above the balance, corrected": [
        ("cash", "400.00", {"P1": "400.00+0.00"}, ("400.00", "0.00", "-71.00", "Overpaid")),
        ("correct", "329.00", {"P1": "329.00+0.00"}, PAID),
    ],
    "a card with its fee, refunded in part and whole": [
        ("authorised", "340.52", NONE, DUE),
        ("captured", "340.52+11.52", {"P1": "329.00+11.52"}, ("340.52", "0.00", "0.00", "Paid")),
        (
            "refunded",
            "211.14",
            {"P1": "329.00+11.52", "R1": "204.00+7.14"},
            ("340.52", "211.14", "204.00", "Partly paid"),
        ),
        (
            "refunded",
            "129.38",
            {"P1": "329.00+11.52", "R1": "204.00+7.14", "R2": "125.00+4.38"},
            ("340.52", "340.52", "329.00", "Due"),
        ),
    ],
    "a refund that fails comes back": [
        ("captured", "329.00", {"P1": "329.00+0.00"}, PAID),
        (
            "refund_queued",
            "29.00",
            {"P1": "329.00+0.00"},
            ("329.00", "29.00", "29.00", "Partly paid"),
        ),
        ("refund_failed", "29.00", {"P1": "329.00+0.00"}, PAID),
    ],
    "a dispute takes a part": [
        ("captured", "329.00", {"P1": "329.00+0.00"}, PAID),
        (
            "chargeback",
            "100.00",
            {"P1": "229.00+0.00"},
            ("229.00", "0.00", "100.00", "Partly paid"),
        ),
    ],
    "a dispute takes all": [
        ("captured", "329.00", {"P1": "329.00+0.00"}, PAID),
        ("chargeback", "329.00", NONE, DUE),
    ],
    "a bank debit is returned and paid again": [
        ("captured", "329.00 ach", {"P1": "329.00+0.00"}, PAID),
        ("failed", "329.00 ach", NONE, DUE),
        ("settled", "329.00 ach", {"P1": "329.00+0.00"}, PAID),
    ],
    "a capture is voided": [
        ("captured", "329.00", {"P1": "329.00+0.00"}, PAID),
        ("voided", "", NONE, DUE),
    ],
}


@pytest.mark.parametrize("name", HISTORIES)
def test_after_each_step(name: str, world: World) -> None:
    billed(world.job, "329.00")

    for verb, reported, posted, expected in HISTORIES[name]:
        amount, _, ach = reported.partition(" ")
        gross, _, fee = amount.partition("+")
        rest: dict[str, Any] = {"fee": D(fee)} if fee else {}
        world.do(verb, gross, **rest, **({"method": ach} if ach else {}))

        assert (verb, world.ledger(), figures(world.job)[1:]) == (verb, posted, expected)
        stays()


# --- which invoice ------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["cash", "captured"])
def test_money_for_a_draft_issues_it(how: str, world: World) -> None:
    charge(world.job, line("329.00"))
    assert invoices(world.job) == {"FHI624": "draft"}

    world.do(how, "329.00")

    assert (invoices(world.job), figures(world.job)[1:]) == ({"FHI624": "issued"}, PAID)
    stays()


def test_money_on_its_way_issues_nothing(world: World) -> None:
    charge(world.job, line("329.00"))

    world.do("check", "329.00")

    assert (invoices(world.job), world.ledger()) == ({"FHI624": "draft"}, NONE)
    stays()


def test_money_for_a_job_without_charges_is_overpaid(world: World) -> None:
    world.do("cash", "50.00")

    assert world.ledger() == {"P1": "50.00+0.00"}
    assert figures(world.job)[:4] == ("0.00", "50.00", "0.00", "-50.00")
    stays()


def credit() -> tuple[Decimal, Decimal]:
    """The total of all credits, and what is left of it."""
    rows = list(ClientCredit.objects.all())
    amount = sum((row.amount for row in rows), D(0))
    return amount, amount - sum((row.used + row.returned for row in rows), D(0))


def test_money_for_a_void_invoice_is_credit_until_it_goes_back(world: World) -> None:
    void_invoice(world.brand, billed(world.job, "329.00").pk, reason="Wrong client")

    world.do("captured", "329.00")
    assert world.ledger() == {"P1": "329.00+0.00"}
    assert credit() == (D(329), D(329))
    stays()

    world.do("refunded", "329.00")
    assert world.ledger() == {"P1": "329.00+0.00", "R1": "329.00+0.00"}
    assert credit()[1] == 0
    stays()


# --- over several jobs --------------------------------------------------------------------------


@pytest.fixture
def three(brand: Brand) -> list[WorkOrder]:
    jobs: list[WorkOrder] = [WorkOrderFactory(brand=brand, number=f"FHI70{n}") for n in range(3)]
    for job in jobs:
        billed(job, "100.00")
    return jobs


def received(jobs: list[WorkOrder]) -> list[str]:
    return [figures(job)[1] for job in jobs]


def test_a_check_over_three_jobs(brand: Brand, three: list[WorkOrder]) -> None:
    shares = [(job, D(100)) for job in three]
    check = record.record_check_over(brand, shares, CHECK, by=BY, total=D("300.00"))
    assert received(three) == ["0.00"] * 3

    record.confirm(check, by=BY)
    assert received(three) == ["100.00"] * 3
    stays()

    moved = {three[0].pk: D(150), three[2].pk: D(50)}
    record.correct(check, Correction(amounts=moved), reason="Other shares")
    assert received(three) == ["150.00", "100.00", "50.00"]
    assert [figures(job)[4] for job in three] == ["Overpaid", "Paid", "Partly paid"]
    stays()

    record.void(check, reason="Bounced")
    assert received(three) == ["0.00"] * 3
    stays()


def shared(three: list[WorkOrder]) -> Payment:
    """A provider's payment over three jobs, as an import left it; its job is the last."""
    own = three[2]
    payment = PaymentFactory(
        work_order=own,
        method="card",
        provider="guardian",
        provider_order_id="ord-1",
        amount=D("300.00"),
        happened_at=T0,
        paid_at=T0,
        allocated=False,
    )
    for job in three:
        with unsettled():
            PaymentAllocation.objects.create(
                brand=own.brand,
                payment=payment,
                work_order=job,
                amount=D(100),
                services_amount=D(100),
                status="completed",
                payment_label="P-1",
                happened_at=T0,
            )
    return frozen(payment)


def again(brand: Brand, tell: Tell) -> None:
    """Fold its events again, of which one could not be folded before."""
    ProviderEvent.objects.update(folded_at=None)
    waiting.retry_unfolded()


@pytest.mark.parametrize("how", [None, again])
def test_events_of_an_order_that_pays_several_jobs_lock_all_of_them_first(
    how: Callable[[Brand, Tell], None] | None,
    brand: Brand,
    three: list[WorkOrder],
    tell: Tell,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shared(three)
    if how is not None:
        tell(incoming("settled", 1, "300.00", method="card"))
    steps: list[object] = []
    lock = receive.settle

    def seen(order: Any, events: Any, **how: Any) -> bool:
        steps.append("settle")
        return lock(order, events, **how)

    def locked(of: Brand, ids: Any) -> dict[int, WorkOrder]:
        steps.append(sorted(ids))
        return lock_work_orders(of, ids)

    monkeypatch.setattr("payments.domain.locks.lock_work_orders", locked)
    monkeypatch.setattr(receive, "settle", seen)

    if how is None:
        tell(incoming("chargeback", 5, "300.00", method="card"))
    else:
        how(brand, tell)

    assert steps == [sorted(job.pk for job in three), "settle"]
    assert received(three) == (["0.00"] * 3 if how is None else ["100.00"] * 3)
    monkeypatch.undo()
    stays()


def test_shares_that_appear_while_waiting_are_locked_too(
    three: list[WorkOrder], tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared(three)
    asked: list[set[int]] = []
    locks: list[list[int]] = []

    def paid(*order: Any) -> set[int]:
        """The first time an import has not got in between yet."""
        asked.append(jobs_paid(*order) - ({three[0].pk} if not asked else set()))
        return asked[-1]

    def locked(of: Brand, ids: Any) -> dict[int, WorkOrder]:
        locks.append(sorted(ids))
        return lock_work_orders(of, ids)

    monkeypatch.setattr("payments.domain.locks.jobs_paid", paid)
    monkeypatch.setattr("payments.domain.locks.lock_work_orders", locked)

    tell(incoming("settled", 1, "300.00", method="card"))

    ids = sorted(job.pk for job in three)
    assert locks == [ids[1:], ids]


def test_no_job_is_dropped_by_a_correction(brand: Brand, three: list[WorkOrder]) -> None:
    """So the jobs that posting visits always include every job with money of the payment."""
    check = record.record_check_over(brand, [(j, D(100)) for j in three], CHECK, by=BY)

    with pytest.raises(ValidationError):
        record.correct(check, Correction(amounts={three[0].pk: D(0)}), reason="Not this job")

    assert check.allocations.count() == 3
