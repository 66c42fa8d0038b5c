"""The form that asks before an invoice is voided."""

from collections.abc import Sequence
from typing import Any

from django import forms

from core.money import display, total
from invoicing.domain.issuing import Notes, notes_in_use
from invoicing.models import ClientCredit, Invoice
from workorders.forms import ReasonForm


class VoidForm(ReasonForm):
    """Why; and what becomes of the credit notes that were made from the invoice, where it has some.

    ``notes`` are what these give. A note that pays another bill cannot be voided: then there is
    one answer, and it says why.
    """

    notes = forms.ChoiceField(widget=forms.RadioSelect)
    field_order = ["notes", "reason"]

    def __init__(
        self, *args: Any, invoice: Invoice, notes: Sequence[ClientCredit], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if not notes:
            del self.fields["notes"]
            return
        field = self.fields["notes"]
        assert isinstance(field, forms.ChoiceField)
        names = " and ".join(note.label for note in notes)
        them = "it" if len(notes) == 1 else "them"
        sum_ = display(total((note.amount for note in notes), invoice.currency), invoice.currency)
        client = invoice.client.name
        used = notes_in_use(invoice, notes)
        field.label = f"What becomes of {names}, {sum_}, made from {invoice.number}?"
        void = (Notes.VOID.value, f"Void {them} too: {client} has no credit of {sum_} from it")
        keep = (Notes.KEEP.value, f"Keep {them}: {client} has {sum_} of credit for other bills")
        field.choices = [keep] if used else [void, keep]
        field.help_text = used

    @property
    def chosen(self) -> Notes | None:
        """The answer; None where nothing was asked."""
        answer = self.cleaned_data.get("notes")
        return Notes(answer) if answer else None
