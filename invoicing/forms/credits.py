"""Forms of credit notes and of clients' credits. They parse; the verbs decide.

People write what is given back above zero, and with a minus what they keep of it; a credit
note's lines have it the other way round.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.html import format_html

from accounts.models import Brand
from core import moments
from core.forms import AmountField, Form
from core.money import display
from invoicing.domain import credit_lines
from invoicing.domain.credit_lines import Credited, CreditLine
from invoicing.domain.prepayments import METHODS
from invoicing.models import CreditNoteLine, Invoice, InvoiceLine
from workorders.domain.reasons import MAX_REASON

# Blank rows for what is not billed: a deduction, something for goodwill.
SPARE_ROWS = 2
WHOLE, LINES, AMOUNT = "whole", "lines", "amount"


class ReasonField(forms.CharField):
    """Why something is done; ``help_text`` says who reads it."""

    def __init__(self, help_text: str = "Shown on the job’s timeline.", **kwargs: Any) -> None:
        kwargs.setdefault("max_length", MAX_REASON)
        super().__init__(widget=forms.Textarea(attrs={"rows": 2}), help_text=help_text, **kwargs)


class ReasonForm(Form):
    """A reason and nothing else."""

    reason = ReasonField()


@dataclass(frozen=True)
class Row:
    """One row as the page shows it; ``take`` only where a billed line may be chosen."""

    billed: InvoiceLine | None
    description: forms.BoundField | None
    amount: forms.BoundField
    take: forms.BoundField | None = None


class CreditRows(Form):
    """Rows of description and amount; a row without an amount is left out."""

    def __init__(self, *args: Any, invoice: Invoice, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invoice = invoice
        self.currency = invoice.currency

    def _add_row(self, name: str, label: str, line: CreditNoteLine | None = None) -> None:
        self.fields[f"description-{name}"] = forms.CharField(
            max_length=240,
            required=False,
            label=format_html('What for<span class="sr-only">: {}</span>', label),
            initial=line.description if line else "",
        )
        self._add_amount(name, label, -line.amount if line else None)

    def _add_amount(self, name: str, label: str, initial: Decimal | None) -> None:
        self.fields[f"amount-{name}"] = AmountField(
            currency=self.currency,
            required=False,
            label=format_html('Gives back<span class="sr-only">: {}</span>', label),
            initial=initial,
        )

    def _free(self, names: Sequence[str]) -> list[CreditLine]:
        """The lines that rows with a description of their own ask for, untaxed."""
        data = self.cleaned_data
        return [
            CreditLine(data[f"description-{name}"], -data[f"amount-{name}"])
            for name in names
            if data.get(f"amount-{name}")
        ]

    def _check_words(self, names: Sequence[str]) -> None:
        for name in names:
            words = self.cleaned_data.get(f"description-{name}")
            amount = self.cleaned_data.get(f"amount-{name}")
            if amount and not words:
                self.add_error(f"description-{name}", "Say what it is for.")
            if words and not amount and f"amount-{name}" not in self.errors and name in SPARES:
                self.add_error(f"amount-{name}", "Enter its amount, or leave the row empty.")


SPARES = [f"more{number}" for number in range(1, SPARE_ROWS + 1)]


class NewCreditNoteForm(CreditRows):
    """What of an invoice is given back: all of it, some lines, or an amount."""

    how = forms.ChoiceField(
        label="What is given back?", widget=forms.RadioSelect, initial=LINES, choices=()
    )
    amount = AmountField(required=False, label="Amount, tax included")
    reason = ReasonField("The client reads it on the credit note; it is shown on the timeline.")

    def __init__(
        self,
        *args: Any,
        invoice: Invoice,
        billed: Sequence[InvoiceLine],
        left: Decimal,
        notes: Sequence[InvoiceLine] = (),
        **kw: Any,
    ) -> None:
        super().__init__(*args, invoice=invoice, **kw)
        self.billed, self.notes = list(billed), list(notes)
        how, amount = self.fields["how"], self.fields["amount"]
        assert isinstance(how, forms.ChoiceField)
        assert isinstance(amount, AmountField)
        whole = credit_lines.total_of(credit_lines.whole(self.billed), self.currency)
        how.choices = [(LINES, "Some of its lines"), (AMOUNT, "One amount")]
        if -whole <= left:
            words = f"The whole invoice, {display(-whole, self.currency)}"
            how.choices = [*how.choices, (WHOLE, words)]
        amount.set_currency(self.currency)
        amount.help_text = f"At most {display(left, self.currency)}."
        for number, line in enumerate(self.billed):
            self.fields[f"take-{number}"] = forms.BooleanField(
                required=False, label=line.description
            )
            self._add_amount(str(number), line.description, line.amount)
        for number, name in enumerate(SPARES, start=1):
            self._add_row(name, f"More {number}")

    @property
    def rows(self) -> list[Row]:
        """The billed lines, to choose from."""
        return [
            Row(line, None, self[f"amount-{number}"], self[f"take-{number}"])
            for number, line in enumerate(self.billed)
        ]

    @property
    def spare_rows(self) -> list[Row]:
        """Blank rows."""
        return [Row(None, self[f"description-{n}"], self[f"amount-{n}"]) for n in SPARES]

    def clean(self) -> dict[str, Any]:
        """Only what was chosen counts; the rest may hold anything."""
        data = super().clean() or {}
        how = data.get("how")
        if how == LINES:
            self._check_rows(data)
        else:
            for name in [n for n in self.errors if n.startswith(("amount-", "description-"))]:
                del self.errors[name]
        if how != AMOUNT:
            self.errors.pop("amount", None)
        elif data.get("amount") is None and "amount" not in self.errors:
            self.add_error("amount", "Enter how much is given back.")
        elif (data.get("amount") or 0) <= 0 and "amount" not in self.errors:
            self.add_error("amount", "Enter an amount above zero.")
        return data

    def _check_rows(self, data: dict[str, Any]) -> None:
        for number in range(len(self.billed)):
            name = f"amount-{number}"
            if not data.get(f"take-{number}"):
                self.errors.pop(name, None)
            elif not data.get(name) and name not in self.errors:
                self.add_error(name, "Enter how much of it is given back.")
        self._check_words(SPARES)
        if not self.errors and not self._taken(data) and not self._free(SPARES):
            self.add_error("how", "Choose at least one line.")

    def _taken(self, data: dict[str, Any]) -> dict[int, Decimal]:
        numbers = range(len(self.billed))
        return {n: data[f"amount-{n}"] for n in numbers if data.get(f"take-{n}")}

    def lines(self) -> list[CreditLine]:
        """The note's lines, as the verb takes them."""
        data = self.cleaned_data
        if data["how"] == WHOLE:
            return credit_lines.whole(self.billed)
        credited = Credited.after(self.billed, self.notes, self.currency)
        if data["how"] == AMOUNT:
            return credit_lines.of_amount(credited, data["amount"], self.invoice.number)
        return credit_lines.parts(credited, self._taken(data), self._free(SPARES))

    @property
    def names(self) -> dict[str, str]:
        """Which field shows a refusal of the verb."""
        where = {AMOUNT: "amount", LINES: "how", WHOLE: "how"}[self.cleaned_data["how"]]
        return {"lines": where, "amount": where, "description": where}


