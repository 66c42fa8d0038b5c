"""What payments say of their money, in the order in which it is posted."""

from invoicing.domain.money import Money, Printed
from tests.invoicing.billed_jobs import back, paid


def money(*pieces: object) -> Money:
    return Money("payment:1", Printed("P-1 · Check"), pieces)  # type: ignore[arg-type]


def test_payments_are_posted_before_their_refunds() -> None:
    first, second = back("10", source="refund:1"), back("20", source="refund:2")

    posted = money(first, second, paid("100")).posted_pieces

    assert [piece.source for piece in posted] == ["payment:1", "refund:1", "refund:2"]


def test_what_is_under_way_is_shown_and_not_posted() -> None:
    queued = back("10", in_flight=True)
    about = money(paid("100"), queued)

    assert [piece.source for piece in about.posted_pieces] == ["payment:1"]
    assert about.flying == [queued]


def test_nothing_under_way_is_no_row() -> None:
    assert money(paid("0", in_flight=True)).flying == []
