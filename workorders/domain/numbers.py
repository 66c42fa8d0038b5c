"""Numbers of jobs: the brand's prefix and a counter, taken in a short transaction of its own.

A number is used once, and some may be missing: whoever books and gives up has taken one. That is
why nobody waits for a booking that is under way. Credit notes are different, they have no gaps
(``invoicing.domain.numbering``).

Inside a transaction that is open already the counter is taken within it, and other bookings of
the brand wait until that transaction ends. Whoever needs that takes the number last.
"""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import BigIntegerField, Max
from django.db.models.functions import Cast, Substr

from accounts.models import Brand
from workorders.models import BookingNumber, WorkOrder

# What has a number’s place in addresses of pages, or means another page there.
RESERVED_NUMBERS = frozenset({"new", ".", ".."})
_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")
# An imported number may be anything; a longer one is no number of this counter.
_MOST_DIGITS = 12
_UNIQUE = frozenset({"workorders_workorder_number", "workorders_workorder_any_case"})


class NumberTaken(ValidationError):
    """Another job of the brand has this number; the error names ``number``."""

    def __init__(self, number: str) -> None:
        super().__init__({"number": f"{number} is taken."})


@transaction.atomic
def take_number(brand: Brand) -> str:
    """The brand's prefix and the number after the highest one that it used: ``FHI625``."""
    count = _count_on(brand)
    if count is None or _is_taken(brand, f"{brand.number_prefix}{count}"):
        # The first booking of the brand, or a job whose number did not pass the counter.
        catch_up(brand)
        count = _count_on(brand)
    return f"{brand.number_prefix}{count}"


@transaction.atomic
def catch_up(brand: Brand) -> None:
    """Move the counter to the highest number among the brand's jobs, never back.

    Reads all jobs of the brand: call it once after many were written, last in a transaction.
    """
    highest = _highest(brand)
    BookingNumber.objects.bulk_create(
        [BookingNumber(brand=brand, last=highest)], ignore_conflicts=True
    )
    BookingNumber.objects.filter(brand=brand, last__lt=highest).update(last=highest)


def move_past(brand: Brand, number: str) -> None:
    """Move the counter to ``number`` if that is one of its own, never back.

    Call it last in the job's transaction. Without a counter nothing happens: the first booking
    that needs it reads every job.
    """
    tail = number.removeprefix(brand.number_prefix)
    if tail != number and tail.isdecimal() and len(tail) <= _MOST_DIGITS:
        BookingNumber.objects.filter(brand=brand, last__lt=int(tail)).update(last=int(tail))


def check_number(brand: Brand, number: str) -> None:
    """Raise ValidationError naming ``number`` where it is taken or cannot stand in an address."""
    if number.lower() in RESERVED_NUMBERS or not set(number) <= _CHARACTERS:
        raise ValidationError({"number": "Use letters, digits, “-”, “_” and “.” only."})
    if _is_taken(brand, number):
        raise NumberTaken(number)


def is_collision(error: IntegrityError) -> bool:
    """Whether the database refused a job because another one has its number."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None) in _UNIQUE


def _is_taken(brand: Brand, number: str) -> bool:
    return WorkOrder.objects.filter(brand=brand, number__iexact=number).exists()


def _count_on(brand: Brand) -> int | None:
    """The next count; None where the brand has no counter yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE workorders_bookingnumber SET last = last + 1 WHERE brand_id = %s "
            "RETURNING last",
            [brand.pk],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def _highest(brand: Brand) -> int:
    prefix = brand.number_prefix
    used: int | None = (
        WorkOrder.objects.filter(brand=brand, number__istartswith=prefix)
        .annotate(tail=Substr("number", len(prefix) + 1))
        .filter(tail__regex=rf"^\d{{1,{_MOST_DIGITS}}}$")
        .aggregate(highest=Max(Cast("tail", BigIntegerField())))["highest"]
    )
    return used or 0
