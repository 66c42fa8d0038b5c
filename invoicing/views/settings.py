"""Billing settings of a brand: when invoices are due, how credit notes are numbered."""

from dataclasses import asdict

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.access import BrandRequest, brand_view
from accounts.models import Role
from core.forms import show_errors
from invoicing.domain import terms
from invoicing.domain.terms import BillingTerms
from invoicing.forms.due_date import BillingSettingsForm


@brand_view(role=Role.ADMIN)
def billing_settings(request: BrandRequest) -> HttpResponse:
    """See and set them; says how the next credit note will be called."""
    current = terms.terms_of(request.brand)
    form = BillingSettingsForm(request.POST or None, initial=asdict(current))
    form.fields["next_number"].widget.attrs["min"] = current.next_number
    if request.method == "POST" and form.is_valid():
        try:
            terms.set_terms(request.brand, BillingTerms(**form.cleaned_data))
        except ValidationError as error:
            show_errors(form, error)
        else:
            messages.success(request, "The billing settings are saved.")
            return redirect("billing_settings", request.brand.slug)
    context = {"form": form, "preview": current.preview()}
    return render(request, "invoicing/billing_settings.html", context)
