"""Credit notes in parts: together they give back the invoice and its tax, to the cent."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.test import Client as Browser
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Role
from core import money
from core.money import ZERO, charge_tax
from core.split import split
from invoicing.domain import credit_lines, credit_notes
from invoicing.domain.credit_lines import Credited, CreditLine
from invoicing.models import Invoice, InvoiceLine
from invoicing.queries import credits as reads
from tests.invoicing import issued_invoices as bills
from tests.invoicing.browsing import SignIn
from workorders.models import Client

D = Decimal
CURRENCIES = st.sampled_from(["USD", "JPY", "KWD"])
PERCENTS = st.sampled_from(["0", "0.01", "8.25", "19", "100"])


@pytest.fixture
def invoice(person: Client) -> Invoice:
    return bills.bill(person, bills.taxed("10.00"), number="FHI624")


def issue(invoice: Invoice, lines: list[CreditLine]) -> Invoice:
    note = credit_notes.draft_credit_note(invoice.brand, invoice.pk, lines, reason="Goodwill")
    return credit_notes.issue_credit_note(invoice.brand, note.pk)


def given_back(invoice: Invoice) -> tuple[Decimal, Decimal]:
    """(in all, of that tax) by the invoice's issued notes."""
    lines = reads.note_lines(invoice)
    return -sum((x.amount + x.tax_amount for x in lines), ZERO), -sum(
        (x.tax_amount for x in lines), ZERO
    )


@pytest.mark.parametrize("amounts", [["2.00"] * 5 + ["0.83"], ["0.83"] + ["2.00"] * 5])
def test_amounts_of_a_taxed_bill_end_at_its_tax(invoice: Invoice, amounts: list[str]) -> None:
    for amount in amounts:
        lines = credit_lines.of_amount(credit_notes.so_far(invoice), D(amount), "FHI624")
        issue(invoice, lines)

    assert given_back(invoice) == (D("10.83"), D("0.83"))


@pytest.mark.parametrize("amounts", [["2.00"] * 5, ["3.33", "3.33", "3.34"], ["0.01", "9.99"]])
def test_parts_of_a_taxed_line_end_at_its_tax(invoice: Invoice, amounts: list[str]) -> None:
    for amount in amounts:
        issue(invoice, credit_lines.parts(credit_notes.so_far(invoice), {0: D(amount)}))

    assert given_back(invoice) == (D("10.83"), D("0.83"))


def test_an_amount_first_and_the_rest_of_the_line_then(invoice: Invoice) -> None:
    issue(invoice, credit_lines.of_amount(credit_notes.so_far(invoice), D("5.42"), "FHI624"))
    issue(invoice, credit_lines.parts(credit_notes.so_far(invoice), {0: D("5.00")}))

    assert given_back(invoice) == (D("10.83"), D("0.83"))


def test_a_line_whose_discount_is_taxed_too_is_given_back_with_its_own_tax(person: Client) -> None:
    discount = bills.taxed("-20.00", description="Discount")
    bill = bills.bill(person, bills.taxed("100.00"), discount, "50.00", number="FHI625")

    issue(bill, credit_lines.parts(credit_notes.so_far(bill), {0: D("100.00")}))
    issue(bill, credit_lines.parts(credit_notes.so_far(bill), {2: D("28.35")}))

    assert given_back(bill) == (D("136.60"), D("8.25"))


def test_two_drafts_of_the_same_half_do_not_give_a_cent_twice(
    invoice: Invoice, sign_in: SignIn
) -> None:
    halves = [
        credit_notes.draft_credit_note(
            invoice.brand,
            invoice.pk,
            credit_lines.parts(credit_notes.so_far(invoice), {0: D("5.00")}),
            reason="Half",
        )
        for _ in range(2)
    ]
    credit_notes.issue_credit_note(invoice.brand, halves[0].pk)

    with pytest.raises(ValidationError, match=r"credited already|Only \$0.41 of Sales tax is left"):
        credit_notes.issue_credit_note(invoice.brand, halves[1].pk)
    _saved_again(sign_in(Role.BILLING), halves[1])
    credit_notes.issue_credit_note(invoice.brand, halves[1].pk)

    assert given_back(invoice) == (D("10.83"), D("0.83"))


def _saved_again(billing: Browser, note: Invoice) -> None:
    """The draft's form, saved as it is: its tax is computed anew."""
    line = note.draft_lines.get()
    billing.post(
        f"/b/fhi/invoices/{note.number}/credit-note/edit/",
        {
            f"description-{line.pk}": line.description,
            f"amount-{line.pk}": str(money.quantize(-line.amount, "USD")),
            "reason": "Half",
        },
    )


