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


@dataclass(frozen=True)
class Fees:
    """A payment that knows its fee: ``own`` is its quote, all that goes beside its services.

    ``due`` is what of an invoice's due is a fee, ``lacking`` what of a fee is missing there, also
    where nobody is asked for it. Fee money beyond its own goes where a fee is lacking.
    """

    own: Decimal
    due: Mapping[int, Decimal]
    lacking: Mapping[int, Decimal]


def onto_invoices(
    legs: Legs, due: Mapping[int, Decimal], currency: str, fees: Fees | None = None
) -> dict[int, Legs]:
    """``legs`` that came in, over invoices; the fee goes along with services.

    ``due`` is what each of them asks for, in their order; there is at least one. With ``fees``
    services fill services first, and what is more than the payment's own fee fills fees.
    """
    parts: dict[int, Decimal] = dict.fromkeys(due, ZERO)
    left = legs.services
    if fees is not None:
        left = _fill(parts, left, {pk: room - fees.due[pk] for pk, room in due.items()})
    left = _fill(parts, left, {pk: room - parts[pk] for pk, room in due.items()})
    parts[list(due)[-1]] += left
    other: dict[int, Decimal] = dict.fromkeys(due, ZERO)
    beside = legs.fee
    if fees is not None:
        own = min(legs.fee, fees.own)
        beside = own + _fill(other, legs.fee - own, fees.lacking)
    # Money that is all fee goes where something is asked for.
    weights = list(parts.values() if any(parts.values()) else due.values())
    shares = {
        pk: Legs(part, other[pk] + fee)
        for (pk, part), fee in zip(parts.items(), split(beside, weights, currency), strict=True)
    }
    return {pk: share for pk, share in shares.items() if share}


def _fill(parts: dict[int, Decimal], amount: Decimal, rooms: Mapping[int, Decimal]) -> Decimal:
    """Put ``amount`` into ``rooms`` in their order; answers what is left of it."""
    for invoice_id, room in rooms.items():
        part = min(amount, max(ZERO, room))
        parts[invoice_id] += part
        amount -= part
    return amount


def beside_services(fee: Decimal, held: Mapping[int, Legs], currency: str) -> dict[int, Legs]:
    """A fee that came for services which are here already: beside them, by their amounts."""
    parts = split(fee, [max(ZERO, legs.services) for legs in held.values()], currency)
    return {pk: Legs(fee=part) for pk, part in zip(held, parts, strict=True) if part}


def base_shares(base: Decimal, held: Mapping[int, Legs]) -> dict[int, Decimal]:
    """The services that were quoted, over the invoices that hold a payment, in their order.

    A surplus is on the last of them, and was quoted none.
    """
    parts: dict[int, Decimal] = dict.fromkeys(held, ZERO)
    _fill(parts, base, {pk: legs.services for pk, legs in held.items()})
    return parts


def quote_shares(
    quote: Decimal,
    held: Mapping[int, Legs],
    currency: str,
    bases: Mapping[int, Decimal] | None = None,
) -> dict[int, Decimal]:
    """A quote over the invoices that hold a payment: the fee that each has, what lacks by services.

    So no invoice lacks a fee that the payment brought. ``bases`` is what of the services of each
    was quoted; None: all. Where more fee came than was quoted, each has its own quote first.
    """
    fees = [max(ZERO, legs.fee) for legs in held.values()]
    weights = [
        max(ZERO, legs.services if bases is None else bases[pk]) for pk, legs in held.items()
    ]
    lacks = quote - sum(fees, ZERO)
    if lacks >= 0:
        parts = split(lacks, weights, currency)
        return {pk: fee + part for pk, fee, part in zip(held, fees, parts, strict=True)}
    if bases is None:
        return dict(zip(held, split(quote, fees, currency), strict=True))
    own = zip(fees, split(quote, weights, currency), strict=True)
    shares = dict(zip(held, (min(fee, part) for fee, part in own), strict=True))
    rooms = {pk: fee - shares[pk] for pk, fee in zip(held, fees, strict=True)}
    _fill(shares, quote - sum(shares.values(), ZERO), rooms)
    return shares
