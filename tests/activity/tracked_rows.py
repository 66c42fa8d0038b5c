"""A brand with a row in every tracked table, and random changes to them that the database takes."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from hypothesis import strategies as st

from accounts.models import Brand, Invitation
from activity.describe import plain
from core import clock
from core.fields import MoneyField
from invoicing.models import ClientCredit, Invoice, InvoiceKind
from payments.models import (
    ExceptionKind,
    MoneyBackShare,
    Payment,
    PaymentAllocation,
    PaymentException,
    Provider,
    ProviderAccount,
    ProviderEvent,
    Refund,
)
from tests.activity import invoicing_rows as bills
from tests.activity.columns import TABLES, Table
from tests.factories import (
    AttemptFactory,
    BrandFactory,
    ChargeFactory,
    ClientFactory,
    ContactFactory,
    DisputeFactory,
    MembershipFactory,
    NoteFactory,
    PaymentFactory,
    RefundFactory,
    ServiceFactory,
    TaxRateFactory,
    WorkOrderFactory,
)
from workorders.models import CardFeeSwitch, Message, MessageKind, WorkOrder

numbers = itertools.count(100_000)
ENTITIES = {table.model: table.entity for table in TABLES.values()}
# Nothing points at these; whatever else is deleted would be refused, or take them along.
DELETABLE = [
    "workorders.charge",
    "workorders.contact",
    "workorders.note",
    "workorders.message",
    "payments.allocation",
    "payments.attempt",
    "payments.dispute",
    "payments.exception",
    "payments.provider_account",
    "accounts.invitation",
    "accounts.membership",
    "invoicing.invoice",
    "invoicing.credit_note_line",
    "invoicing.client_credit",
    "invoicing.settings",
    "invoicing.fee_policy",
    "invoicing.item",
]
PARTS = ("amount", "services_amount", "fee_amount")
TAX = ("tax_name", "tax_percent")  # of a charge: both or neither
UNIQUE = ("number", "event_id", "provider_order_id", "provider_refund_id", "provider_dispute_id")
UNIQUE_HERE = [
    ("payments.provider_account", "provider"),
    ("workorders.service", "name"),
    ("workorders.tax_rate", "name"),
    ("invoicing.fee_policy", "effective_from"),
]
texts = st.text("abcXYZ 019“”–%'\\{}", min_size=1, max_size=20).filter(lambda t: t.strip() == t)
moments = st.integers(0, 3000).map(lambda h: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=h))
cents = st.integers(1, 10**7).map(lambda n: Decimal(n).scaleb(-2))
percents = st.integers(0, 10**6).map(lambda n: Decimal(n).scaleb(-4))


@dataclass
class TrackedRows:
    """One brand with two jobs; ``rows`` are what may change."""

    brand: Brand
    jobs: list[WorkOrder]
    rows: dict[str, list[models.Model]] = field(default_factory=dict)

    def of(self, entity: str) -> list[models.Model]:
        """Living rows of an entity."""
        return self.rows.setdefault(entity, [])


def build() -> TrackedRows:
    """Every tracked table with a row or two, unmatched provider facts among them."""
    brand = BrandFactory()
    client, other = ClientFactory.create_batch(2, brand=brand)
    jobs: list[WorkOrder] = [WorkOrderFactory(brand=brand, client=c) for c in (client, other)]
    payments = [PaymentFactory(work_order=jobs[0]) for _ in range(2)]
    refund = RefundFactory(payment=payments[0])
    events = [make_event(brand), make_event(brand)]
    rows: list[models.Model] = [
        client,
        *jobs,
        *payments,
        *(p.allocations.get() for p in payments),
        refund,
        *events,
        AttemptFactory(work_order=jobs[0]),
        AttemptFactory(work_order=jobs[1]),
        DisputeFactory(payment=payments[1]),
        make_share_back(refund, jobs[0]),
        ChargeFactory(work_order=jobs[0]),
        ContactFactory(work_order=jobs[0]),
        make_switch(jobs[0]),
        NoteFactory(work_order=jobs[1]),
        ServiceFactory(brand=brand),
        TaxRateFactory(brand=brand),
        member := MembershipFactory(brand=brand),
        make_exception(brand, events[0]),
        ProviderAccount.objects.create(brand=brand, provider=Provider.GUARDIAN),
        Message.objects.create(
            brand=brand, work_order=jobs[0], kind=MessageKind.CALL, happened_at=clock.now()
        ),
        Invitation.objects.create(
            brand=brand,
            email="dana@example.com",
            role="csr",
            token_hash=str(next(numbers)),
            invited_by=member.user,
            expires_at=clock.now(),
        ),
        *bills.rows(jobs[0], lambda: next(numbers)),
    ]
    world = TrackedRows(brand, jobs)
    for row in rows:
        world.of(ENTITIES[type(row)]).append(row)
    return world


def make_event(brand: Brand) -> ProviderEvent:
    """A fact of an order that belongs to no job yet."""
    number = next(numbers)
    return ProviderEvent.objects.create(
        brand=brand,
        provider=Provider.GUARDIAN,
        event_id=f"ev-{number}",
        order_id=f"ord-{number % 2}",
        status="selected",
        currency="USD",
        happened_at=clock.now(),
        received_at=clock.now(),
    )


def make_exception(brand: Brand, event: ProviderEvent) -> PaymentException:
    """Something that nobody decided yet."""
    return PaymentException.objects.create(
        brand=brand,
        event=event,
        kind=ExceptionKind.UNMATCHED,
        summary="No job.",
        payload_hash=str(next(numbers)),
        happened_at=clock.now(),
    )


def make_share_back(refund: Refund, job: WorkOrder) -> MoneyBackShare:
    """What of a refund left the share of one job."""
    return MoneyBackShare.objects.create(
        brand=job.brand,
        payment=refund.payment,
        refund=refund,
        work_order=job,
        amount=refund.amount,
        services_amount=refund.services_amount,
        fee_amount=refund.fee_amount,
        status=refund.status,
        label=f"R-{refund.number} of {job.number}-P-1",
        happened_at=refund.happened_at,
    )


def make_switch(job: WorkOrder) -> CardFeeSwitch:
    """A card fee that was switched off."""
    return CardFeeSwitch.objects.create(
        brand=job.brand, work_order=job, disabled=True, reason="Agent", happened_at=clock.now()
    )


def insert(world: TrackedRows, entity: str) -> models.Model | None:
    """Another row of ``entity``, where one is easily made."""
    makers: dict[str, Callable[[], Any]] = {
        "workorders.charge": lambda: ChargeFactory(work_order=world.jobs[1]),
        "workorders.contact": lambda: ContactFactory(work_order=world.jobs[1]),
        "workorders.note": lambda: NoteFactory(work_order=world.jobs[0]),
        "workorders.card_fee_switch": lambda: make_switch(world.jobs[0]),
        "workorders.client": lambda: ClientFactory(brand=world.brand),
        "workorders.service": lambda: ServiceFactory(brand=world.brand),
        "workorders.tax_rate": lambda: TaxRateFactory(brand=world.brand),
        "payments.attempt": lambda: AttemptFactory(work_order=world.jobs[0], number=next(numbers)),
        "payments.payment": lambda: PaymentFactory(
            work_order=world.jobs[0], number=next(numbers), allocated=False
        ),
        "payments.provider_event": lambda: make_event(world.brand),
        **_bill_makers(world),
    }
    row: models.Model | None = makers[entity]() if entity in makers else None
    if row is not None:
        world.of(entity).append(row)
    return row


def _bill_makers(world: TrackedRows) -> dict[str, Callable[[], Any]]:
    job = world.jobs[0]
    invoice, note = Invoice.objects.filter(work_order=job).order_by("pk")[:2]
    return {
        "invoicing.invoice": lambda: bills.make_invoice(
            job, next(numbers), InvoiceKind.CREDIT_NOTE
        ),
        "invoicing.revision": lambda: bills.make_revision(invoice, next(numbers)),
        "invoicing.credit_note_line": lambda: bills.make_line(note),
        "invoicing.client_credit": lambda: bills.make_credit(job),
        "invoicing.ledger_entry": lambda: bills.make_entry(
            invoice, ClientCredit.objects.filter(work_order=job).earliest("pk"), next(numbers)
        ),
        "invoicing.fee_policy": lambda: bills.make_policy(job, next(numbers)),
        "invoicing.fee_decision": lambda: bills.make_decision(job),
    }


def new_values(draw: Any, world: TrackedRows, table: Table, row: models.Model) -> dict[str, Any]:
    """Values for some of the row's tracked columns that every constraint allows."""
    columns = draw(st.lists(st.sampled_from(table.columns), min_size=1, max_size=3, unique=True))
    changed = {c: draw(value(world, table, c, row)) for c in columns if c not in PARTS}
    if set(columns) & set(PARTS) and set(PARTS) <= set(table.columns):
        services, fee = draw(cents), draw(st.sampled_from([Decimal(0), Decimal("17.95")]))
        parts = (services + fee, services, fee)
        changed |= dict(zip(PARTS, parts, strict=True))
    elif set(columns) & set(PARTS):
        changed |= {c: draw(cents) for c in columns if c in PARTS}
    if set(columns) & set(TAX):
        percent = draw(percents)
        changed |= dict(zip(TAX, ("Sales tax" if percent else "", percent), strict=True))
    return bills.fitted(row, changed)


