"""When and by whom: what every row of a document or ledger is stamped with."""

from datetime import date, datetime

from accounts.models import Brand
from activity import actors
from core import clock, moments


def moment(at: datetime | None = None) -> datetime:
    """``at``, else the time that the open step says it happened, else now."""
    acting = actors.current()
    return at or (acting.at if acting and acting.at else clock.now())


def day(brand: Brand, at: datetime) -> date:
    """The date of ``at`` by the brand's calendar."""
    return moments.day_of(at, brand.time_zone)


def by() -> str:
    """Who acts, as documents print it; "" for nobody in particular."""
    acting = actors.current()
    return acting.actor.label[:200] if acting else ""
