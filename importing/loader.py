"""Imports a whole file, each line in a transaction of its own, and reports on every line."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from accounts.models import Brand
from core import clock
from core.money import currency_fault
from importing.checks.cards import MASKED, mask_line
from importing.checks.line import BadLine, Problem, decode, validate
from importing.documents.read import read_documents
from importing.documents.shape import ParsedDocuments
from importing.errors import FAULTS, Refused, reason_of
from importing.format.job import Job
from importing.history.base import History, job_histories, steps
from importing.history.documents import document_histories
from importing.history.money import money_histories
from importing.legacy.figures import Disagreement, disagreements
from importing.models import ImportedJob
from importing.policies import import_policies, is_about_fees
from importing.proof.check import differences
from importing.remarks import Remark, remarks
from importing.writers.job import Catalogue, JobWriter
from importing.writers.money import MONEY_TABLES
from invoicing.models import Invoice
from workorders.domain.locks import lock_work_orders
from workorders.domain.numbers import catch_up
from workorders.models import WorkOrder
from workorders.queries import is_numbered

# Rows that no later line removes by leaving them out: money and documents.
NEVER_REMOVED = ("payment", "attempt", "refund", "dispute", "order", "invoice", "credit", "applied")


@dataclass
class Report:
    """How many lines were imported, and why the others were rejected."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    problems: list[Problem] = field(default_factory=list)
    # Older figures that differ from the settlement; no line is rejected for them.
    disagreements: list[Disagreement] = field(default_factory=list)
    # Card numbers of which only the last four digits were imported.
    masked: list[Problem] = field(default_factory=list)
    # What was taken as it came, although we would have it otherwise.
    remarks: list[Remark] = field(default_factory=list)
    # Lines that brought a fee of the past which was not here.
    policies: int = 0
    dry_run: bool = False

    def as_dict(self) -> dict[str, Any]:
        """The report as plain values for ``--json``; amounts are strings."""
        differences = [
            {**asdict(d), "legacy": _plain(d.legacy), "ours": _plain(d.ours), "text": str(d)}
            for d in self.disagreements
        ]
        return {**asdict(self), "disagreements": differences, "disagreeing": len(differences)}


def _plain(value: Decimal | bool) -> str | bool:
    return value if isinstance(value, bool) else f"{value:f}"


class _DryRun(Exception):
    """Rolls the transaction of a dry run back."""


Progress = Callable[[int, Report], None]


