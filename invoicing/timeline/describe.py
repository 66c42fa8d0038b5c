"""Changes of invoices, credits and fees → lines of a feed; sentences are in ``sentences``.

Everything that one step did to one document is one line: a draft that is made, issued and gets
its first revision reads as "Invoice FHI624 issued · $329.00". A client's credit that comes of a
credit note's issue, or of moving an overpayment, is part of that line.

The lines hold what the figures are the sums of: ``data["billed"]`` is what a revision changed in
the services billed (tax included, fee not), ``data["credited"]`` what an entry of the ledger
changed in the credits used. Both are signed strings.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from activity.describe import (
    ChangeRow,
    Line,
    ThreadKey,
    ThreadUpdate,
    describes,
    plain,
    plain_diff,
)
from invoicing.models import CreditKind, EntryKind, Fulfilment, InvoiceKind, InvoiceStatus
from invoicing.settlement.types import LedgerFigure, net
from invoicing.timeline import sentences  # noqa: F401  registers on import

INVOICE, REVISION = "invoicing.invoice", "invoicing.revision"
DRAFT_LINE, CREDIT = "invoicing.credit_note_line", "invoicing.client_credit"
ENTRY = "invoicing.ledger_entry"

STATES = {
    InvoiceStatus.DRAFT: "pending",
    InvoiceStatus.ISSUED: "neutral",
    InvoiceStatus.VOID: "voided",
}
OPS = {"I": "added", "U": "changed", "D": "deleted"}


@dataclass
class Document:
    """What one step did to one document, as far as one line can tell it."""

    invoice_id: int
    invoice: list[ChangeRow] = field(default_factory=list)
    revision: ChangeRow | None = None
    lines: list[ChangeRow] = field(default_factory=list)
    # The client's credit that a credit note became, or that its voiding took back.
    credit: ChangeRow | None = None

    def takes(self, change: ChangeRow) -> bool:
        """Take ``change`` in, unless it would hide another of its kind."""
        if change.entity == DRAFT_LINE:
            self.lines.append(change)
        elif change.entity == REVISION:
            if self.revision is not None:
                return False
            self.revision = change
        elif not self.invoice or _issues(self.invoice[-1], change):
            self.invoice.append(change)
        else:
            return False
        return True

    @property
    def changes(self) -> list[ChangeRow]:
        """All of them, the one whose time and actor count first."""
        credit = [self.credit] if self.credit else []
        return [*([self.revision] if self.revision else []), *self.invoice, *self.lines, *credit]

    @property
    def row(self) -> Mapping[str, Any]:
        """The invoice's row as it is now; empty where it did not change."""
        return self.invoice[-1].now if self.invoice else {}

    @property
    def diff(self) -> dict[str, list[Any]]:
        """What an update changed in the invoice's row."""
        last = self.invoice[-1] if self.invoice else None
        return plain_diff(last) if last and last.op == "U" else {}


def _issues(made: ChangeRow, then: ChangeRow) -> bool:
    """Whether ``then`` issues the draft that ``made`` made."""
    return made.op == "I" and then.op == "U" and _became(then, InvoiceStatus.ISSUED)


def _became(change: ChangeRow, status: InvoiceStatus) -> bool:
    return change.op == "U" and "status" in change.diff and change.now["status"] == status


@describes(INVOICE, REVISION, DRAFT_LINE, CREDIT, ENTRY)
def describe_documents(changes: Sequence[ChangeRow]) -> Iterator[Line]:
    """One line per document and step, one per credit, one per line of the ledger."""
    documents = _documents(c for c in changes if c.entity in (INVOICE, REVISION, DRAFT_LINE))
    credits = [c for c in changes if c.entity == CREDIT]
    for document in documents:
        document.credit = next((c for c in credits if _belongs(c, document)), None)
        if document.credit:
            credits.remove(document.credit)
        yield _document_line(document)
    for entry in (c for c in changes if c.entity == ENTRY):
        made = next((c for c in credits if _is_made_by(c, entry)), None)
        if made:
            credits.remove(made)
        yield _ledger_line(entry, made)
    for credit in credits:
        yield _credit_line(credit)


def _documents(changes: Iterable[ChangeRow]) -> list[Document]:
    documents: list[Document] = []
    for change in changes:
        invoice_id = change.object_id if change.entity == INVOICE else change.now["invoice_id"]
        if any(d.invoice_id == invoice_id and d.takes(change) for d in documents):
            continue
        documents.append(document := Document(invoice_id))
        document.takes(change)
    return documents


