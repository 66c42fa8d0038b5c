"""How changes of a job read on its feed."""

from dataclasses import replace
from decimal import Decimal

from django.db.models import QuerySet

from accounts.models import Brand
from activity.describe import Sentence, render
from activity.models import Entry
from activity.projection import project_pending
from workorders.domain import jobs, notes, people, taxes
from workorders.domain.charges import (
    ChargeLine,
    replace_charges,
)
from workorders.domain.jobs import JobDetails
from workorders.domain.people import ContactLine
from workorders.models import ContactRole, WorkOrder, WorkOrderStatus


def taxed(amount: str, name: str = "Sales tax", percent: str = "8.25") -> ChargeLine:
    return ChargeLine("Inspection", Decimal(amount), tax_name=name, tax_percent=Decimal(percent))


def sentence(entry: Entry) -> Sentence:
    return render(entry.code, {"currency": "USD", **entry.data})


def visible_entries() -> QuerySet[Entry]:
    """Entries that people read: that an invoice has a draft at all is technical."""
    return Entry.objects.filter(technical=False).order_by("pk")


def headlines() -> list[str]:
    project_pending()
    return [sentence(entry).headline for entry in visible_entries()]


def test_the_timeline_names_taxes(brand: Brand, job: WorkOrder) -> None:
    project_pending()  # the booking, which would take the charges in
    (charge,) = replace_charges(brand, job.pk, [taxed("200.00")])
    project_pending()
    replace_charges(brand, job.pk, [replace(taxed("100.00"), id=charge.pk)])
    project_pending()
    replace_charges(brand, job.pk, [ChargeLine("Inspection", Decimal(100), id=charge.pk)])
    project_pending()
    rate = taxes.create_tax_rate(brand, name="Sales tax", percent=Decimal("8.25"))
    project_pending()
    taxes.edit_tax_rate(brand, rate.pk, name="Sales tax", percent=Decimal(9), is_active=False)

    *_, added, lowered, untaxed, new, edited = headlines()

    assert added == "Charges added: $200.00 plus tax $16.50"
    assert lowered == "Bill changed: $200.00 → $100.00, tax $16.50 → $8.25"
    assert untaxed == "Tax changed: $8.25 → $0.00"
    assert new == "Tax rate “Sales tax” added"
    assert edited == "Tax rate “Sales tax” changed"
    seconds = [sentence(entry).second for entry in visible_entries()][-5:]
    assert seconds[0] == "“Inspection” $200.00 (Tax: Sales tax 8.25%)."
    assert seconds[2].endswith("is now “Inspection” $100.00.")
    assert seconds[3:] == ["8.25%", "Percent: 8.25% → 9%; Active: yes → no"]


def test_a_job_reads_from_its_booking_to_its_end(brand: Brand, job: WorkOrder) -> None:
    project_pending()
    jobs.set_published(brand, job.pk, True)
    project_pending()
    jobs.set_published(brand, job.pk, False)
    project_pending()
    jobs.edit_details(brand, job.pk, JobDetails(address="2 Oak", inspector="Kim"))
    project_pending()
    jobs.set_status(brand, job.pk, WorkOrderStatus.CANCELLED, reason="Client called off")
    project_pending()
    jobs.set_status(brand, job.pk, WorkOrderStatus.PENDING, reason="Booked again")
    headlines()

    lines = [sentence(entry) for entry in visible_entries() if entry.kind == "job"]

    assert [line.headline for line in lines] == [
        "Job FHI624 booked",
        "Report published",
        "Report no longer published",
        "Job details changed",
        "Work order cancelled",
        "Work order back to pending",
    ]
    assert "Address: " in lines[3].second
    assert "→ 2 Oak" in lines[3].second
    assert lines[4].second.startswith("Reason: Client called off")
    assert lines[5].second.startswith("Reason: Booked again")


def test_people_and_notes_read_by_name(brand: Brand, job: WorkOrder) -> None:
    project_pending()
    agent = ContactLine("Kim Osei", ContactRole.BUYERS_AGENT, "kim@example.com", gets_invoices=True)
    people.replace_contacts(brand, job.pk, [agent])
    project_pending()
    people.replace_contacts(brand, job.pk, [])
    project_pending()
    notes.add_note(brand, job.pk, "Gate code 1234", author="Dana")
    headlines()

    entries = [e for e in visible_entries() if e.code in ("contact.changed", "note.changed")]
    lines = [(sentence(e).headline, sentence(e).second) for e in entries]

    assert lines == [
        ("Contact Kim Osei (buyer’s agent) added", "Gets invoices."),
        ("Contact Kim Osei (buyer’s agent) removed", "kim@example.com"),
        ("Internal note", "Gate code 1234"),
    ]
