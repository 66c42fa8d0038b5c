"""Numbers of documents: an invoice has its job's, a credit note the brand's next one.

A credit note takes its number when it is issued, under the lock of the brand's settings row,
after the job's: no number is missing or used twice, however many issue at once.
"""

from django.db.models import Max

from accounts.models import Brand
from invoicing.models import BillingSettings, Invoice, InvoiceKind
from workorders.models import WorkOrder


def settings_of(brand: Brand) -> BillingSettings:
    """The brand's billing settings; where none were ever saved, the defaults, not saved either."""
    return BillingSettings.objects.filter(brand=brand).first() or BillingSettings(brand=brand)


def locked_settings(brand: Brand) -> BillingSettings:
    """The row of the brand's settings, made if need be, locked until the transaction ends.

    The work orders are locked before it.
    """
    rows = BillingSettings.objects.select_for_update(no_key=True).filter(brand=brand)
    row = rows.first()
    if row is None:
        # Two may come here at once: the second waits for the first, and finds its row.
        BillingSettings.objects.bulk_create([BillingSettings(brand=brand)], ignore_conflicts=True)
        row = rows.get()
    return row


def take_credit_note_number(brand: Brand) -> str:
    """Take the brand's next number, ``CM-000001`` and on; no other note gets it.

    Skips what an import brought, and what a job is called.
    """
    settings = locked_settings(brand)
    number = ""
    while not number or _is_taken(brand, number):
        number = credit_note_number(settings)
        settings.next_credit_note += 1
    settings.save(update_fields=["next_credit_note"])
    return number


def credit_note_number(settings: BillingSettings) -> str:
    """How the next credit note would be called."""
    digits = str(settings.next_credit_note).zfill(settings.credit_note_width)
    return f"{settings.credit_note_prefix}{digits}"


def next_sequence(job: WorkOrder, kind: InvoiceKind) -> int:
    """How-manieth document of its kind a new one of ``job`` is; the caller holds its lock."""
    rows = Invoice.objects.filter(work_order=job, kind=kind)
    highest: int | None = rows.aggregate(highest=Max("sequence"))["highest"]
    return (highest or 0) + 1


def invoice_number(job: WorkOrder, sequence: int, settings: BillingSettings) -> str:
    """``FHI624``, then ``FHI624-2``; what another job or document is called is skipped."""
    number, suffix = (job.number, 1) if sequence == 1 else (f"{job.number}-{sequence}", sequence)
    # A job may itself be called FHI624-2, a credit note FHI700: who may meet another waits here.
    if "-" in number or number.startswith(settings.credit_note_prefix):
        locked_settings(job.brand)
    while _is_taken(job.brand, number, but=job):
        suffix += 1
        number = f"{job.number}-{suffix}"
    return number


def _is_taken(brand: Brand, number: str, but: WorkOrder | None = None) -> bool:
    """Whether a document has this number, or a job other than ``but`` is called so."""
    if Invoice.objects.filter(brand=brand, number=number).exists():
        return True
    jobs = WorkOrder.objects.filter(brand=brand, number__iexact=number)
    if but is not None:
        jobs = jobs.exclude(pk=but.pk)
    return jobs.exists()
