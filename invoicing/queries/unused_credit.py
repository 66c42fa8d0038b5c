"""Credit that a client did not use yet, for the pages that show something due."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse

from accounts.models import Brand, Membership, Role
from core.money import total
from invoicing.models import InvoiceStatus
from invoicing.queries import credits
from invoicing.queries.settlements import Document

# The client's page shows all of them.
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
    open_credits = credits.open_credits(brand, client_id)
    if not open_credits:
        return None
    amount = total((standing.left for standing in open_credits), brand.currency)
    if not membership.at_least(Role.BILLING):
        return UnusedCredit(amount, [], BILLING_ONLY)
    links = [
        ApplyLink(
            "Apply…" if len(open_credits) == 1 else f"Apply {standing.credit.label}…",
            reverse("credit_apply", args=[brand.slug, standing.credit.pk]),
        )
        for standing in open_credits[:LINKS]
    ]
    return UnusedCredit(amount, links, "")


def _asks(document: Document, client_id: int) -> bool:
    """Whether a credit of the client may go on it: drafts and others' bills bear none."""
    invoice = document.invoice
    is_theirs = invoice.status == InvoiceStatus.ISSUED and invoice.client_id == client_id
    return is_theirs and document.settlement.amount_due > 0
