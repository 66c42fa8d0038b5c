"""Every component in every state. Shown only in development and in the demo."""

from datetime import date

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.access import public
from core.forms import Form
from ui.styleguide import samples, threads


class SampleForm(Form):
    """A refund, with every kind of field."""

    amount = forms.DecimalField(
        label="Services part",
        help_text="At most $204.00. The fee part is added by itself.",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    reason = forms.ChoiceField(
        choices=[("", "Choose…"), ("duplicate", "Paid twice"), ("cancelled", "Job cancelled")]
    )
    owes = forms.ChoiceField(
        label="After this refund the client",
        choices=[("less", "owes less: a credit note goes with it"), ("again", "owes it again")],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False)
    receipt = forms.BooleanField(label="Send a receipt to the client", required=False, initial=True)


@public
def styleguide(request: HttpRequest) -> HttpResponse:
    """The components on one page; 404 in production."""
    if not (settings.DEBUG or settings.DEMO):
        raise Http404
    messages.success(request, "Refund R-1 of $211.14 was requested.")
    messages.error(request, "The payment was declined: insufficient funds.")
    context = {
        "shell": {
            "nav": samples.NAV,
            "brands": samples.BRANDS,
            "search_url": "#",
            "role_label": "Billing admin",
        },
        "states": samples.STATES,
        "figures": samples.FIGURES,
        "figures_now": samples.FIGURES_NOW,
        "filters": samples.FILTERS,
        "tabs": samples.TABS,
        "columns": samples.COLUMNS,
        "rows": samples.ROWS,
        "form": SampleForm(initial={"amount": "204.00"}),
        "wrong_form": SampleForm({"amount": "many", "owes": "less"}, auto_id="wrong_%s"),
        "days": [
            (date(2026, 11, 20), threads.OPEN_DAY),
            (date(2026, 5, 4), threads.PAYMENT_DAY),
        ],
        "new_count": 2,
        "tz": samples.ZONE,
        "tz_name": samples.ZONE,
        "older_url": "?before=10",
        "amounts": samples.AMOUNTS,
    }
    return render(request, "styleguide.html", context)