class EditCreditNoteForm(CreditRows):
    """A draft's lines, as they were typed or made."""

    reason = ReasonField("The client reads it on the credit note; it is shown on the timeline.")

    def __init__(
        self,
        *args: Any,
        invoice: Invoice,
        drafted: Sequence[CreditNoteLine],
        credited: Credited,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, invoice=invoice, **kwargs)
        self.credited = credited
        self.drafted = {str(line.pk): line for line in drafted}
        for number, (name, line) in enumerate(self.drafted.items(), start=1):
            self._add_row(name, f"Line {number}", line)
        for number, name in enumerate(SPARES, start=1):
            self._add_row(name, f"More {number}")

    @property
    def rows(self) -> list[Row]:
        """The draft's lines, then blank ones."""
        names = [*self.drafted, *SPARES]
        return [Row(None, self[f"description-{n}"], self[f"amount-{n}"]) for n in names]

    def clean(self) -> dict[str, Any]:
        """A row with an amount says what it is for."""
        data = super().clean() or {}
        self._check_words([*self.drafted, *SPARES])
        return data

    def lines(self) -> list[CreditLine]:
        """The note's lines: a changed amount, or a tax that is gone, has its tax computed anew."""
        data, credited = self.cleaned_data, copy.deepcopy(self.credited)
        lines = [
            CreditLine(
                description=data[f"description-{name}"],
                amount=-data[f"amount-{name}"],
                tax_name=line.tax_name,
                tax_percent=line.tax_percent,
                charge_id=line.charge_id,
                tax_amount=line.tax_amount if line.amount == -data[f"amount-{name}"] else None,
            )
            for name, line in self.drafted.items()
            if data.get(f"amount-{name}")
        ]
        again = [credit_lines.again(credited, line) for line in lines]
        return [*again, *self._free(SPARES)]

    names: dict[str, str] = {}


