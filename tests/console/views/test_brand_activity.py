"""What happened in the whole brand, on one flat feed."""

import pytest
from django.test import Client as Browser
from django.urls import reverse

from accounts.models import Brand
from activity.models import Entry
from activity.projection import project_pending
from tests.factories import ClientFactory, NoteFactory, WorkOrderFactory


def test_the_brands_activity_names_the_job_of_each_row(csr: Browser, brand: Brand) -> None:
    job = WorkOrderFactory(brand=brand, number="FHI624")
    NoteFactory(work_order=job, text="Gate code 77")
    WorkOrderFactory(number="RIA1")
    project_pending()

    page = csr.get("/b/fhi/activity/")

    shown = {item.job_number for _, day in page.context["days"] for item in day}
    assert "FHI624" in shown
    assert "Gate code 77" in page.content.decode()
    assert "RIA1" not in page.content.decode()
    notes = csr.get("/b/fhi/activity/", {"show": "notes"}).context["days"]
    assert [item.row.second for _, day in notes for item in day] == ["Gate code 77"]


def test_a_deep_link_starts_the_page_with_its_entry(csr: Browser, brand: Brand) -> None:
    for name in ("Ann", "Ben", "Cleo"):
        ClientFactory(brand=brand, name=name)
    project_pending()
    ben = Entry.objects.get(data__name="Ben")

    answer = csr.get(reverse("entry", args=["fhi", ben.pk]), follow=True)

    rows = [item.row for _, day in answer.context["days"] for item in day]
    assert rows[0].id == ben.pk


@pytest.mark.parametrize("entry", ["x", "²", "-1", "9" * 30, "999999999"])
def test_a_deep_link_to_nothing_is_the_first_page(csr: Browser, brand: Brand, entry: str) -> None:
    ClientFactory(brand=brand, name="Ann")
    project_pending()

    page = csr.get(reverse("brand_activity", args=["fhi"]), {"entry": entry})

    assert [item.row.id for _, day in page.context["days"] for item in day]
