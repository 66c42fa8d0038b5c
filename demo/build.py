"""Small words with which the demo's jobs are written."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from core import money

Line = dict[str, Any]

DANA = {"kind": "staff", "name": "Dana Whitfield"}
MARCUS = {"kind": "staff", "name": "Marcus Oyelaran"}
ELENA = {"kind": "staff", "name": "Elena Sandoval"}
BOOKKEEPER = {"kind": "staff", "name": "Ruth Okafor"}
SYSTEM = {"kind": "system", "name": "Paystory"}
STRIPE = {"kind": "provider", "name": "Stripe"}
# Nothing that is to come may be told; what came last came a few minutes ago.
NEWEST = timedelta(minutes=4)


@dataclass(frozen=True)
class Calendar:
    """Days are counted back from today in the brand's own zone; times of day stay as they are."""

    now: datetime
    zone: str

    @property
    def today(self) -> date:
        """The brand's date now."""
        return self.now.astimezone(ZoneInfo(self.zone)).date()

    def at(self, days_ago: int, clock: str) -> str:
        """``days_ago`` at the local time ``clock`` ("09:14" or "09:14:05")."""
        day = self.today - timedelta(days=days_ago)
        moment = datetime.combine(day, time.fromisoformat(clock), ZoneInfo(self.zone))
        return moment.isoformat()

    def day(self, days_ago: int) -> str:
        """A date."""
        return (self.today - timedelta(days=days_ago)).isoformat()

    def ago(self, minutes: int) -> str:
        """So many minutes before now, on the whole minute."""
        moment = self.now.astimezone(ZoneInfo(self.zone)) - timedelta(minutes=minutes)
        return moment.replace(second=0, microsecond=0).isoformat()


def client_actor(name: str) -> Line:
    """The client, as an actor."""
    return {"kind": "client", "name": name}


def person(name: str, **extra: Any) -> Line:
    """Somebody with an e-mail address made of their name."""
    local = name.lower().replace(" ", ".").replace("’", "")
    return {"name": name, "email": f"{local}@example.com", **extra}


def contact(role: str, name: str, *, gets_invoices: bool = False, phone: str = "") -> Line:
    """A person on a job."""
    return {"role": role, **person(name), "gets_invoices": gets_invoices, "phone": phone}


def charge(key: str, service: str, amount: str) -> Line:
    """A line of the bill."""
    return {"id": key, "service": service, "amount": amount}


def step(at: str, actor: Line | None = None, **changes: Any) -> Line:
    """One step of a history."""
    return {"at": at, **({"actor": actor} if actor else {}), **changes}


def event(at: str, status: str, **more: Any) -> Line:
    """One entry of a provider's status history."""
    return {"status": status, "at": at, **more}


def card(brand: str, last4: str, funding: str = "credit") -> Line:
    """A card, as attempts and payments name it."""
    return {"method": "card", "card_brand": brand, "last4": last4, "funding": funding}


def fee_of(services: Decimal, percent: str) -> Decimal:
    """The technology fee of a card payment, in USD, rounded half up."""
    return money.quantize((services * Decimal(percent)).scaleb(-2), "USD")


def job(c: Calendar, number: int, name: str, address: str, day: int, **parts: Any) -> Line:
    """A booked, confirmed, inspected job of FHI; the inspection was ``day`` days ago.

    ``brand`` makes it another brand's; ``later`` are steps after its confirmation.
    """
    bill = parts.pop("bill", [charge("L1", "General Home Inspection", "400.00")])
    history = [step(c.at(day + 5, "11:12"), DANA, status="confirmed")]
    history += parts.pop("later", [])
    brand = parts.pop("brand", "fhi")
    line = {
        "brand": brand,
        "number": f"{brand.upper()}{number}",
        "at": c.at(day + 5, "10:55"),
        "actor": DANA,
        "client": person(name),
        "scheduled_for": c.at(day, "09:30"),
        "published_at": c.at(day, "17:05"),
        "inspector": "Luis Ortega",
        "address": address,
        "contacts": [contact("client", name, gets_invoices=True)],
        "charges": bill,
        "messages": [
            {"at": c.at(day + 5, "10:58"), "kind": "agreement_sent", "person": name},
            {
                "at": c.at(day + 4, "20:14"),
                "actor": client_actor(name),
                "kind": "agreement_signed",
                "person": name,
            },
        ],
        "history": history,
        **parts,
    }
    return {key: value for key, value in line.items() if value is not None}


def until(line: Line, cutoff: datetime) -> Line:
    """``line`` as it stood at ``cutoff``: what is later has not happened yet."""
    return {k: v for k, v in _pruned(line, cutoff).items() if k not in _late(line, cutoff)}


def _late(line: Line, cutoff: datetime) -> Iterator[str]:
    published = line.get("published_at")
    if published and datetime.fromisoformat(published) > cutoff:
        yield "published_at"


def _pruned(value: Any, cutoff: datetime) -> Any:
    if isinstance(value, dict):
        return {k: _pruned(v, cutoff) for k, v in value.items()}
    if isinstance(value, list):
        return [_pruned(v, cutoff) for v in _happened(value, cutoff)]
    return value


def _happened(items: Iterable[Any], cutoff: datetime) -> Iterator[Any]:
    for item in items:
        at = item.get("at") if isinstance(item, dict) else None
        if at is None or datetime.fromisoformat(at) <= cutoff:
            yield item