def value(
    world: TrackedRows, table: Table, column: str, row: models.Model
) -> st.SearchStrategy[Any]:
    """Any value that ``column`` may take."""
    of = table.field(column)
    if isinstance(of, models.ForeignKey):
        return st.sampled_from(_allowed_keys(world, table, column, row))
    if column in UNIQUE or (table.entity, column) in UNIQUE_HERE:
        return _unique(table, column)
    if of.choices:
        return st.sampled_from([*([""] if of.blank else []), *(c for c, _ in of.choices)])
    if column == "currency":
        return st.sampled_from(["USD", "CAD", "JPY"])
    nothing: st.SearchStrategy[Any] = st.none() if of.null else st.nothing()
    if of.blank and isinstance(of, models.CharField | models.TextField):
        nothing = st.just("")
    return nothing | _by_type(of)


def _by_type(of: Any) -> st.SearchStrategy[Any]:
    if isinstance(of, ArrayField):
        short = texts.map(lambda text: text[: of.base_field.max_length or 99].strip() or "x")
        return st.lists(short, max_size=3, unique=True)
    if isinstance(of, MoneyField):
        return cents
    if isinstance(of, models.DecimalField):
        return percents
    if isinstance(of, models.BooleanField):
        return st.booleans()
    if isinstance(of, models.IntegerField):
        return st.integers(1, 12)
    if isinstance(of, models.DateTimeField):
        return moments
    if isinstance(of, models.DateField):
        return moments.map(lambda at: date(at.year, at.month, at.day))
    if isinstance(of, models.JSONField):
        return st.dictionaries(texts, texts, max_size=2)
    return texts.map(lambda text: text[: of.max_length or 99].strip() or "x")