def _belongs(credit: ChangeRow, document: Document) -> bool:
    """Whether a credit note's credit came, or was taken back, with this change of the note."""
    row = document.row
    if credit.now["kind"] != CreditKind.CREDIT_NOTE or credit.now["label"] != row.get("number"):
        return False
    if credit.op == "I":
        return _code(document) == "invoice.issued"
    return _code(document) == "invoice.voided" and set(credit.diff) == {"returned"}


def _is_made_by(credit: ChangeRow, entry: ChangeRow) -> bool:
    moved = entry.op == "I" and entry.now["kind"] == EntryKind.TO_CREDIT
    return moved and credit.op == "I" and credit.object_id == entry.now["credit_id"]


# Documents -----------------------------------------------------------------------------------


def _document_line(document: Document) -> Line:
    code = _code(document)
    home = ThreadKey("invoice", document.invoice_id)
    is_note = bool(document.lines) or document.row.get("kind") == InvoiceKind.CREDIT_NOTE
    # Until it is issued, an invoice only mirrors its charges, whose own lines tell of them.
    mirrors = bool(document.row) and not is_note and _stays_draft(document)
    thread = ThreadKey("draft", document.invoice_id) if mirrors else home
    return Line(
        code=code,
        kind="credit" if is_note else "invoice",
        thread=thread,
        shows=tuple(c.id for c in document.changes),
        data=_document_data(document),
        takes=("number", "kind"),
        state=_document_state(document),
        threads={} if mirrors else {home: _headline(document)},
        references=(str(document.row.get("number", "")),),
        payment_view=not mirrors,
        technical=mirrors,
    )


def _stays_draft(document: Document) -> bool:
    before = document.invoice[-1].before or document.row
    return (
        document.revision is None
        and before["status"] == document.row["status"] == InvoiceStatus.DRAFT
    )


def _code(document: Document) -> str:
    last = document.invoice[-1] if document.invoice else None
    revision = document.revision
    if last and last.op == "D":
        return "invoice.deleted"
    if last and _became(last, InvoiceStatus.VOID):
        return "invoice.voided"
    if revision and revision.op != "I":
        return f"invoice.revision_{OPS[revision.op]}"
    if revision and revision.now["number"] > 1:
        return "invoice.amended"
    if revision or (last and last.diff.get("status", ("", ""))[1] == InvoiceStatus.ISSUED):
        return "invoice.issued"
    if last and last.op == "I":
        return "invoice.drafted"
    return "invoice.changed" if last else "invoice.lines_changed"


def _document_data(document: Document) -> dict[str, Any]:
    data: dict[str, Any] = {"row": _slim(document.row), "diff": document.diff}
    if document.lines:
        data["lines"] = [
            {"op": c.op, "before": plain(c.before) or None, "after": plain(c.after) or None}
            for c in document.lines
        ]
    revision = document.revision
    if revision:
        data["revision"] = plain(revision.now)
        data["revision_diff"] = plain_diff(revision) if revision.op == "U" else {}
        if revision.op == "I":
            data["billed"] = str(_total(revision.now) - Decimal(revision.now["total_before"]))
    if document.credit:
        data["pool"] = _credit_data(document.credit)
    return data


def _total(revision: Mapping[str, Any]) -> Decimal:
    return Decimal(revision["services_total"]) + Decimal(revision["tax_total"])


def _document_state(document: Document) -> str:
    if not document.row:
        return "neutral"
    if document.invoice[-1].op == "D":
        return "voided"
    changed = document.invoice[-1].changed("status")
    return STATES[document.row["status"]] if changed else "neutral"


HEAD = ("number", "kind", "due_on", "invoice_date", "reason")


def _headline(document: Document) -> ThreadUpdate:
    """What the thread's headline takes from this line; what did not change stays as it is."""
    data: dict[str, Any] = {name: document.row[name] for name in HEAD if document.row}
    revision = document.revision
    if revision and revision.op != "D":
        data |= {"total": str(_total(revision.now)), "revision": revision.now["number"]}
    if not document.row:
        return ThreadUpdate(data=data)
    if document.invoice[-1].op == "D":
        return ThreadUpdate("voided", "deleted", data)
    status = document.row["status"]
    return ThreadUpdate(STATES[status], status, data)


# Credits -------------------------------------------------------------------------------------


def _ledger_line(entry: ChangeRow, made: ChangeRow | None) -> Line:
    """A credit on an invoice, on the invoice's thread; ``made`` is the credit it became."""
    row = entry.now
    credited = _credited(entry.after) - _credited(entry.before)
    data = {**_row_data(entry), "credited": str(credited)}
    if made:
        data["pool"] = _credit_data(made)
    return Line(
        code=f"ledger.{_ledger_code(entry, made)}",
        kind="credit",
        thread=ThreadKey("invoice", int(row["invoice_id"])),
        shows=(entry.id, *([made.id] if made else [])),
        data=data,
        takes=("number",),
        references=(str(row["label"]),),
        payment_view=True,
    )


