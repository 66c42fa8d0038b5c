"""What an audit proves of each job. Pure over a ``Batch``: it reads nothing but what that reads."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Model

from audit.batch import Batch
from audit.findings import Finding, Value
from core.money import ZERO, quantize
from invoicing.domain import rollup
from invoicing.domain.allocate import Legs
from invoicing.domain.money import Money
from invoicing.domain.reprint import differing, print_of
from invoicing.domain.requote import quote_on
from invoicing.models import Fulfilment, InvoiceLine, InvoiceStatus, LedgerEntry, MoneyInFlight
from invoicing.queries.printed import as_printed
from invoicing.queries.settlements import Document, line_of_charge
from invoicing.settlement.types import EntryKind, ItemStatus
from payments.domain.post import money_of
from workorders.models import Charge, WorkOrder

NOT_RECOMPUTED = "The rollup was written by something else, or a verb did not recompute it."
NO_REVISION = "The charges were changed without a revision of the bill."
NOT_POSTED = "The payment changed without its ledger being posted, or the ledger was written to."
NO_SOURCE = "Its source is gone or never was: the ledger was written to, or rows were deleted."
NEVER_SETTLED = "The job was never settled; “manage.py backfill_jobs” does that."


class Checks:
    """All checks of one job of a batch."""

    def __init__(self, batch: Batch, job: WorkOrder) -> None:
        self.batch = batch
        self.job = job
        self.answer = batch.answers[job.pk]
        self.charges = batch.charges.get(job.pk, [])

    def all(self) -> Iterator[Finding]:
        """Everything that is wrong with the job; of a job never settled, only that."""
        is_known = self.job.pk in self.batch.job_balances
        if not is_known and not self.answer.documents:
            if self.charges or self.job.pk in self.batch.allocations:
                yield self._finding(
                    "job_balance", "balance of the job", NEVER_SETTLED, None, "settled"
                )
            return
        yield from self._rollups()
        yield from self._bills()
        yield from self._revisions()
        yield from self._money()
        yield from self._sources()

    def _finding(
        self, kind: str, what: str, cause: str, actual: Value = None, expected: Value = None
    ) -> Finding:
        brand = self.batch.brand
        return Finding(
            kind,
            brand.slug,
            self.job.number,
            what,
            cause,
            _exact(actual, brand.currency),
            _exact(expected, brand.currency),
            currency=brand.currency,
        )

    # Rollups -------------------------------------------------------------------------------------

    def _rollups(self) -> Iterator[Finding]:
        batch = self.batch
        figures = rollup.job_figures_of(self.answer)
        row = batch.job_balances.get(self.job.pk)
        yield from self._compared("job_balance", "the job", row, figures)
        for document in self.answer.documents:
            values = rollup.figures_of(document.settlement)
            saved = batch.invoice_balances.get(document.invoice.pk)
            yield from self._compared("invoice_balance", document.invoice.number, saved, values)
        for charge in self.charges:
            values = rollup.item_values(self.answer, [charge])[charge.pk]
            item = batch.items.get(charge.pk)
            what = f"item “{charge.description}”"
            yield from self._compared("item", what, item, values)
            if item is not None and rollup.can_be_ordered(charge):
                status, reached = ItemStatus(values["status"]), Fulfilment(item.fulfilment)
                should = rollup.forward(reached, status)
                if should != reached:
                    yield self._finding(
                        "item", f"fulfilment of {what}", NOT_RECOMPUTED, reached.value, should.value
                    )

    def _compared(
        self, kind: str, what: str, row: Model | None, values: Mapping[str, Any]
    ) -> Iterator[Finding]:
        if row is None:
            yield self._finding(kind, f"rollup of {what}", NOT_RECOMPUTED, None, "there")
            return
        for name, should in values.items():
            actual = getattr(row, name)
            if actual != should:
                label = f"{name.removesuffix('_id').replace('_', ' ')} of {what}"
                yield self._finding(kind, label, NOT_RECOMPUTED, _plain(actual), _plain(should))

    # Documents -----------------------------------------------------------------------------------

    def _bills(self) -> Iterator[Finding]:
        """An issued invoice says what its charges say; every charge is on some document."""
        by_id = {charge.pk: charge for charge in self.charges}
        known: set[int] = set()
        for document in self.answer.documents:
            lines = [row for row in document.lines if isinstance(row, InvoiceLine)]
            known |= {row.charge_id for row in lines if row.charge_id is not None}
            if document.invoice.status == InvoiceStatus.ISSUED:
                yield from self._bill(document, lines, by_id)
        for charge in self.charges:
            if charge.pk not in known:
                what = f"charge “{charge.description}” is on no bill and in no draft"
                yield self._finding("bill", what, NO_REVISION, ZERO, charge.amount)

    def _bill(
        self, document: Document, lines: Sequence[InvoiceLine], by_id: Mapping[int, Charge]
    ) -> Iterator[Finding]:
        for line in lines:
            if line.charge_id is None:  # an older system’s line bills no charge of ours
                continue
            what = f"line “{line.description}” of {document.invoice.number}"
            charge = by_id.get(line.charge_id)
            if charge is None:
                yield self._finding(
                    "bill", f"{what} bills a charge that is gone", NO_REVISION, _sum(line), ZERO
                )
                continue
            now = line_of_charge(charge, document.invoice.currency)
            if _sum(now) != _sum(line):
                yield self._finding("bill", what, NO_REVISION, _sum(line), _sum(now))
            elif _description(now) != _description(line):
                yield self._finding(
                    "bill", what, NO_REVISION, _description(line), _description(now)
                )

    def _revisions(self) -> Iterator[Finding]:
        cause = "A revision or one of its lines was written to; neither ever changes."
        for row in self.batch.revisions.get(self.job.pk, []):
            what = f"revision {row.number} of {row.invoice.number}"
            for name, sum_ in (("services_total", "amounts"), ("tax_total", "taxes")):
                actual, should = getattr(row, name), getattr(row, sum_) or ZERO
                if actual != should:
                    label = f"{name.replace('_', ' ')} of {what}"
                    yield self._finding("revision", label, cause, actual, should)

    # Money ---------------------------------------------------------------------------------------

    def _money(self) -> Iterator[Finding]:
        """Each payment has on the ledger and in flight what it should have there."""
        rows = self.batch.allocations.get(self.job.pk, [])
        monies = {money.key: money for money in (money_of(row.payment, row) for row in rows)}
        posted = self._posted()
        flying = self._flying()
        for key in {**monies, **dict.fromkeys(posted), **dict.fromkeys(flying)}:
            money = monies.get(key)
            label = f"payment {money.printed.label}" if money else key
            ledger, flights = _desired(money)
            pairs = (("ledger", ledger, posted), ("in_flight", flights, flying))
            for kind, should, there in pairs:
                yield from self._legs(kind, key, label, should, there.get(key, {}))
            if money is not None:
                yield from self._quote(money)
                yield from self._print(money)

    def _legs(
        self,
        kind: str,
        key: str,
        label: str,
        should: Mapping[str, Legs],
        there: Mapping[str, Legs],
    ) -> Iterator[Finding]:
        place = "on the ledger" if kind == "ledger" else "under way"
        for source in {**should, **there}:
            wanted, actual = should.get(source, Legs()), there.get(source, Legs())
            for leg in ("services", "fee"):
                pair = getattr(actual, leg), getattr(wanted, leg)
                if pair[0] != pair[1]:
                    name = "" if source == key else f" ({source})"
                    what = f"{leg} of {label}{name} {place}"
                    yield self._finding(kind, what, NOT_POSTED, *pair)

    def _quote(self, money: Money) -> Iterator[Finding]:
        """The fee that a payment should have brought is the one printed on the ledger."""
        rows = self._entries_of(money.key)
        quoted = quote_on(rows, self.batch.brand.currency)
        if self._posted().get(money.key, {}).get(money.key) and quoted != money.fee_expected:
            what = f"expected fee of payment {money.printed.label} on the ledger"
            yield self._finding("ledger", what, NOT_POSTED, quoted, money.fee_expected)

    def _print(self, money: Money) -> Iterator[Finding]:
        """Every line that readers see prints what its payment says (law 15)."""
        rows = as_printed(self.batch.entries.get(self.job.pk, []))
        held = self._posted().get(money.key, {})
        for piece in money.posted_pieces:
            mine = [row for row in rows if row.source == piece.source]
            forward = [row for row in mine if not EntryKind(row.kind).is_reversal]
            if not held.get(piece.source, Legs()).positive():
                continue  # it was taken back whole: readers see what happened then
            for row in forward:
                for name in differing(row, money, piece):
                    what = f"{name.replace('_', ' ')} of {piece.label} on the ledger"
                    wanted = print_of(money, piece)[name]
                    pair = f"{getattr(row, name)}", f"{wanted}"
                    yield self._finding("print", what, NOT_POSTED, *pair)

    def _entries_of(self, key: str) -> list[LedgerEntry]:
        """What a payment itself brought, and what was taken back of it; not its refunds."""
        return [row for row in self.batch.entries.get(self.job.pk, []) if row.source == key]

    def _posted(self) -> dict[str, dict[str, Legs]]:
        """Payment → source → what is posted on the ledger, reversals taken off."""
        by_payment: dict[str, dict[str, Legs]] = {}
        for row in self.batch.entries.get(self.job.pk, []):
            if row.payment:
                legs = Legs(row.services_amount, row.fee_amount)
                held = by_payment.setdefault(row.payment, {})
                legs = -legs if EntryKind(row.kind).is_reversal else legs
                held[row.source] = held.get(row.source, Legs()) + legs
        return by_payment

    def _flying(self) -> dict[str, dict[str, Legs]]:
        by_payment: dict[str, dict[str, Legs]] = {}
        for row in self.batch.flights.get(self.job.pk, []):
            held = by_payment.setdefault(row.payment, {})
            legs = Legs(row.services_amount, row.fee_amount)
            held[row.source] = held.get(row.source, Legs()) + legs
        return by_payment

    def _sources(self) -> Iterator[Finding]:
        """Nothing on the ledger comes from a payment, refund or credit that does not exist."""
        named = set()
        rows: list[LedgerEntry | MoneyInFlight] = [
            *self.batch.entries.get(self.job.pk, []),
            *self.batch.flights.get(self.job.pk, []),
        ]
        for row in rows:
            if row.source in self.batch.sources or row.source in named:
                continue
            named.add(row.source)
            what = f"“{row.label}” on the ledger comes from {row.source}"
            amount = row.services_amount + row.fee_amount
            yield self._finding("source", what, NO_SOURCE, amount, None)


def _desired(money: Money | None) -> tuple[dict[str, Legs], dict[str, Legs]]:
    """What should be posted on the ledger, and what should be under way, by source."""
    pieces = money.pieces if money else ()
    ledger = {p.source: Legs(p.services, p.fee) for p in pieces if not p.in_flight}
    flights = {p.source: Legs(p.services, p.fee).positive() for p in pieces if p.in_flight}
    return ledger, flights


def _sum(line: InvoiceLine) -> Decimal:
    return line.amount + line.tax_amount


def _description(line: InvoiceLine) -> str:
    return f"{line.description} ({line.service_type}, tax {line.tax_name} {line.tax_percent:f})"


def _exact(value: Value, currency: str) -> Value:
    return quantize(value, currency) if isinstance(value, Decimal) else value


def _plain(value: object) -> Value:
    return value if isinstance(value, Decimal) else str(value)
