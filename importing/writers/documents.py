"""Performs the scenes of documents, credits and older figures of one job.

The caller holds the locks of the job and of every job whose invoices the line names.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from accounts.models import Brand
from importing.documents.shape import Line, Papers
from importing.errors import Refused
from importing.history.base import Scene
from importing.models import LegacyFigures
from invoicing.domain import (
    client_credit,
    follow_charges,
    issuing,
    numbering,
    prepayments,
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
from invoicing.queries.settlements import job_settlement
from payments.domain.status import save_changes
from workorders.models import WorkOrder

Values = Mapping[str, Any]
CORRECTED = "Corrected by the import"
# What an issued document keeps for ever, by the key of the file.
FIXED = ("number", "kind", "invoice_date")
LOOSE = frozenset({"reason", "reference", "method"})


class BillPlayer:
    """Writes the documents of one job that stand by themselves, and the client's credits."""

    def __init__(self, brand: Brand, job: WorkOrder, papers: Papers) -> None:
        self.brand = brand
        self.job = job
        self._numbers = {d.number for d in papers.documents}
        self._writers: dict[str, Callable[[Scene], None]] = {
            "invoice": self._document,
            "credit": self._credit,
            "applied": self._applied,
            "legacy": self._legacy,
        }

    def write(self, scene: Scene) -> None:
        """Write one scene. Raises Refused with the path of what cannot be written."""
        self._writers[scene.story.table](scene)

    def finish(self) -> None:
        """What no invoice of the line bills waits on a draft, as it would anywhere."""
        papers = follow_charges.read(self.job)
        if papers.draft is None and papers.unbilled():
            revisions.draft(self.job)
            rollup.recompute(self.job)

    # --- documents -------------------------------------------------------------------------------

    def _document(self, scene: Scene) -> None:
        values = scene.version.values
        if scene.before is None:
            invoice = self._adopted(scene) or self._drafted(scene)
        else:
            invoice = self._known(scene)
        if invoice.status == InvoiceStatus.DRAFT:
            self._redraft(invoice, scene)
        else:
            self._amend(invoice, scene)
        if values["status"] == InvoiceStatus.VOID and invoice.status != InvoiceStatus.VOID:
            self._void(invoice, scene)
        rollup.recompute(self.job)

    def _known(self, scene: Scene) -> Invoice:
        mine = Invoice.objects.filter(brand=self.brand, work_order=self.job)
        found = mine.filter(external_id=scene.story.key).first()
        if found is None:
            raise Refused(scene.story.path, "was imported before and is no longer here")
        found.brand = self.brand
        return found

    def _adopted(self, scene: Scene) -> Invoice | None:
        """The invoice that an earlier line without documents made of this job."""
        values = scene.version.values
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
                    self._check_free(scene)
                invoice.number, invoice.external_id = values["number"], scene.story.key
                invoice.save(update_fields=["number", "external_id"])
                return invoice
            if invoice.number not in self._numbers:
                why = f"{invoice.number} bills this job already and did not come by import"
                raise Refused(f"{scene.story.path}.number", why)
        return None

    def _check_free(self, scene: Scene) -> None:
        number = scene.version.values["number"]
        taken = Invoice.objects.filter(brand=self.brand, number=number).first()
        if taken is not None:
            why = f"{number} is a document of job {taken.work_order.number} already"
            raise Refused(f"{scene.story.path}.number", why)

    def _drafted(self, scene: Scene) -> Invoice:
        values = scene.version.values
        self._check_free(scene)
        kind = InvoiceKind(values["kind"])
        return Invoice.objects.create(
            brand=self.brand,
            work_order=self.job,
            client_id=self.job.client_id,
            kind=kind,
            number=values["number"] or numbering.next_credit_note_number(self.brand),
            sequence=numbering.next_sequence(self.job, kind),
            currency=self.brand.currency,
            terms_days=values["terms_days"],
            reason=values["reason"],
            credits=self._credited(scene),
            external_id=scene.story.key,
            happened_at=scene.version.at,
        )

    def _credited(self, scene: Scene) -> Invoice | None:
        """The invoice that a credit note gives back."""
        number = scene.version.values["credits"]
        if not number:
            return None
        mine = Invoice.objects.filter(
            brand=self.brand, work_order=self.job, number=number, kind=InvoiceKind.STANDARD
        )
        found = mine.exclude(status=InvoiceStatus.DRAFT).first()
        if found is None:
            raise Refused(scene.story.path, f"gives back {number}, no issued invoice of this job")
        return found

    def _redraft(self, invoice: Invoice, scene: Scene) -> None:
        values = scene.version.values
        if values["status"] != InvoiceStatus.DRAFT:
            self._issue(invoice, scene)
            return
        told = {name: values[name] for name in ("terms_days", "reason")}
        save_changes(invoice, told)
        if invoice.is_credit_note:
            invoice.draft_lines.all().delete()
            CreditNoteLine.objects.bulk_create(
                CreditNoteLine(
                    brand=self.brand,
                    work_order=self.job,
                    invoice=invoice,
                    position=n,
                    **_said(line),
                )
                for n, line in enumerate(values["lines"])
            )

    def _issue(self, invoice: Invoice, scene: Scene) -> None:
        values, at = scene.version.values, scene.version.at
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
                external_id=scene.story.key,
                happened_at=at,
            )

    def _amend(self, invoice: Invoice, scene: Scene) -> None:
        """What differs from before; what an issued document is never changes."""
        values, path = scene.version.values, scene.story.path
        for name in FIXED if scene.before is not None else ():
            if name in scene.patch:
                raise Refused(f"{path}.{name}", f"{invoice.number} is issued and keeps it")
        dates = {"terms_days": values["terms_days"]}
        if values["due_on"] is not None:
            dates["due_on"] = values["due_on"]
        save_changes(invoice, dates)
        last = invoice.revisions.order_by("-number").first()
        lines, before = self._lines(values["lines"]), list(last.lines.all()) if last else []
        if revisions.content(lines) == revisions.content(before):
            return
        if "lines" not in scene.patch:
            return  # staff amended it since
        if invoice.is_credit_note:
            raise Refused(f"{path}.lines", f"{invoice.number} is issued: it is voided, not changed")
        why = values["why"] or CORRECTED
        revisions.write_revision(invoice, lines, reason=why, at=scene.version.at)

    def _lines(self, lines: Sequence[Line]) -> list[InvoiceLine]:
        """Lines of a bill, in the order of their charges as far as these are here."""
        here = {c.external_id: c for c in self.job.charges.exclude(external_id="")}
        found = []
        for n, line in enumerate(lines):
            charge = here.get(line.charge) if line.charge else None
            place = (charge.position, charge.pk) if charge else (n, 0)
            pk = charge.pk if charge else None
            found.append((place, InvoiceLine(charge_id=pk, **_said(line))))
        if all(line.charge_id for _, line in found):
            found.sort(key=lambda pair: pair[0])
        return [line for _, line in found]

    def _void(self, invoice: Invoice, scene: Scene) -> None:
        path = f"{scene.story.path}.status"
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
        invoice.voided_at, invoice.reason = scene.version.at, scene.version.values["reason"]
        revisions.set_status(invoice, InvoiceStatus.VOID, "voided_at", "reason")

    # --- credits ---------------------------------------------------------------------------------

    def _credit(self, scene: Scene) -> None:
        values, story = scene.version.values, scene.story
        if scene.before is not None:
            self._correct(scene)
            return
        if values["kind"] == CreditKind.OVERPAYMENT:
            invoice = self._overpaid(scene)
            credit = client_credit.grant_overpayment(
                self.job, invoice, values["amount"], reason=values["reason"], at=scene.version.at
            )
            ClientCredit.objects.filter(pk=credit.pk).update(external_id=story.key)
            rollup.recompute(self.job)
            return
        name = f"{prepayments.METHODS.get(values['method'], '')} {values['reference']}".strip()
        ClientCredit.objects.create(
            brand=self.brand,
            client_id=self.job.client_id,
            work_order=self.job,
            kind=CreditKind.PREPAYMENT,
            amount=values["amount"],
            label=values["label"] or name or "Prepayment",
            method=values["method"],
            reference=values["reference"],
            reason=values["reason"],
            external_id=story.key,
            happened_at=scene.version.at,
        )

    def _correct(self, scene: Scene) -> None:
        if set(scene.patch) - LOOSE:
            why = "a credit that was imported keeps its kind and its amount"
            raise Refused(scene.story.path, why)
        save_changes(self._credit_of(scene.story.key, scene), scene.patch)

    def _credit_of(self, key: str, scene: Scene) -> ClientCredit:
        mine = ClientCredit.objects.select_for_update(no_key=True).filter(
            brand=self.brand, work_order=self.job, external_id=key
        )
        found = mine.first()
        if found is None:
            raise Refused(scene.story.path, "its credit is not here (a draft gives none)")
        return found

    def _overpaid(self, scene: Scene) -> Invoice:
        number = scene.version.values["invoice"]
        mine = Invoice.objects.filter(
            brand=self.brand, work_order=self.job, kind=InvoiceKind.STANDARD
        ).exclude(status=InvoiceStatus.DRAFT)
        found = (mine.filter(number=number) if number else mine.order_by("sequence")).last()
        if found is None:
            what = f"{number} is no issued invoice of this job" if number else "nothing is issued"
            raise Refused(f"{scene.story.path}.invoice", what)
        return found

    def _applied(self, scene: Scene) -> None:
        if scene.before is not None:
            raise Refused(scene.story.path, "what was used of a credit stays as it was imported")
        amount = scene.version.values["amount"]
        credit = self._credit_of(scene.story.parent, scene)
        invoice, job = self._target(scene)
        if credit.client_id != invoice.client_id:
            raise Refused(f"{scene.story.path}.invoice", f"{invoice.number} is another client’s")
        left, room = client_credit.left_of(credit), _room(job, invoice)
        if amount > min(left, room):
            what = f"left of {credit.label}" if left < room else f"asked for by {invoice.number}"
            raise Refused(f"{scene.story.path}.amount", f"only {min(left, room)} is {what}")
        client_credit.put_on(job, invoice, credit, amount, "")
        rollup.recompute(job)

    def _target(self, scene: Scene) -> tuple[Invoice, WorkOrder]:
        """The invoice to which a credit is applied, issued if it was a draft, and its job."""
        number, path = scene.version.values["invoice"], f"{scene.story.path}.invoice"
        bills = Invoice.objects.filter(brand=self.brand, kind=InvoiceKind.STANDARD)
        if number:
            found = bills.filter(number=number).first()
        else:
            found = bills.filter(work_order=self.job).order_by("sequence").last()
        if found is None:
            what = f"no invoice {number}" if number else "no invoice of this job"
            raise Refused(path, f"{what} here yet: its line must come first")
        found.brand = self.brand
        job = self.job if found.work_order_id == self.job.pk else found.work_order
        job.brand = self.brand
        if found.status == InvoiceStatus.DRAFT:
            revisions.issue(found, follow_charges.read(job).unbilled())
        if found.status == InvoiceStatus.VOID:
            raise Refused(path, f"{found.number} is void")
        return found, job

    # --- older figures ---------------------------------------------------------------------------

    def _legacy(self, scene: Scene) -> None:
        LegacyFigures.objects.update_or_create(
            work_order=self.job,
            document=scene.story.key,
            defaults={"brand": self.brand, "row": scene.version.values["row"]},
        )


def _room(job: WorkOrder, invoice: Invoice) -> Any:
    """What credits may still take of an invoice, whatever money is on it."""
    for document in job_settlement(job).documents:
        if document.invoice.pk == invoice.pk:
            return document.settlement.services - document.settlement.credits
    return 0


def _said(line: Line) -> dict[str, Any]:
    names = ("service_type", "description", "amount", "tax_name", "tax_percent", "tax_amount")
    return {name: getattr(line, name) for name in names}
