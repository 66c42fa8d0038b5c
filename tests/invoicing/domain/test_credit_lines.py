"""What a credit note gives back: lines, parts of lines, an amount with its share of tax."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from core.money import quantize
from invoicing.domain import credit_lines
from invoicing.domain.credit_lines import Credited
from invoicing.domain.credit_notes import so_far
from invoicing.models import InvoiceLine
from invoicing.queries import credits as reads
from tests.invoicing import issued_invoices as bills
from workorders.domain.charges import ChargeLine
from workorders.models import Client

D = Decimal


def test_the_whole_invoice_is_turned_round_with_its_tax(person: Client) -> None:
    discount = ChargeLine("Discount", D("-20.00"))
    invoice = bills.bill(person, bills.taxed("270.00"), discount, "0.00")

    lines = credit_lines.whole(reads.billed_lines(invoice))

    assert [(x.description, x.amount, x.tax("USD")) for x in lines] == [
        ("Inspection", D("-270.00"), D("-22.28")),
        ("Discount", D("20.00"), D(0)),
    ]
    assert credit_lines.total_of(lines, "USD") == D("-272.28")
    assert lines[0].charge_id is not None


def test_part_of_a_line_gives_back_its_share_of_tax(person: Client) -> None:
    invoice = bills.bill(person, bills.taxed("200.00"), "100.00")

    lines = credit_lines.parts(
        so_far(invoice), {1: D("100.00"), 0: D("100.00")}, bills.given_lines("-5.00")
    )

    assert [(x.amount, x.tax("USD")) for x in lines] == [
        (D("-100.00"), D("-8.25")),
        (D("-100.00"), D(0)),
        (D("5.00"), D(0)),
    ]


def test_an_amount_of_an_untaxed_invoice_is_one_line(person: Client) -> None:
    invoice = bills.bill(person, "200.00", "100.00", number="FHI624")

    lines = credit_lines.of_amount(so_far(invoice), D("30.00"), "FHI624")

    assert [(x.description, x.amount) for x in lines] == [("Credit on FHI624", D("-30.00"))]


def test_an_amount_is_spread_over_the_rates_of_a_taxed_invoice(person: Client) -> None:
    invoice = bills.bill(person, bills.taxed("100.00"), "108.25")

    lines = credit_lines.of_amount(so_far(invoice), D("50.00"), "FHI624")

    assert [(x.description, x.amount, x.tax("USD")) for x in lines] == [
        ("Credit on FHI624 (Sales tax 8.25%)", D("-23.09"), D("-1.91")),
        ("Credit on FHI624 (not taxed)", D("-25.00"), D(0)),
    ]


@given(
    billed=st.lists(
        st.tuples(st.integers(-5_000, 50_000), st.sampled_from(["0", "8.25", "19", "100"])),
        min_size=1,
        max_size=5,
    ),
    amount=st.integers(1, 60_000),
    currency=st.sampled_from(["USD", "JPY", "KWD"]),
)
def test_lines_of_an_amount_sum_to_it_whatever_the_tax(
    billed: list[tuple[int, str]], amount: int, currency: str
) -> None:
    unit = D(1).scaleb({"USD": -2, "JPY": 0, "KWD": -3}[currency])
    rows = [
        InvoiceLine(
            amount=cents * unit,
            tax_name="Tax" if percent != "0" else "",
            tax_percent=D(percent),
            tax_amount=quantize(cents * unit * D(percent) / 100, currency),
        )
        for cents, percent in billed
    ]

    lines = credit_lines.of_amount(Credited(rows, currency), amount * unit, "FHI624")

    assert credit_lines.total_of(lines, currency) == -amount * unit
    # A cent may be all tax, where the tax is as high as the price.
    assert all(line.amount <= 0 and line.tax(currency) <= 0 for line in lines)
