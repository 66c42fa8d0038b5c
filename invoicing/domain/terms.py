"""A brand's billing settings: due dates, and how credit notes are numbered."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Brand
from invoicing.domain import numbering
from invoicing.models import BillingSettings

MAX_TERMS = 365
MAX_WIDTH = 12
MAX_NUMBER = 10**9
_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


@dataclass(frozen=True)
class BillingTerms:
    """What an admin sets. ``terms_days``: days from issue to due date, 0 is at once."""

    credit_note_prefix: str
    width: int
    next_number: int
    terms_days: int

    def preview(self) -> str:
        """How the next credit note will be called."""
        return f"{self.credit_note_prefix}{str(self.next_number).zfill(self.width)}"


def terms_of(brand: Brand) -> BillingTerms:
    """The brand's billing settings as they are."""
    row = numbering.settings_of(brand)
    return BillingTerms(
        row.credit_note_prefix, row.credit_note_width, row.next_credit_note, row.terms_days
    )


@transaction.atomic
def set_terms(brand: Brand, terms: BillingTerms) -> BillingSettings:
    """Save them; documents that exist keep what they have.

    ValidationError names ``credit_note_prefix``, ``width``, ``next_number`` (it may only go up) or
    ``terms_days``.
    """
    row = numbering.locked_settings(brand)
    prefix = terms.credit_note_prefix.strip()
    _check(brand, prefix, terms, row.next_credit_note)
    row.credit_note_prefix = prefix
    row.credit_note_width = terms.width
    row.next_credit_note = terms.next_number
    row.terms_days = terms.terms_days
    row.save()
    return row


def _check(brand: Brand, prefix: str, terms: BillingTerms, current: int) -> None:
    if not prefix or len(prefix) > 12 or not set(prefix) <= _CHARACTERS:
        raise ValidationError(
            {"credit_note_prefix": "Use letters, digits, “-”, “_” and “.”, at most 12."}
        )
    if prefix.lower() == brand.number_prefix.lower():
        text = f"{prefix} is how work orders are called. Credit notes need a prefix of their own."
        raise ValidationError({"credit_note_prefix": text})
    if not 1 <= terms.width <= MAX_WIDTH:
        raise ValidationError({"width": f"Between 1 and {MAX_WIDTH} digits."})
    if terms.next_number < current:
        text = f"It is {current} already and may only go up, so that no number is used twice."
        raise ValidationError({"next_number": text})
    if terms.next_number > MAX_NUMBER:
        raise ValidationError({"next_number": "That is too high."})
    if not 0 <= terms.terms_days <= MAX_TERMS:
        raise ValidationError({"terms_days": f"Between 0 and {MAX_TERMS} days."})
