"""Each line proves itself: what the file says came and went is what the ledger holds."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Brand
from importing.checks.line import validate
from importing.format.job import Job
from importing.models import ImportedJob
from importing.proof.check import differences
from importing.proof.line import reported
from invoicing.models import LedgerEntry
from payments.domain import record
from payments.models import Dispute, Payment, ProviderEvent, Refund
from tests.factories import BrandFactory
from tests.importing.conftest import Line, a_job, a_payment, an_order, counts, run
from tests.importing.lines import a_bill, billed, paths, settled

D = Decimal
DAY = "2026-05-04T%s:00-06:00"


def step(status: str, hour: str, **changes: Any) -> Line:
    return {"status": status, "at": DAY % hour, **changes}


def guardian(*steps: Line, **changes: Any) -> Line:
    return an_order(
        **{"amount": "310.50", "fee_amount": "10.50", "statusHistory": list(steps), **changes}
    )


CAPTURED = step("captured", "08:15")
REVIEW = step("risk_review", "08:16", amount="5.00")


def job(*payments: Line, **changes: Any) -> Line:
    charges = [{"id": "L1", "service": "Inspection", "amount": "300.00"}]
    return a_job(**{"charges": charges, "payments": list(payments), **changes})


@pytest.mark.parametrize("steps", [[CAPTURED, REVIEW], [REVIEW, CAPTURED]])
def test_an_unknown_step_with_an_amount_takes_nothing_of_the_payment(
    brand: Brand, steps: list[Line]
) -> None:
    report = run(job(guardian(*steps)))

    assert counts(report) == (1, 0, 0, 0), report.problems
    payment = Payment.objects.get()
    assert (payment.amount, payment.fee_amount) == (D("310.50"), D("10.50"))
    assert settled(brand).received == D("310.50")


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_same_in_two_files(brand: Brand, order: tuple[int, int]) -> None:
    files = [job(guardian(CAPTURED)), job(guardian(REVIEW))]

    reports = [run(files[n]) for n in order]

    assert [r.rejected for r in reports] == [0, 0], [r.problems for r in reports]
    assert settled(brand).received == D("310.50")
    assert ProviderEvent.objects.count() == 2


def test_a_step_with_an_amount_and_without_a_fee_has_the_fee_of_the_payment(brand: Brand) -> None:
    run(job(guardian(step("authorised", "08:14"), {**CAPTURED, "amount": "310.50"})))

    assert Payment.objects.get().fee_amount == D("10.50")


def test_a_failed_refund_without_an_amount_is_not_of_the_whole_payment(brand: Brand) -> None:
    back = step("refunded", "09:00", amount="50.00", refund_id="rf-1")
    failed = step("failed", "10:00", refund_id="rf-1")

    report = run(job(guardian(CAPTURED, back, failed)))

    assert report.created == 1, report.problems
    assert Refund.objects.get().amount == D("50.00")
    assert settled(brand).refunded == D(0)


def test_a_refund_alone_brings_its_payment_along(brand: Brand) -> None:
    report = run(job(guardian(step("refunded", "09:00", amount="50.00"))))

    assert report.created == 1, report.problems
    money = settled(brand)
    assert (money.received, money.refunded) == (D("310.50"), D("50.00"))


# Refused with both figures -----------------------------------------------------------------------


def test_more_refunded_than_there_was_is_refused_with_both_figures(brand: Brand) -> None:
    back = [step("refunded", f"1{n}:00", amount="200.00", refund_id=f"rf-{n}") for n in (1, 2)]

    report = run(job(guardian(CAPTURED, *back)))

    assert counts(report) == (0, 0, 0, 1)
    where, why = paths(report)[0]
    assert where == "payments[0]"
    assert "the file says $310.50 received, $400.00 refunded" in why
    assert "the ledger would hold $310.50 received, $310.50 refunded" in why
    assert not Payment.objects.exists()
    assert not ProviderEvent.objects.exists()


def test_a_fact_that_came_with_another_amount_before_is_refused(brand: Brand) -> None:
    run(job(guardian({**CAPTURED, "event_id": "ev-1"})))

    report = run(job(guardian({**CAPTURED, "event_id": "ev-1", "amount": "300.00"})))

    assert "$300.00 received" in report.problems[0].reason
    assert "$310.50 received" in report.problems[0].reason
    assert settled(brand).received == D("310.50")


def test_every_payment_is_compared_by_itself(brand: Brand) -> None:
    """Two that are wrong by the same amount do not make each other right."""
    run(job(guardian({**CAPTURED, "event_id": "ev-1"}), a_payment(id="P2", status="completed")))

    report = run(
        job(
            guardian({**CAPTURED, "event_id": "ev-1", "amount": "300.50"}, amount="300.50"),
            a_payment(id="P2", status="completed", amount="339.00"),
        )
    )

    assert [where for where, _ in paths(report)] == ["payments[0]"]


def test_what_is_not_on_the_ledger_is_a_difference(brand: Brand) -> None:
    run(job(guardian(CAPTURED)))
    line = lines_of(brand)
    Payment.objects.update(provider_order_id="gone")

    (one,) = differences(brand, line)

    assert one.held is None
    assert "there is no payment" in one.reason("USD")


# What the file alone does not say -----------------------------------------------------------------


def test_what_staff_did_since_is_no_difference(brand: Brand) -> None:
    check = a_payment(status="completed")
    run(job(check))
    record.void(Payment.objects.get(), reason="Bounced")

    report = run(job(check, inspector="Luis Ortega"))

    assert report.updated == 1, report.problems


def test_what_became_the_clients_credit_is_received(brand: Brand) -> None:
    bill = a_bill("INV-1", "300.00")
    over = {"kind": "overpayment", "amount": "29.00", "at": "2026-05-09T12:00:00-06:00"}

    report = run(billed(bill, payments=[a_payment(status="completed")], credits=[over]))

    assert report.created == 1, report.problems


def test_a_queued_refund_counts(brand: Brand) -> None:
    back = {"id": "R1", "at": "2026-05-06T09:00:00-06:00", "status": "queued", "amount": "29.00"}

    report = run(a_job(payments=[a_payment(status="completed", refunds=[back])]))

    assert report.created == 1, report.problems
    assert settled(brand).refunded == D("29.00")


def test_a_try_of_which_a_payment_came_is_compared_too(brand: Brand) -> None:
    attempt = {k: v for k, v in guardian(CAPTURED).items() if k not in ("fee_amount", "id")}

    report = run(job(attempts=[attempt]))

    assert report.created == 1, report.problems
    assert settled(brand).received == D("310.50")


def lines_of(brand: Brand) -> dict[int, Any]:
    rows = ImportedJob.objects.filter(brand=brand)
    context = {"currency": brand.currency}
    return {r.work_order_id: Job.model_validate(r.line, context=context) for r in rows}


# Any history, in any parts, in any order ----------------------------------------------------------

PAYMENT = st.sampled_from(["authorised", "captured", "settled", "voided", "failed"])
PAC = st.sampled_from(["agreement_signed", "funded", "collected_at_closing", "cancelled"])
UNKNOWN = st.sampled_from(["risk_review", "levitated"])
AMOUNTS = st.sampled_from([None, None, "310.50", "300.00"])
PARTS = st.sampled_from([None, "5.00", "40.00", "310.50"])
FEES = st.sampled_from([None, None, "10.50", "0.00"])
BACK = st.sampled_from(["refund_queued", "refunded", "refund_failed", "failed"])


@st.composite
def histories(draw: st.DrawFn) -> list[Line]:
    steps = []
    for n in range(draw(st.integers(1, 6))):
        at = (datetime(2026, 5, 4, 14, tzinfo=UTC) + timedelta(hours=n)).isoformat()
        one: Line
        kind = draw(st.sampled_from(["payment", "payment", "pac", "unknown", "back", "dispute"]))
        if kind in ("payment", "pac"):
            status = draw(PAYMENT if kind == "payment" else PAC)
            one = {"status": status, "amount": draw(AMOUNTS), "fee_amount": draw(FEES)}
        elif kind == "unknown":
            one = {"status": draw(UNKNOWN), "amount": draw(PARTS)}
        elif kind == "back":
            name = draw(st.sampled_from([None, "rf-1", "rf-2"]))
            one = {"status": draw(BACK), "amount": draw(PARTS), "refund_id": name}
        else:
            data = draw(st.sampled_from([{}, {"dispute_id": "dp-A"}, {"dispute_id": "dp-B"}]))
            one = {"status": "chargeback", "amount": draw(PARTS)} | ({"data": data} if data else {})
        steps.append({"at": at, **{k: v for k, v in one.items() if v is not None}})
    return steps


def rows(brand: Brand) -> dict[str, Any]:
    """Everything of the money that does not count what came first."""
    mine = {"brand": brand}
    ledger = LedgerEntry.objects.filter(**mine).values_list("kind", "services_amount", "fee_amount")
    posted: dict[str, Decimal] = {}
    for kind, services, fee in ledger:
        name, sign = kind.removesuffix("_reversal"), -1 if kind.endswith("_reversal") else 1
        posted[name] = posted.get(name, D(0)) + sign * (services + fee)
    fields = ("amount", "fee_amount", "status")
    return {
        "payments": list(
            Payment.objects.filter(**mine).values_list(
                *fields, "method", "provider_status", "last4", "happened_at", "paid_at"
            )
        ),
        "refunds": sorted(
            Refund.objects.filter(**mine)
            .exclude(status="cancelled")
            .values_list(*fields, "provider_key")
        ),
        "disputes": sorted(
            Dispute.objects.filter(**mine).values_list("amount", "status", "provider_dispute_id")
        ),
        "events": sorted(
            ProviderEvent.objects.filter(**mine).values_list(
                "event_id", "status", "happened_at", "amount", "fee_amount"
            ),
            key=str,
        ),
        "posted": {name: amount for name, amount in posted.items() if amount},
    }


class _Undo(Exception):
    pass


def outcome(steps: Sequence[Line], parts: Sequence[Sequence[Line]], method: str) -> Any:
    """The rows after these runs of one job, or why one was refused."""
    result: Any = None
    try:
        with transaction.atomic():
            brand = BrandFactory(slug="fhi", number_prefix="FHI")
            for part in parts:
                report = run(job(guardian(*part, method=method)))
                if report.rejected:
                    result = "refused"
                    (_, why), *_ = paths(report)
                    # Nothing is lost without both figures, and nothing fails otherwise.
                    assert "the file says" in why, why
                    raise _Undo
            result = rows(brand)
            _assert_proven(brand, steps, method)
            raise _Undo
    except _Undo:
        return result


def _assert_proven(brand: Brand, steps: Sequence[Line], method: str) -> None:
    """The ledger's own sums are what the whole history says, read past the check itself."""
    line = validate(job(guardian(*steps, method=method)), "USD")
    (one,) = reported(line, {})
    posted = rows(brand)["posted"]
    queued = Refund.objects.filter(brand=brand, status__in=["queued", "pending"])
    waiting = sum(queued.values_list("amount", flat=True), D(0))
    assert posted.get("payment", D(0)) == one.sums.received
    assert posted.get("refund", D(0)) + waiting == one.sums.refunded


@pytest.mark.django_db
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    steps=histories(),
    cuts=st.lists(st.integers(0, 6), max_size=2),
    method=st.sampled_from(["card", "card", "ach"]),
    seed=st.integers(0, 9999),
)
def test_a_history_in_parts_and_in_any_order(
    steps: list[Line], cuts: list[int], method: str, seed: int
) -> None:
    whole = outcome(steps, [steps], method)
    edges = [0, *sorted(min(cut, len(steps)) for cut in cuts), len(steps)]
    parts = [steps[a:b] for a, b in pairwise(edges) if steps[a:b]]
    chance = random.Random(seed)
    mixed = [chance.sample(part, len(part)) for part in parts]
    chance.shuffle(mixed)

    split = outcome(steps, [*mixed, mixed[0]], method)

    if "refused" not in (whole, split):
        assert split == whole
    if whole != "refused":
        again = outcome(steps, [steps, steps[::-1]], method)
        assert again == whole
