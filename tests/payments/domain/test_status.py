"""What people may do to a payment, in every status, and that its shares follow."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from payments.domain import status
from payments.models import Payment, PaymentStatus, Provider
from tests.factories import PaymentFactory
from workorders.models import WorkOrder

S = PaymentStatus


def paid(job: WorkOrder, **values: Any) -> Payment:
    return PaymentFactory(work_order=job, brand=job.brand, **values)


@pytest.mark.parametrize("verb", status.VERBS)
@pytest.mark.parametrize("before", list(S))
def test_the_table_alone_says_what_a_verb_may(job: WorkOrder, verb: str, before: S) -> None:
    payment = paid(job, status=before)

    if before in status.VERBS[verb]:
        assert status.why_not(verb, payment) == ""
        assert status.allow(verb, payment) == status.VERBS[verb][before]
    else:
        why = status.why_not(verb, payment)
        assert before.label.lower() in why
        with pytest.raises(ValidationError) as refused:
            status.allow(verb, payment)
        assert refused.value.messages == [why]


@pytest.mark.parametrize("verb", status.BY_HAND_ONLY)
def test_what_a_provider_moves_is_not_changed_by_hand(job: WorkOrder, verb: str) -> None:
    payment = paid(job, provider=Provider.GUARDIAN, method="card", status=S.PENDING)

    assert status.why_not(verb, payment).startswith("Guardian moves this money")


def test_a_payment_is_reconciled_once(job: WorkOrder) -> None:
    payment = paid(job)
    status.set_payment(payment, {"reconciled_at": payment.happened_at, "reconciled_by": "Ana"})

    assert status.why_not("reconcile", payment) == "Already reconciled by Ana."


@pytest.mark.usefixtures("unwatched")
def test_the_shares_of_a_payment_follow_its_status(job: WorkOrder) -> None:
    payment = paid(job)

    assert status.set_payment(payment, {"status": S.VOIDED, "amount": payment.amount}) == ["status"]
    assert payment.allocations.get().status == S.VOIDED
    assert status.set_payment(payment, {"status": S.VOIDED}) == []
