"""Writes the documents and the older figures of one job.

The caller holds the lock of the job.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from accounts.models import Brand
from importing.documents.shape import Line, ParsedDocuments
from importing.errors import Refused
from importing.history.base import Change
from importing.models import LegacyFigures
from invoicing.domain import (
    client_credit,
    follow_charges,
    issuing,
    numbering,
    revisions,
    rollup,
    stamp,
)
from invoicing.models import (
    ClientCredit,
    CreditKind,
    CreditNoteLine,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    InvoiceStatus,
)
from payments.domain.status import save_changes
from workorders.models import WorkOrder

Values = Mapping[str, Any]
CORRECTED = "Corrected by the import"
# What never changes on an issued document, by the key of the file.
FIXED = ("number", "kind", "invoice_date")


class DocumentWriter:
    """Writes the invoices and credit notes that the line of one job gives."""

    def __init__(self, brand: Brand, job: WorkOrder, parsed: ParsedDocuments) -> None:
        self.brand = brand
        self.job = job
        self._numbers = {d.number for d in parsed.documents}
        self._writers: dict[str, Callable[[Change], None]] = {
            "invoice": self._document,
            "legacy": self._legacy,
        }

    def write(self, change: Change) -> None:
        """Write one change. Raises Refused with the path of what cannot be written."""
        self._writers[change.history.table](change)

    def finish(self) -> None:
        """Draft an invoice for the charges that no invoice of the line bills."""
        current = follow_charges.read(self.job)
        if current.draft is None and current.unbilled():
            revisions.draft(self.job)
            rollup.recompute(self.job)

    # --- documents -------------------------------------------------------------------------------

    def _document(self, change: Change) -> None:
        values = change.version.values
        if change.before is None:
            invoice = self._taken_over(change) or self._new_draft(change)
        else:
            invoice = self._imported(change)
        if invoice.status == InvoiceStatus.DRAFT:
            self._redraft(invoice, change)
        else:
            self._amend(invoice, change)
        if values["status"] == InvoiceStatus.VOID and invoice.status != InvoiceStatus.VOID:
            self._void(invoice, change)
        rollup.recompute(self.job)

    def _imported(self, change: Change) -> Invoice:
        mine = Invoice.objects.filter(brand=self.brand, work_order=self.job)
        invoice = mine.filter(external_id=change.history.key).first()
        if invoice is None:
            raise Refused(change.history.path, "was imported before and is no longer here")
        invoice.brand = self.brand
        return invoice

    def _taken_over(self, change: Change) -> Invoice | None:
        """The invoice that followed from an earlier line without documents, now with its number.

        It is the draft, or the invoice of the same number.
        """
        values = change.version.values
        if values["kind"] != InvoiceKind.STANDARD:
            return None
        mine = Invoice.objects.filter(
            brand=self.brand, work_order=self.job, kind=InvoiceKind.STANDARD, external_id=""
        )
        for invoice in mine.order_by("sequence"):
            invoice.brand = self.brand
            drafted = invoice.status == InvoiceStatus.DRAFT
            if invoice.number == values["number"] or drafted:
                if invoice.number != values["number"]:
                    self._check_free(change)
                invoice.number, invoice.external_id = values["number"], change.history.key
                invoice.save(update_fields=["number", "external_id"])
                return invoice
            if invoice.number not in self._numbers:
                why = f"{invoice.number} bills this job already and did not come by import"
                raise Refused(f"{change.history.path}.number", why)
        return None

    def _check_free(self, change: Change) -> None:
        number = change.version.values["number"]
        taken = Invoice.objects.filter(brand=self.brand, number=number).first()
        if taken is not None:
            why = f"{number} is a document of job {taken.work_order.number} already"
            raise Refused(f"{change.history.path}.number", why)

    def _new_draft(self, change: Change) -> Invoice:
        values = change.version.values
        self._check_free(change)
        kind = InvoiceKind(values["kind"])
        return Invoice.objects.create(
            brand=self.brand,
            work_order=self.job,
            client_id=self.job.client_id,
            kind=kind,
            number=values["number"] or numbering.take_credit_note_number(self.brand),
            sequence=numbering.next_sequence(self.job, kind),
            currency=self.brand.currency,
            terms_days=values["terms_days"],
            reason=values["reason"],
            credits=self._given_back(change),
            external_id=change.history.key,
            happened_at=change.version.at,
        )

    def _given_back(self, change: Change) -> Invoice | None:
        """The invoice that a credit note lowers; None where it names none."""
        number = change.version.values["credits"]
        if not number:
            return None
        mine = Invoice.objects.filter(
            brand=self.brand, work_order=self.job, number=number, kind=InvoiceKind.STANDARD
        )
        invoice = mine.exclude(status=InvoiceStatus.DRAFT).first()
        if invoice is None:
            why = f"gives back {number}, no issued invoice of this job"
            raise Refused(change.history.path, why)
        return invoice

    def _redraft(self, invoice: Invoice, change: Change) -> None:
        values = change.version.values
        if values["status"] != InvoiceStatus.DRAFT:
            self._issue(invoice, change)
            return
        save_changes(invoice, {name: values[name] for name in ("terms_days", "reason")})
        if invoice.is_credit_note:
            invoice.draft_lines.all().delete()
            CreditNoteLine.objects.bulk_create(
                CreditNoteLine(
                    brand=self.brand,
                    work_order=self.job,
                    invoice=invoice,
                    position=n,
                    **_line_values(line),
                )
                for n, line in enumerate(values["lines"])
            )

    def _issue(self, invoice: Invoice, change: Change) -> None:
        values, at = change.version.values, change.version.at
        date = values["invoice_date"] or stamp.day(self.brand, at)
        invoice.issued_at, invoice.invoice_date = at, date
        invoice.terms_days = values["terms_days"]
        invoice.due_on = values["due_on"] or date + timedelta(days=values["terms_days"])
        fields = ("number", "issued_at", "invoice_date", "due_on", "terms_days")
        revisions.set_status(invoice, InvoiceStatus.ISSUED, *fields)
        lines = self._lines(values["lines"])
        revisions.write_revision(invoice, lines, at=at, is_first=True)
        if invoice.is_credit_note:
            ClientCredit.objects.create(
                brand=self.brand,
                client_id=invoice.client_id,
                work_order=self.job,
                kind=CreditKind.CREDIT_NOTE,
                invoice=invoice,
                amount=-revisions.sum_of(lines, invoice.currency),
                label=invoice.number,
                reason=values["reason"],
                external_id=change.history.key,
                happened_at=at,
            )

    def _amend(self, invoice: Invoice, change: Change) -> None:
        """Write a revision for lines that differ; number, kind and date never change."""
        values, path = change.version.values, change.history.path
        for name in FIXED if change.before is not None else ():
            if name in change.patch:
                raise Refused(f"{path}.{name}", f"{invoice.number} is issued and keeps it")
        dates = {"terms_days": values["terms_days"]}
        if values["due_on"] is not None:
            dates["due_on"] = values["due_on"]
        save_changes(invoice, dates)
        last = invoice.revisions.order_by("-number").first()
        lines, before = self._lines(values["lines"]), list(last.lines.all()) if last else []
        if revisions.content(lines) == revisions.content(before):
            return
        if "lines" not in change.patch:
            return  # staff amended it since
        if invoice.is_credit_note:
            raise Refused(f"{path}.lines", f"{invoice.number} is issued: it is voided, not changed")
        why = values["why"] or CORRECTED
        revisions.write_revision(invoice, lines, reason=why, at=change.version.at)

    def _lines(self, lines: Sequence[Line]) -> list[InvoiceLine]:
        """Lines of a revision, in the order of their charges where every line has one."""
        charges = {c.external_id: c for c in self.job.charges.exclude(external_id="")}
        placed = []
        for n, line in enumerate(lines):
            charge = charges.get(line.charge) if line.charge else None
            place = (charge.position, charge.pk) if charge else (n, 0)
            pk = charge.pk if charge else None
            placed.append((place, InvoiceLine(charge_id=pk, **_line_values(line))))
        if all(line.charge_id for _, line in placed):
            placed.sort(key=lambda pair: pair[0])
        return [line for _, line in placed]

    def _void(self, invoice: Invoice, change: Change) -> None:
        path = f"{change.history.path}.status"
        if invoice.is_credit_note:
            credit = ClientCredit.objects.get(invoice=invoice, kind=CreditKind.CREDIT_NOTE)
            if credit.used or credit.returned:
                raise Refused(path, f"{invoice.number} is used: it cannot be void")
            credit.returned = credit.amount
            credit.save(update_fields=["returned"])
        elif issuing.held_on(invoice) or invoice.in_flight.exists():
            raise Refused(path, f"money is held on {invoice.number}: refund it first")
        elif client_credit.moved_out(invoice):
            raise Refused(path, f"money of {invoice.number} became the client’s credit")
        else:
            client_credit.return_credits(self.job, invoice)
        invoice.voided_at, invoice.reason = change.version.at, change.version.values["reason"]
        revisions.set_status(invoice, InvoiceStatus.VOID, "voided_at", "reason")

    # --- older figures ---------------------------------------------------------------------------

    def _legacy(self, change: Change) -> None:
        LegacyFigures.objects.update_or_create(
            work_order=self.job,
            document=change.history.key,
            defaults={"brand": self.brand, "row": change.version.values["row"]},
        )


def _line_values(line: Line) -> dict[str, Any]:
    names = ("service_type", "description", "amount", "tax_name", "tax_percent", "tax_amount")
    return {name: getattr(line, name) for name in names}
