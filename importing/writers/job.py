"""Writes the rows of one job, each step in the name of its actor and at its own time.

The caller holds the transaction and, where the job exists, its lock.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from accounts.models import Brand
from activity.actors import acting_as
from core.money import charge_tax
from importing.documents.shape import ParsedDocuments
from importing.errors import FAULTS, Refused, reason_of
from importing.format.job import Job
from importing.history.base import Change, Step
from importing.writers.credits import CreditWriter
from importing.writers.documents import DocumentWriter
from importing.writers.money import MONEY_TABLES, MoneyWriter
from invoicing.domain import follow_charges, rollup
from payments.domain.post import follow_bill, post
from payments.domain.status import save_changes
from workorders.domain.card_fee import record_switch
from workorders.models import (
    Charge,
    Client,
    Contact,
    Message,
    Note,
    Service,
    WorkOrder,
    WorkOrderStatus,
)

Values = Mapping[str, Any]
DOCUMENT_TABLES = frozenset({"invoice", "legacy"})
CREDIT_TABLES = frozenset({"credit", "applied"})
# Services by brand and name, as far as lines named them.
Catalogue = dict[tuple[int, str], Service]


def _rounded_otherwise(line: Values, currency: str) -> Decimal | None:
    """The tax of a charge where it is not what its percentage comes to."""
    given: Decimal | None = line["tax_amount"]
    computed = charge_tax(line["amount"], line["tax_percent"], currency)
    return None if given == computed else given


def owes_its_charges(line: Job, status: str, at: datetime) -> bool:
    """Whether a job whose status is ``status`` owes its charges: it is or was once confirmed.

    One that was cancelled before owes nothing by that; its charges wait to be billed.
    """
    statuses = {line.status, *(step.status for step in line.history if step.at <= at)}
    return status != WorkOrderStatus.CANCELLED or WorkOrderStatus.CONFIRMED in statuses


def _moves_documents(change: Change) -> bool:
    """Whether a version of the job's row may issue its invoice."""
    return change.history.table == "work_order" and "status" in change.patch


