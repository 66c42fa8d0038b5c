"""A cancelled job that is confirmed again: the page says what it comes to and what stays queued."""

from decimal import Decimal

import pytest
from django.test import Client as Browser
from django.urls import reverse

from invoicing.models import Invoice
from payments.cancelling.reviving import before_reviving
from payments.models import Refund
from payments.refunds.verbs import complete_refund
from tests.factories import MembershipFactory
from tests.html import one_line
from tests.payments.cancelled_jobs import (
    EVERYTHING,
    FEE,
    KEEP,
    NOTHING,
    cancel,
    charged,
    confirmed,
    fhi624,
    plan,
    settled,
)
from workorders.domain import hooks, jobs
from workorders.models import WorkOrder, WorkOrderStatus

D = Decimal
QUEUED = (
    "R-1, $211.14 to Visa •4242, stays queued: it still goes back. "
    "Call it off first if the client pays with it."
)
CONFIRMED, PENDING = WorkOrderStatus.CONFIRMED, WorkOrderStatus.PENDING


def again(job: WorkOrder, status: WorkOrderStatus = CONFIRMED) -> list[str]:
    job.refresh_from_db()
    return before_reviving(job, status)


def test_what_was_queued_stays_queued_and_is_named(job: WorkOrder) -> None:
    fhi624(job)
    cancel(job, plan(FEE))

    assert again(job) == [
        "Its balance stays $0.00 (paid).",
        "$129.38 billed, $340.52 received, $211.14 refunded or on its way back.",
        QUEUED,
    ]


def test_a_refund_that_is_done_is_only_in_the_figures(job: WorkOrder) -> None:
    fhi624(job)
    cancel(job, plan(FEE))
    complete_refund(Refund.objects.get(), reference="re_1")

    assert len(again(job)) == 2


def test_charges_that_were_taken_off_do_not_come_back(job: WorkOrder) -> None:
    confirmed(job, "329.00")
    cancel(job, plan(NOTHING))

    assert again(job) == [
        "It has no charges: cancelling took them off. Add them again afterwards.",
        "Its balance stays $0.00 (nothing due).",
    ]


def test_a_job_cancelled_before_anybody_confirmed_it_is_billed_by_confirming(
    job: WorkOrder,
) -> None:
    charged(job, "329.00")
    jobs.set_status(job.brand, job.pk, WorkOrderStatus.CANCELLED, reason="Booked twice")

    said = again(job)
    as_pending = again(job, PENDING)
    jobs.set_status(job.brand, job.pk, CONFIRMED, reason="After all")

    assert said == ["Its balance is $329.00 (not issued) now, and $329.00 (due) then."]
    assert as_pending == ["Its balance stays $329.00 (not issued)."]
    assert (settled(job).balance, settled(job).word) == (D("329.00"), "Due")


def test_only_a_cancelled_job_is_revived(job: WorkOrder) -> None:
    charged(job, "329.00")

    assert hooks.reviving_says(job, CONFIRMED) == []


@pytest.mark.parametrize("status", ["confirmed", "pending"])
def test_the_page_says_it_before(status: str, job: WorkOrder) -> None:
    fhi624(job)
    cancel(job, plan(FEE))
    csr = Browser()
    csr.force_login(MembershipFactory(brand=job.brand).user)
    url = reverse("work_order_status", args=["fhi", "FHI624", status])

    shown = one_line(csr.get(url).content.decode())
    csr.post(url, {"reason": "The client comes after all"})

    assert "R-1, $211.14 to Visa •4242, stays queued" in shown
    job.refresh_from_db()
    assert job.status == status
    assert Refund.objects.get().status == "queued"


# Cancelled before anybody confirmed it -----------------------------------------------------------


def test_cancelling_a_pending_job_bills_nothing_by_itself(job: WorkOrder) -> None:
    charged(job, "329.00")

    jobs.set_status(job.brand, job.pk, WorkOrderStatus.CANCELLED, reason="Booked twice")

    assert Invoice.objects.get().status == "draft"
    assert settled(job).word == "Not issued"


def test_staying_billed_is_somebodys_choice(job: WorkOrder) -> None:
    charged(job, "329.00")

    cancel(job, plan(EVERYTHING, KEEP))

    assert Invoice.objects.get().status == "issued"
    assert (settled(job).balance, settled(job).word) == (D("329.00"), "Due")
