"""What people do to items: order them once they are paid, and say that they were delivered.

How far payment brought an item is ``invoicing.domain.rollup``'s. Fulfilment goes forward only;
the database refuses the way back against anything.
"""

from collections.abc import Iterable, Mapping, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Brand
from core.money import display
from core.transitions import Machine, moves_to
from invoicing.models import Fulfilment, Item, ItemStatus
from workorders.domain.locks import lock_work_orders

F = Fulfilment
# From a fulfilment to those that a verb may set. Nothing is ordered before it is paid: no column
# of an item could tell why, so the way there is a payment.
TRANSITIONS: Mapping[Fulfilment, frozenset[Fulfilment]] = {
    F.NOT_STARTED: frozenset(),
    F.INVOICED: frozenset(),
    F.CLIENT_PAID: frozenset({F.ORDERED}),
    F.ORDERED: frozenset({F.DELIVERED}),
    F.DELIVERED: frozenset(),
}
_ORDER = list(Fulfilment)
# As many as two pages of a list.
MAX_AT_ONCE = 100


def mark_ordered(brand: Brand, item_ids: Iterable[int]) -> list[Item]:
    """Say that paid items were ordered: all of them, or none.

    ValidationError names ``items`` and says of each that is refused why: not paid in full (now),
    ordered already, gone.
    """
    return _move(brand, item_ids, Fulfilment.ORDERED)


def mark_delivered(brand: Brand, item_ids: Iterable[int]) -> list[Item]:
    """Say that ordered items were delivered: all of them, or none.

    ValidationError names ``items`` and says of each that is refused why: not ordered yet,
    delivered already, gone.
    """
    return _move(brand, item_ids, Fulfilment.DELIVERED)


@transaction.atomic
def _move(brand: Brand, item_ids: Iterable[int], to: Fulfilment) -> list[Item]:
    """The one place where somebody's verb changes a fulfilment."""
    ids = sorted(set(item_ids))
    if not ids:
        raise ValidationError({"items": "Choose at least one item."})
    if len(ids) > MAX_AT_ONCE:
        raise ValidationError({"items": f"At most {MAX_AT_ONCE} items at once."})
    mine = Item.objects.filter(brand=brand, pk__in=ids)
    jobs = lock_work_orders(brand, mine.values_list("work_order_id", flat=True))
    items = list(mine.filter(work_order__in=jobs).select_related("work_order").order_by("pk"))
    for item in items:
        item.brand = brand
    _check(brand, items, ids, to)
    mine.update(fulfilment=to)
    for item in items:
        item.fulfilment = to
    return items


def _check(brand: Brand, items: Sequence[Item], ids: Sequence[int], to: Fulfilment) -> None:
    problems = [why for item in items if (why := refusal(item, to, brand))]
    if missing := len(ids) - len(items):
        problems.append(
            "One of the items is not there any more. Look at the list again."
            if missing == 1
            else f"{missing} of the items are not there any more. Look at the list again."
        )
    if problems:
        raise ValidationError({"items": problems})


def refusal(item: Item, to: Fulfilment, brand: Brand) -> str:
    """Why an item of ``brand`` cannot be ``to`` now, with its name before it; "" when it can."""
    item.brand = brand  # known here: one query less for each item of a list
    why = ITEMS.why_not(item, to)
    return f"{item.work_order.number}, “{item.description}”: {why}" if why else ""


def _why_not(item: Item, verb: str, has_move: bool) -> str:
    to, at = Fulfilment(verb), Fulfilment(item.fulfilment)
    if _ORDER.index(at) >= _ORDER.index(to):
        return f"it is {at.label.lower()} already."
    if to == Fulfilment.ORDERED and item.status != ItemStatus.FULLY_PAID:
        covered, total = (display(a, item.brand.currency) for a in (item.covered, item.total))
        if at == Fulfilment.CLIENT_PAID:
            return f"it was paid in full, but only {covered} of {total} is covered now."
        return f"{covered} of {total} is covered. It can be ordered once it is paid in full."
    if to == Fulfilment.ORDERED and not has_move:
        return "it is a discount or a cancellation: nothing that could be ordered."
    if not has_move:
        return f"it is not {_ORDER[_ORDER.index(to) - 1].label.lower()} yet."
    return ""


ITEMS = Machine(moves_to(TRANSITIONS), _why_not, ValidationError, field="fulfilment")
