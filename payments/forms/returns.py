"""The form of a return by the bank. It parses; the verbs decide."""

from typing import Any

from django import forms

from core import moments
from core.forms import AmountField, Form
from payments.domain.returns import Returned
from payments.forms.manual import DayField
from payments.models import Payment, ReturnReason


class ReturnForm(Form):
    """On which day a bank returned a payment, why, and whether the client pays the bank's fee."""

    returned_on = DayField(label="Returned on")
    why = forms.ChoiceField(
        choices=ReturnReason.choices,
        widget=forms.RadioSelect,
        initial=ReturnReason.FUNDS,
        label="Why did the bank return it?",
    )
    bank_fee = AmountField(required=False, label="Bank fee that the client pays")
    note = forms.CharField(
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="It is shown on the timeline, with your name. Needed for another reason.",
    )

    def __init__(self, *args: Any, payment: Payment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["returned_on"].initial = moments.today(payment.brand.time_zone)
        fee = self.fields["bank_fee"]
        assert isinstance(fee, AmountField)
        fee.set_currency(payment.currency)
        fee.help_text = f"It becomes a charge on {payment.work_order.number}, whose bill changes."

    def returned(self) -> Returned:
        """What was typed."""
        data = self.cleaned_data
        return Returned(
            on=data["returned_on"],
            why=ReturnReason(data["why"]),
            note=data["note"],
            bank_fee=data["bank_fee"],
        )
