"""Numbers of documents: an invoice has its job's, a credit note the brand's next one.

A credit note takes its number when it is issued, under the lock of the brand's settings row,
after the job's: no number is missing or used twice, however many issue at once.
"""

from django.db.models import Max

from accounts.models import Brand
from invoicing.models import BillingSettings, Invoice, InvoiceKind
from workorders.models import WorkOrder


def settings_of(brand: Brand) -> BillingSettings:
    """The brand's billing settings; the defaults are saved when they are first asked for."""
    found = BillingSettings.objects.filter(brand=brand).first()
    if found is None:
        BillingSettings.objects.bulk_create([BillingSettings(brand=brand)], ignore_conflicts=True)
        found = BillingSettings.objects.get(brand=brand)
    return found


def locked_settings(brand: Brand) -> BillingSettings:
    """The same, locked until the transaction ends. The work orders are locked before it."""
    settings_of(brand)
    return BillingSettings.objects.select_for_update().get(brand=brand)


def next_credit_note_number(brand: Brand) -> str:
    """``CM-000001`` and on; skips what an import brought."""
    settings = locked_settings(brand)
    number = ""
    while not number or Invoice.objects.filter(brand=brand, number=number).exists():
        digits = str(settings.next_credit_note).zfill(settings.credit_note_width)
        number = f"{settings.credit_note_prefix}{digits}"
        settings.next_credit_note += 1
    settings.save(update_fields=["next_credit_note"])
    return number


def next_sequence(job: WorkOrder, kind: InvoiceKind) -> int:
    """How-manieth document of its kind a new one of ``job`` is; the caller holds its lock."""
    rows = Invoice.objects.filter(work_order=job, kind=kind)
    highest: int | None = rows.aggregate(highest=Max("sequence"))["highest"]
    return (highest or 0) + 1


def invoice_number(job: WorkOrder, sequence: int) -> str:
    """``FHI624``, then ``FHI624-2``; a suffix that another job's number has already is skipped."""
    if sequence == 1 and "-" not in job.number:
        return job.number
    # A job may itself be called FHI624-2: whoever may meet the other waits here.
    locked_settings(job.brand)
    number, suffix = (job.number, 1) if sequence == 1 else (f"{job.number}-{sequence}", sequence)
    while Invoice.objects.filter(brand=job.brand, number=number).exists():
        suffix += 1
        number = f"{job.number}-{suffix}"
    return number
