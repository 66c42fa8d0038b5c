"""Search for jobs, clients and payments by what a person has at hand.

References are asked of ``payments.queries``. Names and addresses are read by ``ILIKE`` over the
brand's own jobs: no extension of PostgreSQL is needed, and a brand has tens of thousands.
"""

import re
from dataclasses import dataclass

from django.db.models import Q

from accounts.models import Brand
from payments.models import PaymentAllocation, PaymentAttempt, Refund
from payments.queries import find_payment, search_payments
from workorders.models import Contact, WorkOrder
from workorders.queries import job_numbered

_LAST4 = re.compile(r"^\d{4}$")


@dataclass(frozen=True)
class Reference:
    """Jobs that carry a reference, and what kind of reference it is."""

    text: str
    kind: str
    job_ids: frozenset[int]


def clean(text: str) -> str:
    """A reference as it is stored: "#1234" and "•4242" are typed, "1234" is stored."""
    return text.strip().lstrip("#•*").strip()


def by_reference(brand: Brand, text: str) -> Reference | None:
    """Jobs that carry ``text`` as a whole: pi_, ch_, re_, order id, check number, last four."""
    text = clean(text)
    if len(text) < 3 or " " in text:
        return None
    job_ids = search_payments(brand, text)
    if not job_ids:
        return None
    kind = "number ending" if _LAST4.match(text) else "reference"
    return Reference(text, kind, frozenset(job_ids))


def job_by_number(brand: Brand, text: str) -> WorkOrder | None:
    """The job whose number is ``text``, in any case."""
    return job_numbered(brand, text)


def matching_jobs(brand: Brand, text: str) -> Q:
    """Jobs by number prefix, name of client or contact, address, or any reference."""
    people = Contact.objects.filter(brand=brand, name__icontains=text).values("work_order_id")
    wanted = (
        Q(number__istartswith=text)
        | Q(address__icontains=text)
        | Q(client__name__icontains=text)
        | Q(pk__in=people)
    )
    reference = by_reference(brand, text)
    if reference is not None:
        wanted |= Q(pk__in=reference.job_ids)
    return wanted


def matching_payments(brand: Brand, text: str) -> Q:
    """Payments by payer, number, last four or reference, their attempts' and refunds' included."""
    wanted = Q(payer_name__icontains=text)
    word = clean(text)
    if not word or " " in word:
        return wanted
    attempts = PaymentAttempt.objects.filter(brand=brand, references__contains=[word])
    refunds = Refund.objects.filter(brand=brand, provider_refund_id=word)
    payment = find_payment(brand, word)
    return (
        wanted
        | Q(last4=word)
        | Q(reference__iexact=word)
        | Q(references__contains=[word])
        | Q(provider_order_id=word)
        | Q(pk__in=attempts.values("payment_id"))
        | Q(pk__in=refunds.values("payment_id"))
        | Q(pk=payment.pk if payment else None)
    )


def payments_of_client(brand: Brand, client_id: int) -> Q:
    """Payments that pay any job of a client, also those recorded on somebody else's job."""
    shares = PaymentAllocation.objects.filter(brand=brand, work_order__client=client_id)
    return Q(pk__in=shares.values("payment_id"))
