"""What each kind of ledger entry does to which figure: ``EntryKind`` says it, and nothing else."""

import ast
from collections.abc import Iterator
from decimal import Decimal

import pytest

from config.checks import BASE_DIR, tracked_files
from invoicing.settlement.settle import combine, settle
from invoicing.settlement.types import (
    Bill,
    Entry,
    EntryKind,
    InvoiceStatus,
    LedgerFigure,
    Line,
    Settlement,
    held_sign_sql,
    kinds_of,
    net,
)

D = Decimal
HOME = "invoicing/settlement/types.py"
KINDS = {kind.value for kind in EntryKind}
# Words that mean something else elsewhere; the others are kinds of an entry wherever they stand.
COMMON = {"payment", "refund", "credit"}


@pytest.mark.parametrize("kind", EntryKind)
def test_each_kind_moves_one_figure_and_the_balance_as_it_says(kind: EntryKind) -> None:
    entry = Entry(key=1, kind=kind, services=D("40.00"), payment="payment:1")

    answer = settle(Bill(InvoiceStatus.ISSUED, "USD", (), [entry]))

    figures = {figure: getattr(answer, figure.value) for figure in LedgerFigure}
    assert figures == {f: (kind.sign * 40 if f == kind.figure else 0) for f in LedgerFigure}
    assert answer.balance == kind.on_balance * 40
    assert answer.received - answer.refunded == kind.held * 40


def test_every_reversal_undoes_its_original() -> None:
    originals = [kind for kind in EntryKind if not kind.is_reversal]

    for kind in originals:
        back = kind.reversal
        assert back.is_reversal and back.figure == kind.figure
        assert (kind.sign + back.sign, kind.held + back.held, kind.use + back.use) == (0, 0, 0)
    assert {kind.reversal for kind in originals} == set(EntryKind) - set(originals)


def test_money_and_credits_are_apart() -> None:
    assert [kind for kind in EntryKind if kind.is_credit] == kinds_of(LedgerFigure.CREDITS)
    assert all(bool(kind.held) != bool(kind.use) for kind in EntryKind)


@pytest.mark.parametrize("is_refund", [False, True])
@pytest.mark.parametrize("is_back", [False, True])
def test_a_kind_of_money_by_what_it_is(is_refund: bool, is_back: bool) -> None:
    kind = EntryKind.of_money(is_refund=is_refund, is_back=is_back)

    assert kind.value == ("refund" if is_refund else "payment") + ("_reversal" if is_back else "")


def test_a_net_counts_only_its_figure() -> None:
    rows = [
        ("payment", D("100.00")),
        ("payment_reversal", D("30.00")),
        ("refund", D("20.00")),
        ("from_credit", D("5.00")),
        ("to_credit", D("2.00")),
    ]

    assert [net(figure, rows) for figure in LedgerFigure] == [D("70.00"), D("20.00"), D("3.00")]


def test_the_database_knows_the_same_signs() -> None:
    """Byte for byte what the guard of voided invoices was made with."""
    assert held_sign_sql() == (
        "CASE kind WHEN 'payment' THEN 1 WHEN 'refund_reversal' THEN 1 "
        "WHEN 'payment_reversal' THEN -1 WHEN 'refund' THEN -1 ELSE 0 END"
    )


# What became of credits ---------------------------------------------------------------------------


def settled(*entries: Entry) -> Settlement:
    """An issued bill of one line with these entries."""
    lines = [Line(1, "Inspection", D("100.00"))]
    return settle(Bill(InvoiceStatus.ISSUED, "USD", lines, entries))


def about(key: int, kind: EntryKind, amount: str, credit: int) -> Entry:
    """An entry about a credit; all have one label: only the source differs."""
    return Entry(key, kind, D(amount), label="Check 1234", source=f"credit:{credit}")


USED = about(1, EntryKind.FROM_CREDIT, "50.00", 1)
MOVED = about(2, EntryKind.TO_CREDIT, "30.00", 2)
BROUGHT_BACK = about(3, EntryKind.FROM_CREDIT, "10.00", 2)
TAKEN_OFF = about(4, EntryKind.TO_CREDIT, "50.00", 1)