def load(
    lines: Iterable[bytes],
    *,
    brand_slug: str | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Import JSON Lines and report on them. Of a bad line nothing is written.

    ``dry_run`` does everything, then rolls it back. ``brand_slug`` is the brand of lines
    that name none; lines of other brands are rejected then.
    """
    report = Report(dry_run=dry_run)
    try:
        if not dry_run:
            _load(lines, brand_slug, report, progress)
            return report
        with transaction.atomic():
            _load(lines, brand_slug, report, progress)
            raise _DryRun
    except _DryRun:
        return report


def _load(
    lines: Iterable[bytes], brand_slug: str | None, report: Report, progress: Progress | None
) -> None:
    brands = {brand.slug: brand for brand in Brand.objects.all()}
    catalogue: Catalogue = {}
    seen: dict[tuple[int, str], int] = {}
    for number, raw in enumerate(lines, start=1):
        if raw.strip():
            _line(number, raw, brand_slug, brands, catalogue, seen, report)
            if progress is not None:
                progress(number, report)
    if report.created and not report.dry_run:
        # Last, because bookings of a brand wait for whoever has moved its counter.
        for brand in brands.values():
            catch_up(brand)


def _line(
    number: int,
    raw: bytes,
    brand_slug: str | None,
    brands: dict[str, Brand],
    catalogue: Catalogue,
    seen: dict[tuple[int, str], int],
    report: Report,
) -> None:
    try:
        data, cards = mask_line(decode(raw))
        brand = _brand(data, brand_slug, brands)
        if fault := currency_fault(brand.currency):
            raise Refused("brand", fault)
        if is_about_fees(data):
            report.policies += import_policies(brand, data)
            return
        _first_of(number, brand, data, seen)
        job = validate(data, brand.currency)
        with transaction.atomic():
            outcome = import_job(brand, job, catalogue)
            # Check deferred constraints here, where a failure rejects this line alone.
            connection.check_constraints()
        report.disagreements += _disagreements(brand, job)
    except BadLine as error:
        wrong = error.wrong
    except Refused as error:
        wrong = [error]
    except FAULTS as error:
        wrong = [Refused("", reason_of(error))]
    else:
        setattr(report, outcome, getattr(report, outcome) + 1)
        report.masked += [Problem(number, card.path, MASKED) for card in cards]
        report.remarks += [Remark(number, *one) for one in remarks(job, brand.currency)]
        return
    catalogue.clear()  # services that this line added went with it
    report.rejected += 1
    report.problems += [Problem(number, w.path, w.reason) for w in wrong]


def _disagreements(brand: Brand, job: Job) -> list[Disagreement]:
    """The older figures of a line that differ from the settlement now."""
    if job.legacy is None and all(invoice.legacy is None for invoice in job.invoices):
        return []
    mine = WorkOrder.objects.filter(brand=brand, number=job.number).values_list("pk", flat=True)
    return disagreements(brand, list(mine))


def _first_of(
    number: int, brand: Brand, data: dict[str, Any], seen: dict[tuple[int, str], int]
) -> None:
    """Raise Refused for a job that an earlier line of the file has: which one would count?"""
    name = data.get("number")
    if isinstance(name, str):
        first = seen.setdefault((brand.pk, name.lower()), number)
        if first != number:
            raise Refused("number", f"{name} is on line {first} of this file already")


def _brand(data: dict[str, Any], brand_slug: str | None, brands: dict[str, Brand]) -> Brand:
    slug = data.get("brand", brand_slug)
    if not isinstance(slug, str):
        raise Refused("brand", "missing (or name one with --brand)")
    if brand_slug is not None and slug != brand_slug:
        raise Refused("brand", f"“{slug}”, but this import is for “{brand_slug}”")
    if slug not in brands:
        raise Refused("brand", f"there is no brand “{slug}”; create it first")
    return brands[slug]


def import_job(brand: Brand, job: Job, catalogue: Catalogue | None = None) -> str:
    """Import one job: ``created``, ``updated`` or ``unchanged``. Call inside a transaction.

    ``catalogue`` remembers services from line to line; forget it when the transaction fails.
    Raises Refused with the path of what cannot be imported, BadLine where the ledger does not
    come to what the line says (``importing.proof``).
    """
    work_order = _existing(brand, job)
    memory = None
    if work_order is not None:
        memory = ImportedJob.objects.filter(work_order=work_order).first()
        if memory is None:
            raise Refused("number", f"{job.number} is here already and did not come by import")
    parsed = read_documents(job, brand.currency)
    new = _histories(job, brand, parsed)
    old = _histories(_remembered(memory, brand), brand) if memory else []
    _refuse_missing(new, old)
    # Money is allocated to the invoices as they ended, as they do not follow the job.
    last = (MONEY_TABLES | {"event"}) if parsed.has_invoices else frozenset()
    pending = steps(new, old, clock.now(), last=last)
    writer = JobWriter(brand, job, parsed, work_order, {} if catalogue is None else catalogue)
    writer.write_all(pending)
    _prove(brand, writer.job, job, is_new=work_order is None)
    line = job.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if memory is None:
        ImportedJob.objects.create(brand=brand, work_order=writer.job, line=line)
        return "created"
    if pending:
        memory.line = line
        memory.save()
    return "updated" if pending else "unchanged"


def _prove(brand: Brand, work_order: WorkOrder, job: Job, *, is_new: bool) -> None:
    """Raise BadLine unless the ledger holds of each payment what the line says."""
    wrong = [
        Refused(d.reported.path, d.reason(brand.currency))
        for d in differences(brand, {work_order.pk: job}, is_new=is_new)
    ]
    if wrong:
        raise BadLine(wrong)


def _existing(brand: Brand, job: Job) -> WorkOrder | None:
    """The job, if it exists; locked, like every job that its payments or credits pay."""
    shared = {share.work_order for payment in job.payments for share in payment.shares}
    named = {a.invoice for credit in job.credits for a in credit.applied}
    billed = Invoice.objects.filter(is_numbered(*named), brand=brand).values("work_order_id")
    wanted = is_numbered(job.number, *shared)
    if named:
        wanted |= Q(pk__in=billed)
    rows = WorkOrder.objects.filter(wanted, brand=brand).values_list("pk", flat=True)
    locked = lock_work_orders(brand, rows)
    same = [w for w in locked.values() if w.number.lower() == job.number.lower()]
    if same and same[0].number != job.number:
        raise Refused("number", f"{same[0].number} is here already")
    return same[0] if same else None


def _histories(job: Job, brand: Brand, parsed: ParsedDocuments | None = None) -> list[History]:
    parsed = parsed or read_documents(job, brand.currency)
    return [
        *job_histories(job, parsed.charges),
        *document_histories(job, parsed),
        *money_histories(job, brand.currency),
    ]


def _remembered(memory: ImportedJob, brand: Brand) -> Job:
    return Job.model_validate(memory.line, context={"currency": brand.currency})


def _refuse_missing(new: list[History], old: list[History]) -> None:
    present = {history.name for history in new}
    for history in old:
        if history.table in NEVER_REMOVED and history.name not in present:
            raise Refused(
                history.path or "payments",
                f"{history.table} {history.key} was imported before and is missing now: money is "
                "never deleted by an import; give it a step that voids it",
            )