def _credited(row: Mapping[str, Any]) -> Decimal:
    """What a row of the ledger adds to the credits used; nothing where there is no row."""
    rows = [(row["kind"], Decimal(row["services_amount"]))] if row else []
    return net(LedgerFigure.CREDITS, rows)


def _ledger_code(entry: ChangeRow, made: ChangeRow | None) -> str:
    if entry.op != "I":
        return OPS[entry.op]
    return "overpayment_moved" if made else str(entry.now["kind"])


def _credit_line(change: ChangeRow) -> Line:
    row = change.now
    thread = ThreadKey("credit", change.object_id)
    money = row["kind"] == CreditKind.PREPAYMENT and (change.op == "I" or "returned" in change.diff)
    return Line(
        code=f"credit.{_credit_code(change)}",
        kind="credit",
        thread=thread,
        shows=(change.id,),
        data=_credit_data(change),
        state="voided" if change.op == "D" else "neutral",
        threads={thread: ThreadUpdate("neutral", OPS[change.op], _slim(row))},
        references=tuple(str(row[n]) for n in ("reference", "label") if row[n]),
        payment_view=True,
        money_moved=money and change.op != "D",
    )


def _credit_code(change: ChangeRow) -> str:
    back = change.op == "U" and "returned" in change.diff
    return "returned" if back and change.now["kind"] == change.before["kind"] else OPS[change.op]


def _credit_data(change: ChangeRow) -> dict[str, Any]:
    return {"row": _slim(change.now), "diff": _diff(change)}


# Fees, settings, items -----------------------------------------------------------------------


@describes("invoicing.fee_decision")
def describe_decisions(changes: Sequence[ChangeRow]) -> Iterator[Line]:
    """Somebody waived or billed a fee that was not collected."""
    for change in changes:
        yield Line(
            code=f"fee_decision.{OPS[change.op]}",
            kind="fee",
            thread=ThreadKey("fee", change.object_id),
            shows=(change.id,),
            data=_row_data(change),
            payment_view=True,
        )


@describes("invoicing.settings", "invoicing.fee_policy")
def describe_terms(changes: Sequence[ChangeRow]) -> Iterator[Line]:
    """A brand's terms are on its own feed. That it has settings at all is no news."""
    for change in changes:
        kind = "billing_settings" if change.entity == "invoicing.settings" else "fee_policy"
        yield Line(
            code=f"{kind}.{OPS[change.op]}",
            kind="catalogue",
            thread=ThreadKey(kind, change.object_id),
            shows=(change.id,),
            data=_row_data(change),
            technical=kind == "billing_settings" and change.op == "I",
        )


@describes("invoicing.item")
def describe_items(changes: Sequence[ChangeRow]) -> Iterator[Line]:
    """Items that one step moved to the same point are one line."""
    moved: dict[tuple[str, str], list[ChangeRow]] = {}
    alone = []
    for change in changes:
        if change.op == "I" or (change.op == "U" and set(change.diff) == {"fulfilment"}):
            moved.setdefault((change.op, change.now["fulfilment"]), []).append(change)
        else:
            alone.append([change])
    for group in [*moved.values(), *alone]:
        yield _items_line(group)


def _items_line(group: Sequence[ChangeRow]) -> Line:
    first = group[0]
    done = first.op != "D" and first.now["fulfilment"] == Fulfilment.DELIVERED
    # An item goes with its charge, whose own line tells that; one that was ordered is missed.
    goes = first.op == "D" and first.now["fulfilment"] == Fulfilment.CLIENT_PAID
    return Line(
        code=f"item.{OPS[first.op]}",
        kind="item",
        thread=ThreadKey("item", first.object_id),
        shows=tuple(c.id for c in group),
        data={"items": [_row_data(c) for c in group], "gone": first.op == "D"},
        state="succeeded" if done else "neutral",
        technical=goes,
    )


def _row_data(change: ChangeRow) -> dict[str, Any]:
    """The row as it was, what changed in it, and whether it is gone."""
    return {"row": plain(change.now), "diff": _diff(change), "gone": change.op == "D"}


def _slim(row: Mapping[str, Any]) -> dict[str, Any]:
    """Only what is set: empty columns need no storing."""
    return {k: v for k, v in plain(row).items() if v not in (None, "", [], {})}


def _diff(change: ChangeRow) -> dict[str, list[Any]]:
    return plain_diff(change) if change.op == "U" else {}
