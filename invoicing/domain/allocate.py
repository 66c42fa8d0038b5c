"""Over which invoices of a job money is shared, and which ones give it back. Pure.

Money fills the issued invoices in their order, each up to what it asks for; what is left over
stays on the last one, which is then overpaid. Money that goes back leaves the invoices that hold
it, the last one first. Amounts are in the job's currency.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from core.money import ZERO
from core.split import split


@dataclass(frozen=True)
class Legs:
    """Services and fee, side by side, in the job's currency; may be below zero."""

    services: Decimal = ZERO
    fee: Decimal = ZERO

    def __add__(self, other: "Legs") -> "Legs":
        return Legs(self.services + other.services, self.fee + other.fee)

    def __sub__(self, other: "Legs") -> "Legs":
        return self + -other

    def __neg__(self) -> "Legs":
        return Legs(-self.services, -self.fee)

    def __bool__(self) -> bool:
        return bool(self.services or self.fee)

    def positive(self) -> "Legs":
        """What of it is above zero."""
        return Legs(max(ZERO, self.services), max(ZERO, self.fee))


def from_holders(legs: Legs, held: Mapping[int, Legs]) -> dict[int, Legs]:
    """``legs`` taken from the invoices that hold money, the last first; a rest from the last."""
    taken: dict[int, Legs] = {}
    services, fee = legs.services, legs.fee
    order = list(held)[::-1]
    for invoice_id in order:
        room = held[invoice_id].positive()
        part = Legs(min(services, room.services), min(fee, room.fee))
        services, fee = services - part.services, fee - part.fee
        taken[invoice_id] = part
    if services or fee:
        taken[order[0]] = taken[order[0]] + Legs(services, fee)
    return {invoice_id: part for invoice_id, part in taken.items() if part}


def onto_invoices(legs: Legs, due: Mapping[int, Decimal], currency: str) -> dict[int, Legs]:
    """``legs`` that came in, over invoices; the fee goes along with services.

    ``due`` is what each of them asks for, in their order; there is at least one.
    """
    parts: dict[int, Decimal] = {}
    left = legs.services
    for invoice_id, room in due.items():
        part = min(left, room)
        parts[invoice_id], left = part, left - part
    parts[list(due)[-1]] += left
    # Money that is all fee goes where something is asked for.
    weights = list(parts.values() if any(parts.values()) else due.values())
    fees = split(legs.fee, weights, currency)
    shares = {pk: Legs(part, fee) for (pk, part), fee in zip(parts.items(), fees, strict=True)}
    return {pk: share for pk, share in shares.items() if share}


def beside_services(fee: Decimal, held: Mapping[int, Legs], currency: str) -> dict[int, Legs]:
    """A fee that came for services which are here already: beside them, by their amounts."""
    parts = split(fee, [max(ZERO, legs.services) for legs in held.values()], currency)
    return {pk: Legs(fee=part) for pk, part in zip(held, parts, strict=True) if part}


def quote_shares(quote: Decimal, held: Mapping[int, Legs], currency: str) -> dict[int, Decimal]:
    """A quote over the invoices that hold a payment: the fee that each has, what lacks by services.

    So no invoice lacks a fee that the payment brought.
    """
    fees = [max(ZERO, legs.fee) for legs in held.values()]
    lacks = quote - sum(fees, ZERO)
    if lacks < 0:
        return dict(zip(held, split(quote, fees, currency), strict=True))
    parts = split(lacks, [max(ZERO, legs.services) for legs in held.values()], currency)
    return {pk: fee + part for pk, fee, part in zip(held, fees, parts, strict=True)}
