"""Forms of invoices and billing settings. They parse; the verbs decide."""

from datetime import date
from typing import Any

from django import forms

from core.forms import Form
from invoicing.domain.terms import MAX_TERMS, MAX_WIDTH
from workorders.forms import ReasonForm


class DueDateForm(ReasonForm):
    """Until when a client has time, and why that changes."""

    due_on = forms.DateField(label="Due on", widget=forms.DateInput(attrs={"type": "date"}))
    field_order = ["due_on", "reason"]

    def __init__(self, *args: Any, not_before: date | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not_before is not None:
            self.fields["due_on"].widget.attrs["min"] = not_before.isoformat()


class BillingSettingsForm(Form):
    """How a brand numbers its credit notes, and how long clients have to pay."""

    terms_days = forms.IntegerField(
        label="Payment terms, in days",
        min_value=0,
        max_value=MAX_TERMS,
        help_text="An invoice is due this many days after it is issued; 0 is at once. "
        "Those already drafted or issued keep their terms.",
    )
    credit_note_prefix = forms.CharField(
        label="Credit note prefix",
        max_length=12,
        help_text="Letters, digits, “-”, “_” and “.”. It tells credit notes from invoices, whose "
        "numbers are those of their work orders.",
    )
    width = forms.IntegerField(
        label="Digits",
        min_value=1,
        max_value=MAX_WIDTH,
        help_text="Shorter numbers get zeros in front.",
    )
    next_number = forms.IntegerField(
        label="Next number",
        min_value=1,
        help_text="May only go up, so that no number is used twice.",
    )
