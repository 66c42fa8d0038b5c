"""Forms of payments. They parse; the verbs decide."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from accounts.models import Brand
from core import moments
from core.forms import AmountField, Form
from payments.domain.record import REFERENCE_NAMES, Correction, Manual
from payments.models import MANUAL_METHODS, Method, Payment
from workorders.models import WorkOrder
from workorders.queries import job_numbered

METHODS = [(m.value, m.label) for m in MANUAL_METHODS]


class DayField(forms.DateField):
    """A day, picked or typed as 2026-10-14."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        kwargs.setdefault("input_formats", ["%Y-%m-%d", "%m/%d/%Y"])
        super().__init__(**kwargs)


class ManualFields(Form):
    """What a payment recorded by hand says of itself, whatever it pays."""

    method = forms.ChoiceField(choices=METHODS, widget=forms.RadioSelect, initial=Method.CHECK)
    reference = forms.CharField(max_length=120, required=False, label="Check number or reference")
    received = forms.BooleanField(
        required=False, label="The money has already arrived", help_text="Otherwise it is pending."
    )
    happened_on = DayField(label="Date of the payment")
    payer_name = forms.CharField(max_length=160, required=False, label="Who paid")
    note = forms.CharField(
        max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2}), label="Note"
    )
    follow_up_on = DayField(
        required=False,
        label="Follow up on",
        help_text="The job is then listed under Needs attention.",
    )

    def __init__(self, *args: Any, brand: Brand, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.brand = brand
        self.fields["happened_on"].initial = moments.today(brand.time_zone)

    def manual(self) -> Manual:
        """What was typed, for the verb; a reference only where the method has one."""
        data = self.cleaned_data
        return Manual(
            method=data["method"],
            reference="" if data["method"] == Method.CASH else data["reference"],
            payer_name=data["payer_name"],
            happened_at=moments.instant_of(data["happened_on"], self.brand.time_zone),
            note=data["note"],
            follow_up_on=data["follow_up_on"],
            is_received=data["received"],
        )


class RecordForm(ManualFields):
    """A payment of one job."""

    amount = AmountField()
    field_order = ["method", "amount", "reference", "received", "happened_on", "payer_name"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        amount = self.fields["amount"]
        assert isinstance(amount, AmountField)
        amount.set_currency(self.brand.currency)


class ShareForm(Form):
    """One job that a check pays, and how much of it."""

    work_order = forms.CharField(max_length=40, required=False, label="Work order")
    amount = AmountField(required=False)

    def __init__(self, *args: Any, brand: Brand, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.brand = brand
        amount = self.fields["amount"]
        assert isinstance(amount, AmountField)
        amount.set_currency(brand.currency)

    def clean(self) -> dict[str, Any]:
        """Both or neither; the job is one of this brand."""
        data = super().clean() or {}
        number, amount = data.get("work_order"), data.get("amount")
        if number and amount is None and "amount" not in self.errors:
            self.add_error("amount", f"How much of it pays {number}?")
        if amount is not None and not number:
            self.add_error("work_order", "Which job?")
        data["job"] = self._job(number) if number else None
        return data

    def _job(self, number: str) -> WorkOrder | None:
        job = job_numbered(self.brand, number)
        if job is None:
            self.add_error("work_order", f"{self.brand} has no job {number}.")
        return job


ShareFormSet = forms.formset_factory(ShareForm, extra=3, max_num=100, absolute_max=120)


def shares_of(formset: Any) -> list[tuple[WorkOrder, Decimal]]:
    """The filled rows of a valid form set."""
    rows = [form.cleaned_data for form in formset if form.cleaned_data.get("job")]
    return [(row["job"], row["amount"]) for row in rows]


class ManyForm(ManualFields):
    """One check over several jobs: its whole amount, which the jobs' shares must come to."""

    total = AmountField(
        label="Whole amount", help_text="The amounts of the jobs must add up to this."
    )
    field_order = ["method", "total", "reference", "received", "happened_on", "payer_name"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        total = self.fields["total"]
        assert isinstance(total, AmountField)
        total.set_currency(self.brand.currency)


class ConfirmForm(Form):
    """When the money came."""

    confirmed_on = DayField(label="Received on")


class CorrectForm(Form):
    """A payment to be corrected: one amount field per job that it pays."""

    reference = forms.CharField(max_length=120, required=False)
    happened_on = DayField(label="Date of the payment")
    payer_name = forms.CharField(max_length=160, required=False, label="Who paid")
    reason = forms.CharField(
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="It is shown on the timeline, with your name.",
    )

    def __init__(self, *args: Any, payment: Payment, shares: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.payment, self.shares = payment, shares
        for share in shares:
            label = "Amount" if len(shares) == 1 else f"Share of {share.work_order.number}"
            self.fields[f"amount_{share.work_order_id}"] = AmountField(
                currency=payment.currency, label=label, initial=share.amount
            )
        self.fields["reference"].initial = payment.reference
        self.fields["reference"].label = (
            "Check number" if payment.method == Method.CHECK else "Reference"
        )
        self.fields["reference"].required = Method(payment.method) in REFERENCE_NAMES
        self.fields["payer_name"].initial = payment.payer_name
        self.day = moments.day_of(payment.happened_at, payment.brand.time_zone)
        self.fields["happened_on"].initial = self.day
        self.order_fields([f"amount_{s.work_order_id}" for s in shares])

    @property
    def names(self) -> dict[str, str]:
        """The form's name of each input that an error may name."""
        first = f"amount_{self.shares[0].work_order_id}"
        return {"amount": first, "amounts": first, "happened_at": "happened_on"}

    def correction(self) -> Correction:
        """What was typed; a day that was not touched keeps its time of day."""
        data = self.cleaned_data
        day = data["happened_on"]
        return Correction(
            amounts={s.work_order_id: data[f"amount_{s.work_order_id}"] for s in self.shares},
            reference=data["reference"],
            payer_name=data["payer_name"],
            happened_at=None
            if day == self.day
            else moments.instant_of(day, self.payment.brand.time_zone),
        )


class ReasonForm(Form):
    """Why; the timeline shows it."""

    reason = forms.CharField(
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="It is shown on the timeline, with your name.",
    )


class ReconcileForm(Form):
    """Where the money was found."""

    note = forms.CharField(
        max_length=500, required=False, help_text="For example: bank statement of 3 March."
    )


class NoteForm(Form):
    """What to remember of a payment, and when to come back to it."""

    note = forms.CharField(
        max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    follow_up_on = DayField(
        required=False,
        label="Follow up on",
        help_text="The job is then listed under Needs attention.",
    )


class AttachForm(Form):
    """The job that an unmatched order belongs to."""

    work_order = forms.CharField(max_length=40, label="Work order number")


class ResolveForm(Form):
    """What was decided."""

    note = forms.CharField(
        max_length=500, label="What was decided", widget=forms.Textarea(attrs={"rows": 2})
    )


class SecretForm(Form):
    """A provider's webhook secret; never shown again after it was entered."""

    provider = forms.CharField(widget=forms.HiddenInput)
    secret = forms.CharField(
        min_length=12,
        max_length=400,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="As the provider shows it. It is stored encrypted and never shown again.",
    )