@pytest.mark.parametrize(
    ("entries", "used", "became_credit"),
    [
        ([USED], "50.00", "0.00"),
        ([USED, MOVED], "50.00", "30.00"),
        ([MOVED, BROUGHT_BACK], "0.00", "20.00"),
        ([USED, TAKEN_OFF], "0.00", "0.00"),
        ([], "0.00", "0.00"),
    ],
)
def test_a_credit_is_used_or_given_never_netted_with_one_of_its_name(
    entries: list[Entry], used: str, became_credit: str
) -> None:
    whole = settled(*entries)

    assert (whole.credit_used, whole.became_credit) == (D(used), D(became_credit))


def test_a_credit_that_one_bill_gave_and_another_used_is_neither_for_the_job() -> None:
    gave, took = settled(MOVED), settled(about(5, EntryKind.FROM_CREDIT, "30.00", 2))

    whole = combine([gave, took], "USD")

    assert gave.became_credit == took.credit_used == D("30.00")
    assert (whole.credit_used, whole.became_credit) == (D("0.00"), D("0.00"))


# The house: no other file knows ------------------------------------------------------------------


def _kind(node: ast.AST | None) -> str:
    """The kind that an expression names: ``EntryKind.REFUND``, its ``.value``, "refund"."""
    if isinstance(node, ast.Attribute) and node.attr == "value":
        return _kind(node.value)
    if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "EntryKind":
        return node.attr.lower()
    if isinstance(node, ast.Attribute) and getattr(node.value, "attr", "") == "EntryKind":
        return node.attr.lower()
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in KINDS:
        return node.value
    return ""


def _is_sign(node: ast.AST) -> bool:
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.USub)
    if isinstance(node, ast.Tuple):
        return any(_is_sign(one) for one in node.elts)
    return isinstance(node, ast.Constant) and node.value in (1, -1)


def _knows_signs(node: ast.AST) -> bool:
    """Whether an expression gives kinds a sign, lists several to net, or says so in SQL."""
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return any(_kind(key) and _is_sign(value) for key, value in pairs)
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        named = {_kind(one) for one in node.elts} - {""}
        return len(named) > 1 and bool(named - COMMON)
    if isinstance(node, ast.IfExp):
        names = any(_kind(one) for one in ast.walk(node.test))
        return names and (_is_sign(node.body) or _is_sign(node.orelse))
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return any(f"'{kind}'" in node.value for kind in KINDS - COMMON)
    return False


def _knowing() -> Iterator[str]:
    for path in tracked_files():
        shown = path.relative_to(BASE_DIR)
        if path.suffix != ".py" or shown.parts[0] == "tests" or "migrations" in shown.parts:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if any(_knows_signs(node) for node in ast.walk(tree)):
            yield str(shown)


@pytest.mark.parametrize(
    "source",
    [
        "{EntryKind.PAYMENT: 1, EntryKind.REFUND: -1}",
        "{b.EntryKind.TO_CREDIT.value: ('credits', -1)}",
        "(EntryKind.PAYMENT_REVERSAL, EntryKind.REFUND)",
        "['from_credit', 'to_credit']",
        "1 if kind == EntryKind.REFUND else -1",
        "-legs if row.kind == 'refund_reversal' else legs",
        "\"CASE kind WHEN 'payment_reversal' THEN -1 END\"",
    ],
)
def test_a_second_place_would_be_seen(source: str) -> None:
    assert any(_knows_signs(node) for node in ast.walk(ast.parse(source)))


@pytest.mark.parametrize(
    "source",
    [
        "write(kind=EntryKind.PAYMENT_REVERSAL)",
        "{EntryKind.CREDIT_REVERSAL.value: 'credit taken off'}",
        "('payment', 'refund', 'credit')",
    ],
)
def test_writing_or_naming_a_kind_is_fine(source: str) -> None:
    assert not any(_knows_signs(node) for node in ast.walk(ast.parse(source)))


def test_signs_are_known_in_one_place() -> None:
    others = set(_knowing()) - {HOME}
    assert not others, f"{sorted(others)} give kinds of ledger entries a sign: ask EntryKind"