class JobWriter:
    """Writes the changes of one job, step by step, its documents and ledger after each."""

    def __init__(
        self,
        brand: Brand,
        line: Job,
        parsed: ParsedDocuments,
        work_order: WorkOrder | None,
        catalogue: Catalogue,
    ) -> None:
        self.brand = brand
        self.line = line
        self.parsed = parsed
        self._catalogue = catalogue
        self._job = work_order
        self._client = work_order.client if work_order else None
        self._money: MoneyWriter | None = None
        self._writers: dict[str, Callable[[Change], None]] = {
            "client": self._write_client,
            "work_order": self._write_job,
            "contacts": self._write_contacts,
            "charges": self._write_charges,
            "message": self._write_message,
            "note": self._write_note,
        }

    @property
    def job(self) -> WorkOrder:
        """The work order, once its own first change is written."""
        assert self._job is not None
        return self._job

    def write_all(self, steps: Sequence[Step]) -> None:
        """Write every step, in its order. Raises Refused with the path of what cannot be."""
        with rollup.deferred() as recompute_now:
            for step in steps:
                with acting_as(step.actor, at=step.at, imported=True):
                    self._write_step(step, is_last=step is steps[-1])
                    # So that the timeline shows an item's new status at the step that brought it.
                    # A draft brings none.
                    if self._money or step is steps[-1] or self._is_confirmed:
                        recompute_now()

    @property
    def _is_confirmed(self) -> bool:
        return self._job is not None and self._job.status != WorkOrderStatus.PENDING

    def _write_step(self, step: Step, *, is_last: bool) -> None:
        for change in step.changes:
            try:
                self._write(change)
            except FAULTS as error:
                raise Refused(change.history.path, reason_of(error)) from error
        self._close(step)
        if is_last and self._job is not None and self.parsed.has_invoices:
            try:
                DocumentWriter(self.brand, self.job, self.parsed).finish()
            except FAULTS as error:
                raise Refused("invoices", reason_of(error)) from error

    def _close(self, step: Step) -> None:
        """Bring the documents and the ledger up to date with this step."""
        tables = {change.history.table for change in step.changes}
        if self._job is None:
            return
        moved = "charges" in tables or any(_moves_documents(change) for change in step.changes)
        if moved and self.parsed.has_invoices:
            rollup.recompute(self.job)  # items are called by their charges
        elif moved:
            why = self.job.reason or "Bill changed before the import"
            owes = owes_its_charges(self.line, self.job.status, step.at)
            follow_charges.follow(self.job, why, issues=owes)
            follow_bill(self.job, imported=True)
        if self._money is not None and tables & MONEY_TABLES:
            for payment in self._money.take_unposted():
                post(payment, imported=True)

    def _write(self, change: Change) -> None:
        if self._job is None and change.history.table not in ("client", "work_order"):
            raise Refused(change.history.path, "something happened before the job was booked")
        writer = self._writers.get(change.history.table)
        if writer is not None:
            writer(change)
            return
        if change.history.table in DOCUMENT_TABLES:
            DocumentWriter(self.brand, self.job, self.parsed).write(change)
        elif change.history.table in CREDIT_TABLES:
            CreditWriter(self.brand, self.job).write(change)
        else:
            if self._money is None:
                self._money = MoneyWriter(self.brand, self.job, self.line)
            self._money.write(change)

    # --- client and job --------------------------------------------------------------------------

    def _write_client(self, change: Change) -> None:
        values = change.patch
        client = self._client or self._find_client()
        if client is None:
            self._client = Client.objects.create(
                brand=self.brand, external_id=self.line.client.id or "", **values
            )
            return
        if change.before is None:
            # Known from another job: what this line leaves empty stays.
            values = {name: value for name, value in values.items() if value}
        save_changes(client, values)
        self._client = client

    def _find_client(self) -> Client | None:
        given = self.line.client
        mine = Client.objects.filter(brand=self.brand)
        if given.id is not None:
            return mine.filter(external_id=given.id).first()
        # Two people may share a name: without an e-mail nobody is the same.
        same = mine.filter(name=given.name, email__iexact=given.email)
        return same.order_by("pk").first() if given.email else None

    def _write_job(self, change: Change) -> None:
        if change.before is None:
            assert self._client is not None  # its change comes first
            self._job = WorkOrder.objects.create(
                brand=self.brand,
                client=self._client,
                number=self.line.number,
                happened_at=change.version.at,
                **change.patch,
            )
            rollup.created(self._job)
            self._date_switch(change, was_disabled=False)
            return
        was_disabled = self.job.fee_disabled
        save_changes(self.job, change.patch)
        self._date_switch(change, was_disabled=was_disabled)

    def _date_switch(self, change: Change, *, was_disabled: bool) -> None:
        """Write a dated row for a card fee that is switched off or on again by this change."""
        if self.job.fee_disabled != was_disabled:
            record_switch(self.job, at=change.version.at)

    # --- lists: people and charges ---------------------------------------------------------------

    def _of_job(self, change: Change) -> Values:
        return {"brand": self.brand, "work_order": self.job, "happened_at": change.version.at}

    def _write_contacts(self, change: Change) -> None:
        rows = list(self.job.contacts.all()) if change.before is not None else []
        new = []
        for position, values in enumerate(change.version.values["lines"]):
            if position < len(rows):
                save_changes(rows[position], values)
                continue
            new.append(Contact(**self._of_job(change), position=position, **values))
        Contact.objects.bulk_create(new)
        before = len(change.before["lines"]) if change.before else 0
        for row in rows[len(change.version.values["lines"]) : before]:
            row.delete()

    def _write_charges(self, change: Change) -> None:
        rows = {}
        if change.before is not None:
            rows = {c.external_id: c for c in self.job.charges.exclude(external_id="")}
        new = []
        lines = change.version.values["lines"]
        for position, line in enumerate(lines):
            values = {
                "service": self._service(line),
                "description": line["description"],
                "service_type": line["service_type"],
                "amount": line["amount"],
                "tax_name": line["tax_name"],
                "tax_percent": line["tax_percent"],
                "tax_amount": _rounded_otherwise(line, self.brand.currency),
                "position": position,
            }
            row = rows.pop(line["key"], None)
            if row is not None:
                save_changes(row, values)
                continue
            new.append(Charge(**self._of_job(change), external_id=line["key"], **values))
        Charge.objects.bulk_create(new)
        Charge.objects.filter(pk__in=[row.pk for row in rows.values()]).delete()

    def _service(self, line: Values) -> Service | None:
        if line["service"] is None:
            return None
        key = (self.brand.pk, line["service"])
        if key not in self._catalogue:
            self._catalogue[key], _ = Service.objects.get_or_create(
                brand=self.brand,
                name=line["service"],
                defaults={"service_type": line["service_type"]},
            )
        return self._catalogue[key]

    # --- messages and notes ----------------------------------------------------------------------

    def _write_message(self, change: Change) -> None:
        self._write_keyed(Message, change)

    def _write_note(self, change: Change) -> None:
        self._write_keyed(Note, change)

    def _write_keyed(self, model: type[Message] | type[Note], change: Change) -> None:
        key = change.history.key
        if change.before is not None:
            # One that staff deleted meanwhile stays deleted.
            for row in model._default_manager.filter(work_order=self.job, external_id=key):
                save_changes(row, change.patch)
            return
        model._default_manager.create(
            brand=self.brand,
            work_order=self.job,
            external_id=key,
            happened_at=change.version.at,
            **change.patch,
        )
