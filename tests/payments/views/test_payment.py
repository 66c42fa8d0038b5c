"""The pages of payments, as a CSR and a billing clerk use them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client as Browser
from django.urls import reverse

from accounts.models import Brand, Role
from core import clock
from core.secrets import unseal
from payments.models import Payment, PaymentException, ProviderAccount
from tests.console.settled_jobs import settle
from tests.factories import ChargeFactory, MembershipFactory, PaymentFactory, WorkOrderFactory
from tests.payments.conftest import Tell, incoming
from workorders.models import WorkOrder

D = Decimal
SignIn = Callable[[Role], Browser]


@pytest.fixture
def sign_in(brand: Brand) -> SignIn:
    def _sign_in(role: Role = Role.CSR) -> Browser:
        browser = Browser()
        browser.force_login(MembershipFactory(brand=brand, role=role).user)
        return browser

    return _sign_in


def today() -> str:
    return (clock.now() - timedelta(days=1)).date().isoformat()


def test_a_check_is_recorded_for_what_is_open(sign_in: SignIn, job: WorkOrder) -> None:
    ChargeFactory(work_order=job, amount=D("329.00"))
    settle(job, issue=False)
    url = reverse("payment_record", args=["fhi", "FHI624"])
    browser = sign_in(Role.CSR)

    page = browser.get(url).content.decode()
    response = browser.post(
        url,
        {"method": "check", "amount": "329.00", "reference": "1234", "happened_on": today()},
    )

    payment = Payment.objects.get()
    assert 'value="329.00"' in page
    assert response["Location"] == reverse("work_order", args=["fhi", "FHI624"])
    assert (payment.amount, payment.status, payment.reference) == (D("329.00"), "pending", "1234")


def test_a_check_without_its_number_is_asked_for_it(sign_in: SignIn, job: WorkOrder) -> None:
    url = reverse("payment_record", args=["fhi", "FHI624"])

    page = sign_in(Role.CSR).post(
        url, {"method": "check", "amount": "329.00", "happened_on": today()}
    )

    assert page.status_code == 200
    assert page.context["form"].errors == {"reference": ["Enter the check number."]}
    assert not Payment.objects.exists()


def test_one_check_over_three_jobs(sign_in: SignIn, brand: Brand) -> None:
    jobs = [WorkOrderFactory(brand=brand) for _ in range(3)]
    for job in jobs:
        ChargeFactory(work_order=job, amount=D("300.00"))
        settle(job, issue=False)
    form = {"method": "check", "total": "900.00", "reference": "1234", "happened_on": today()}
    form |= {"jobs-TOTAL_FORMS": "5", "jobs-INITIAL_FORMS": "0"}
    for number, job in enumerate(jobs):
        form |= {f"jobs-{number}-work_order": job.number, f"jobs-{number}-amount": "300.00"}
    browser = sign_in(Role.CSR)

    response = browser.post(reverse("payment_record_many", args=["fhi"]), form)

    payment = Payment.objects.get()
    full = f"{jobs[0].number}-P-1"
    label = f"{full} · Check 1234 · $900.00 over 3 jobs"
    assert response["Location"] == reverse("payment", args=["fhi", full])
    assert (payment.amount, payment.work_order) == (D("900.00"), jobs[0])
    assert set(payment.allocations.values_list("work_order_id", "amount", "payment_label")) == {
        (job.pk, D("300.000"), label) for job in jobs
    }
    assert browser.get(response["Location"]).status_code == 200


def test_shares_that_do_not_come_to_the_check_are_refused(sign_in: SignIn, job: WorkOrder) -> None:
    form = {"method": "check", "total": "900.00", "reference": "1234", "happened_on": today()}
    form |= {"jobs-TOTAL_FORMS": "2", "jobs-INITIAL_FORMS": "0"}
    form |= {"jobs-0-work_order": "fhi624", "jobs-0-amount": "899.99"}

    page = sign_in(Role.CSR).post(reverse("payment_record_many", args=["fhi"]), form)

    assert page.context["form"].errors["total"] == [
        "The jobs’ amounts come to $899.99, not to $900.00."
    ]
    assert not Payment.objects.exists()


@pytest.mark.parametrize(
    ("verb", "form", "status"),
    [
        ("confirm", {"confirmed_on": "2026-03-03"}, "completed"),
        (
            "correct",
            {"reference": "1235", "happened_on": "2026-03-01", "reason": "typo"},
            "pending",
        ),
        ("void", {"reason": "Bounced"}, "voided"),
        ("note", {"note": "In the mail", "follow_up_on": "2026-04-01"}, "pending"),
    ],
)
def test_a_csr_confirms_corrects_voids_and_notes(
    verb: str, form: dict[str, str], status: str, sign_in: SignIn, job: WorkOrder
) -> None:
    sent = datetime(2026, 3, 2, 16, tzinfo=UTC)
    payment = PaymentFactory(work_order=job, status="pending", reference="1234", happened_at=sent)
    browser = sign_in(Role.CSR)
    url = reverse(f"payment_{verb}", args=["fhi", "FHI624-P-1"])
    form |= {f"amount_{job.pk}": "300.00"} if verb == "correct" else {}

    page = browser.get(url)
    response = browser.post(url, form)

    payment.refresh_from_db()
    assert page.status_code == 200
    assert response["Location"] == reverse("payment", args=["fhi", "FHI624-P-1"])
    assert payment.status == status


def test_the_button_says_how_much_is_voided(sign_in: SignIn, job: WorkOrder) -> None:
    PaymentFactory(work_order=job, amount=D("900.00"))

    page = sign_in(Role.CSR).get(reverse("payment_void", args=["fhi", "FHI624-P-1"]))

    assert "Void $900.00" in page.content.decode()


def test_a_providers_payment_says_why_it_cannot_be_voided(
    sign_in: SignIn, tell: Tell, job: WorkOrder
) -> None:
    tell(incoming("captured", 1, "340.52", method="card"))
    browser = sign_in(Role.CSR)

    page = browser.get(reverse("payment", args=["fhi", "FHI624-P-1"])).content.decode()
    void = browser.post(reverse("payment_void", args=["fhi", "FHI624-P-1"]), {"reason": "no"})

    assert "Guardian moves this money" in page
    assert "Guardian moves this money" in void.content.decode()
    assert Payment.objects.get().status == "completed"


def test_reconciling_is_for_billing(sign_in: SignIn, job: WorkOrder) -> None:
    payment = PaymentFactory(work_order=job)
    url = reverse("payment_reconcile", args=["fhi", "FHI624-P-1"])

    assert sign_in(Role.CSR).get(url).status_code == 403
    sign_in(Role.BILLING).post(url, {"note": "Statement of 3 March"})

    payment.refresh_from_db()
    assert payment.reconciled_note == "Statement of 3 March"


def test_billing_attaches_an_unmatched_order(sign_in: SignIn, tell: Tell, job: WorkOrder) -> None:
    tell(incoming("funded", 1, "329.00", work_order="FHI9"), provider="flexfund")
    exception = PaymentException.objects.get()
    browser = sign_in(Role.BILLING)
    url = reverse("exception", args=["fhi", exception.pk])

    inbox = browser.get(reverse("exceptions", args=["fhi"])).content.decode()
    wrong = browser.post(url, {"do": "attach", "work_order": "FHI0"})
    right = browser.post(url, {"do": "attach", "work_order": "fhi624"})

    exception.refresh_from_db()
    assert exception.summary in inbox
    assert wrong.context["attach"].errors["work_order"]
    assert right.status_code == 302
    assert exception.resolved_at is not None
    assert Payment.objects.get().work_order == job
    assert browser.get(url).status_code == 200


def test_billing_resolves_with_a_note(sign_in: SignIn, tell: Tell, job: WorkOrder) -> None:
    tell(incoming("funded", 1, "329.00", work_order="FHI9"), provider="flexfund")
    exception = PaymentException.objects.get()
    browser = sign_in(Role.BILLING)

    browser.post(
        reverse("exception", args=["fhi", exception.pk]), {"do": "resolve", "note": "Test"}
    )

    exception.refresh_from_db()
    assert exception.resolution == "Test"
    assert (
        "Test"
        in browser.get(reverse("exceptions", args=["fhi"]) + "?show=resolved").content.decode()
    )


def test_an_admin_sets_the_secret_and_never_sees_it_again(sign_in: SignIn, brand: Brand) -> None:
    browser = sign_in(Role.ADMIN)
    url = reverse("provider_settings", args=["fhi"])

    browser.post(url, {"provider": "flexfund", "secret": "a-very-secret-word"})

    account = ProviderAccount.objects.get()
    page = browser.get(url).content.decode()
    assert unseal(account.webhook_secret) == "a-very-secret-word"
    assert "a-very-secret-word" not in page
    assert "/webhooks/pac/flexfund/fhi/" in page
    assert sign_in(Role.BILLING).get(url).status_code == 403


@pytest.mark.parametrize("number", ["FHI624-P-9", "FHI624", "nonsense", "FHI624-P-²"])
def test_an_unknown_payment_answers_404(number: str, sign_in: SignIn, job: WorkOrder) -> None:
    assert sign_in(Role.CSR).get(reverse("payment", args=["fhi", number])).status_code == 404


def test_a_resolved_exception_attaches_nothing(
    tell: Tell, sign_in: SignIn, brand: Brand, job: WorkOrder
) -> None:
    tell(incoming("captured", 0, "100.00", method="card", work_order="FHI9999"))
    first = PaymentException.objects.get()
    browser = sign_in(Role.BILLING)
    url = reverse("exception", args=["fhi", first.pk])
    browser.post(url, {"do": "resolve", "note": "A test of theirs"})
    tell(incoming("settled", 1, "100.00", method="card", work_order="FHI9999"))

    page = browser.post(url, {"do": "attach", "work_order": "FHI624"}).content.decode()

    assert "nothing was attached" in page
    assert not Payment.objects.exists()
