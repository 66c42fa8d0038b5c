"""The charges of a line, as they are written. Pure; amounts are in the brand's currency."""

from collections.abc import Iterable
from decimal import Decimal

from core.money import ZERO, total
from importing.documents.shape import Charge, Line, as_billed
from importing.format.job import ChargeIn
from importing.legacy.figures import service_type_of


def charge_of(charge: ChargeIn, key: str) -> Charge:
    """A charge of the file, its description and type filled in from the service's name."""
    name = charge.service or charge.description or ""
    return {
        "key": key,
        "service": charge.service,
        "description": charge.description or charge.service,
        "service_type": charge.service_type or service_type_of(name),
        "amount": charge.amount,
        "tax_name": charge.tax.name if charge.tax else "",
        "tax_percent": charge.tax.percent if charge.tax else ZERO,
        "tax_amount": charge.tax.amount if charge.tax else None,
    }


def charge_for_line(line: Line) -> Charge:
    """The charge that an invoice line bills, for a line that named none."""
    return {
        "key": line.charge,
        "service": None,
        "description": line.description,
        "service_type": line.service_type,
        "amount": line.amount,
        "tax_name": line.tax_name,
        "tax_percent": line.tax_percent,
        "tax_amount": line.tax_amount if line.tax_percent else None,
    }


def sum_of(charges: Iterable[Charge], currency: str) -> Decimal:
    """What charges come to in ``currency``, tax included."""
    return total((as_billed(c, currency).gross for c in charges), currency)