def _unique(table: Table, column: str) -> st.SearchStrategy[Any]:
    if column == "provider":
        return st.just(Provider.GUARDIAN)
    if column == "effective_from":
        return st.builds(lambda: bills.moment(next(numbers)))
    is_number = isinstance(table.field(column), models.IntegerField)
    return st.builds(lambda: next(numbers) if is_number else f"{column[:3]}-{next(numbers)}")


def _allowed_keys(world: TrackedRows, table: Table, column: str, row: models.Model) -> list[Any]:
    """What a foreign key may point at; a known job never changes, and never gets lost."""
    if column == "work_order_id":
        known = getattr(row, "work_order_id", None)
        return [known] if known else [None, world.jobs[0].pk, world.jobs[1].pk]
    if column == "tax_rate_id":
        return [None, *(r.pk for r in world.of("workorders.tax_rate"))]
    if column == "client_id":
        return [c.pk for c in world.of("workorders.client")]
    if column == "event_id":
        return [e.pk for e in world.of("payments.provider_event")]
    now = getattr(row, column)
    if table.entity in bills.APPEND_ONLY:
        return [now]
    if column == "invoice_id":  # of a credit note's line
        return [i.pk for i in world.of("invoicing.invoice")[:2]]
    if column == "credits_id":
        return [None, world.of("invoicing.invoice")[0].pk]
    if column == "refund_id":
        return [now, *(r.pk for r in world.of(ENTITIES[Refund]))]
    if isinstance(row, PaymentAllocation):
        return [now]  # a payment pays a job once
    return [now, *(p.pk for p in world.of(ENTITIES[Payment])[:2])]


def image(table: Table, row: models.Model) -> Mapping[str, Any] | None:
    """The row's tracked columns as they are in the database; None if it is gone."""
    rows = type(row)._default_manager.filter(pk=row.pk).values(*map(_name(table), table.columns))
    return rows.first()


def _name(table: Table) -> Any:
    return lambda column: table.field(column).attname


def write(way: str, row: models.Model, changed: Mapping[str, Any]) -> None:
    """Change the row by one of the ways that an application has."""
    if way == "save":
        for name, new in changed.items():
            setattr(row, name, new)
        row.save(update_fields=[row._meta.get_field(n).name for n in _fields(row, changed)])
    elif way == "update":
        type(row)._default_manager.filter(pk=row.pk).update(**changed)
    else:
        fields = [f for f in row._meta.concrete_fields if f.attname in changed]
        sets = ", ".join(f'"{f.column}" = %s' for f in fields)
        values = [f.get_db_prep_save(changed[f.attname], connection) for f in fields]
        with connection.cursor() as cursor:
            cursor.execute(
                f'UPDATE "{row._meta.db_table}" SET {sets} WHERE id = %s', [*values, row.pk]
            )
    row.refresh_from_db()


def delete(row: models.Model) -> None:
    """Delete past Django, which would refuse some of it before the database does."""
    with connection.cursor() as cursor:
        cursor.execute(f'DELETE FROM "{row._meta.db_table}" WHERE id = %s', [row.pk])


def _fields(row: models.Model, changed: Mapping[str, Any]) -> list[str]:
    return [f.name for f in row._meta.concrete_fields if f.attname in changed]


def as_text(value: Any) -> str:
    """A captured value as it is written in stored JSON."""
    return str(plain(value))