class IssueForm(Form):
    """How much of a credit note goes on its invoice at once."""

    apply_now = AmountField(required=False)

    def __init__(self, *args: Any, number: str, currency: str, due: Decimal, **kw: Any) -> None:
        super().__init__(*args, **kw)
        field = self.fields["apply_now"]
        assert isinstance(field, AmountField)
        field.set_currency(currency)
        field.label = f"Apply to {number} at once"
        field.help_text = (
            f"{display(due, currency)} is due there. Leave it empty to keep all of it as the "
            "client’s credit."
        )
        if due <= 0:
            del self.fields["apply_now"]


class ApplyForm(Form):
    """Which invoice a credit pays, and how much of it."""

    invoice = forms.TypedChoiceField(coerce=int, widget=forms.RadioSelect)
    amount = AmountField()

    def __init__(
        self, *args: Any, currency: str, choices: Sequence[tuple[int, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        invoice, amount = self.fields["invoice"], self.fields["amount"]
        assert isinstance(invoice, forms.ChoiceField)
        assert isinstance(amount, AmountField)
        invoice.choices = list(choices)
        if len(choices) == 1:
            invoice.initial = choices[0][0]
        amount.set_currency(currency)


class MoneyForm(Form):
    """An amount, and why."""

    amount = AmountField()
    reason = ReasonField(required=False)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        amount = self.fields["amount"]
        assert isinstance(amount, AmountField)
        amount.set_currency(currency)


class GiveBackForm(MoneyForm):
    """Money that went back to a client."""

    reference = forms.CharField(
        max_length=120, help_text="Of the transfer back, at the bank or the provider."
    )
    reason = ReasonField("Shown on the client’s activity.")
    field_order = ["amount", "reference", "reason"]


class PrepaymentForm(MoneyForm):
    """Money that is here before there is a bill."""

    method = forms.ChoiceField(
        choices=list(METHODS.items()), widget=forms.RadioSelect, initial="check"
    )
    reference = forms.CharField(max_length=120, required=False, label="Check number or reference")
    received_on = forms.DateField(
        label="Received on",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%m/%d/%Y"],
    )
    reason = ReasonField("Shown on the client’s activity.", required=False, label="Note")
    field_order = ["method", "amount", "reference", "received_on", "reason"]

    def __init__(self, *args: Any, brand: Brand, **kwargs: Any) -> None:
        super().__init__(*args, currency=brand.currency, **kwargs)
        self.brand = brand
        self.fields["received_on"].initial = moments.today(brand.time_zone)

    def received_at(self) -> datetime:
        """The day as an instant: now for today, else noon where the brand is."""
        return moments.instant_of(self.cleaned_data["received_on"], self.brand.time_zone)

    names = {"received_at": "received_on", "client": "__all__"}