def _billed(rows: list[tuple[int, str]], currency: str) -> list[InvoiceLine]:
    lines = []
    for number, (minor, percent) in enumerate(rows, start=1):
        amount = money.from_minor(minor, currency)
        lines.append(
            InvoiceLine(
                description=f"Line {number}",
                charge_id=number,
                amount=amount,
                tax_name="Tax" if percent != "0" else "",
                tax_percent=D(percent),
                tax_amount=charge_tax(amount, D(percent), currency),
            )
        )
    return lines


def _as_issued(lines: list[CreditLine], currency: str) -> list[InvoiceLine]:
    return [
        InvoiceLine(
            charge_id=line.charge_id,
            amount=line.amount,
            tax_name=line.tax_name,
            tax_percent=line.tax_percent,
            tax_amount=line.tax(currency),
        )
        for line in lines
    ]


ROWS = st.lists(st.tuples(st.integers(1, 50_000), PERCENTS), min_size=1, max_size=4)
WEIGHTS = st.lists(st.integers(0, 9), min_size=1, max_size=8).filter(any)


@settings(max_examples=200, deadline=None)
@given(rows=ROWS, weights=WEIGHTS, currency=CURRENCIES)
def test_any_amounts_end_at_the_tax_of_each_rate(
    rows: list[tuple[int, str]], weights: list[int], currency: str
) -> None:
    billed, notes = _billed(rows, currency), list[InvoiceLine]()
    whole = sum((x.amount + x.tax_amount for x in billed), ZERO)
    for part in split(whole, [D(w) for w in weights], currency):
        if part:
            it = Credited.after(billed, notes, currency)
            made = credit_lines.of_amount(it, part, "FHI624")
            assert credit_lines.total_of(made, currency) == -part
            assert all(x.amount <= 0 and x.tax(currency) <= 0 for x in made)
            notes += _as_issued(made, currency)

    _is_all(billed, notes)


def _is_all(billed: list[InvoiceLine], notes: list[InvoiceLine]) -> None:
    """Of each rate, the notes give back what was billed, before tax and in tax."""
    sums: dict[tuple[str, Decimal], list[Decimal]] = {}
    for line in [*billed, *notes]:
        row = sums.setdefault((line.tax_name, line.tax_percent), [ZERO, ZERO])
        row[0] += line.amount
        row[1] += line.tax_amount
    assert all(row == [ZERO, ZERO] for row in sums.values())


@settings(max_examples=200, deadline=None)
@given(rows=ROWS, weights=st.lists(WEIGHTS, min_size=4, max_size=4), currency=CURRENCIES)
def test_any_parts_of_lines_end_at_the_tax_of_each_line(
    rows: list[tuple[int, str]], weights: list[list[int]], currency: str
) -> None:
    billed, notes = _billed(rows, currency), list[InvoiceLine]()
    for turn in range(max(map(len, weights))):
        amounts = {}
        for n, line in enumerate(billed):
            pieces = split(line.amount, [D(w) for w in weights[n]], currency)
            if turn < len(pieces) and pieces[turn]:
                amounts[n] = pieces[turn]
        made = credit_lines.parts(Credited.after(billed, notes, currency), amounts)
        assert all(x.tax(currency) <= 0 for x in made)
        notes += _as_issued(made, currency)

    _is_all(billed, notes)


@settings(max_examples=200, deadline=None)
@given(
    rows=ROWS,
    steps=st.lists(st.tuples(st.booleans(), st.integers(0, 3), st.integers(1, 60_000)), max_size=8),
    currency=CURRENCIES,
)
def test_amounts_and_lines_in_any_order_never_give_back_more_tax_than_was_billed(
    rows: list[tuple[int, str]], steps: list[tuple[bool, int, int]], currency: str
) -> None:
    billed, notes = _billed(rows, currency), list[InvoiceLine]()
    for is_amount, n, minor in steps:
        it = Credited.after(billed, notes, currency)
        left = sum(it.left().values(), ZERO)
        line = billed[n % len(billed)]
        part = min(money.from_minor(minor, currency), left if is_amount else line.amount)
        if part <= 0:
            continue
        if is_amount:
            made = credit_lines.of_amount(it, part, "FHI624")
        else:
            made = credit_lines.parts(it, {n % len(billed): part})
        if -credit_lines.total_of(made, currency) <= left:
            notes += _as_issued(made, currency)
    it = Credited.after(billed, notes, currency)
    assert all(it.tax_left((x.tax_name, x.tax_percent)) >= 0 for x in billed)
    rest = sum(it.left().values(), ZERO)
    if rest:
        made = credit_lines.of_amount(it, rest, "FHI624")
        assert credit_lines.total_of(made, currency) == -rest
