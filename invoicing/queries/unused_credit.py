"""What a page of something due says of credit that its client has and did not use yet."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse

from accounts.models import Brand, Membership, Role
from core.money import total
from invoicing.models import InvoiceStatus
from invoicing.queries import credits
from invoicing.queries.settlements import Document

# More stand on the client's page.
LINKS = 3
# Why a CSR is not offered what billing staff are.
BILLING_ONLY = "Billing staff can apply it."


@dataclass(frozen=True)
class ApplyLink:
    """The page that puts one credit on an open bill; ``label`` is unlike those beside it."""

    label: str
    url: str


@dataclass(frozen=True)
class UnusedCredit:
    """Credit that could pay what is due. ``amount`` is all of it, in the brand's currency.

    ``links`` are what this member may do, ``why_not`` says why there is nothing.
    """

    amount: Decimal
    links: list[ApplyLink]
    why_not: str


def unused(
    brand: Brand, client_id: int, documents: Iterable[Document], membership: Membership
) -> UnusedCredit | None:
    """What a client has left where one of ``documents`` is issued to them and asks for money.

    None where nothing is due (no query), or nothing is left (one query).
    """
    if not any(_asks(document, client_id) for document in documents):
        return None
    found = credits.open_credits(brand, client_id)
    if not found:
        return None
    amount = total((standing.left for standing in found), brand.currency)
    if not membership.at_least(Role.BILLING):
        return UnusedCredit(amount, [], BILLING_ONLY)
    links = [
        ApplyLink(
            "Apply…" if len(found) == 1 else f"Apply {standing.credit.label}…",
            reverse("credit_apply", args=[brand.slug, standing.credit.pk]),
        )
        for standing in found[:LINKS]
    ]
    return UnusedCredit(amount, links, "")


def _asks(document: Document, client_id: int) -> bool:
    """Whether a credit of the client may go on it: drafts and others' bills bear none."""
    invoice = document.invoice
    is_theirs = invoice.status == InvoiceStatus.ISSUED and invoice.client_id == client_id
    return is_theirs and document.settlement.amount_due > 0
