"""Services, taxes and clients: what a brand sells, and to whom."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.access import BrandRequest, brand_view
from accounts.models import Role
from core.forms import show_errors
from workorders import queries
from workorders.domain import people, taxes
from workorders.domain import services as verbs
from workorders.forms import ClientForm, ServiceForm, TaxRateForm
from workorders.models import Client, Service, ServiceType, TaxRate


@brand_view(Role.BILLING)
def services(request: BrandRequest) -> HttpResponse:
    """The catalogue, what is still offered first. A brand has dozens of them, not thousands."""
    rows = Service.objects.filter(brand=request.brand).select_related("tax_rate")
    context = {
        "services": rows.order_by("-is_active", "name")[:1000],
        "taxed": TaxRate.objects.filter(brand=request.brand).exists(),
    }
    return render(request, "workorders/services.html", context)


@brand_view(Role.BILLING)
def service_new(request: BrandRequest) -> HttpResponse:
    """Add a catalogue item."""
    rates = queries.offered_tax_rates(request.brand)
    form = ServiceForm(request.POST or None, currency=request.brand.currency, rates=rates)
    del form.fields["is_active"]
    return _service(request, form, None)


@brand_view(Role.BILLING)
def service_edit(request: BrandRequest, service_id: int) -> HttpResponse:
    """Change a catalogue item, or stop offering it."""
    service = get_object_or_404(Service, brand=request.brand, pk=service_id)
    initial = {
        "name": service.name,
        "service_type": service.service_type,
        "default_price": service.default_price,
        "tax_rate": service.tax_rate_id,
        "is_active": service.is_active,
    }
    rates = queries.offered_tax_rates(request.brand, service.tax_rate_id)
    form = ServiceForm(
        request.POST or None, currency=request.brand.currency, rates=rates, initial=initial
    )
    return _service(request, form, service)


def _service(request: BrandRequest, form: ServiceForm, service: Service | None) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            saved = _save_service(request, form.cleaned_data, service)
        except ValidationError as error:
            show_errors(form, error)
        else:
            messages.success(request, f"“{saved.name}” is in the catalogue.")
            return redirect("services", request.brand.slug)
    return render(request, "workorders/service_form.html", {"form": form, "service": service})


def _save_service(request: BrandRequest, data: dict[str, Any], service: Service | None) -> Service:
    kind, price = ServiceType(data["service_type"]), data["default_price"]
    assert price is None or isinstance(price, Decimal)
    tax = data.get("tax_rate")
    if service is None:
        return verbs.create_service(
            request.brand,
            name=data["name"],
            service_type=kind,
            default_price=price,
            tax_rate_id=tax,
        )
    return verbs.edit_service(
        request.brand,
        service.pk,
        name=data["name"],
        service_type=kind,
        default_price=price,
        tax_rate_id=tax,
        is_active=data["is_active"],
    )


@brand_view(Role.BILLING)
def tax_rates(request: BrandRequest) -> HttpResponse:
    """The taxes that the brand adds to lines, those still offered first; a handful."""
    rates = TaxRate.objects.filter(brand=request.brand).order_by("-is_active", "name")[:1000]
    return render(request, "workorders/tax_rates.html", {"rates": rates})


@brand_view(Role.BILLING)
def tax_rate_new(request: BrandRequest) -> HttpResponse:
    """Add a tax rate."""
    form = TaxRateForm(request.POST or None)
    del form.fields["is_active"]
    return _tax_rate(request, form, None)


@brand_view(Role.BILLING)
def tax_rate_edit(request: BrandRequest, tax_rate_id: int) -> HttpResponse:
    """Change a tax rate, or switch it off."""
    rate = get_object_or_404(TaxRate, brand=request.brand, pk=tax_rate_id)
    initial = {"name": rate.name, "percent": rate.percent, "is_active": rate.is_active}
    return _tax_rate(request, TaxRateForm(request.POST or None, initial=initial), rate)


def _tax_rate(request: BrandRequest, form: TaxRateForm, rate: TaxRate | None) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            if rate is None:
                saved = taxes.create_tax_rate(request.brand, **form.cleaned_data)
            else:
                saved = taxes.edit_tax_rate(request.brand, rate.pk, **form.cleaned_data)
        except ValidationError as error:
            show_errors(form, error)
        else:
            word = "offered on charges" if saved.is_active else "no longer offered"
            messages.success(request, f"{saved} is {word}.")
            return redirect("tax_rates", request.brand.slug)
    return render(request, "workorders/tax_rate_form.html", {"form": form, "rate": rate})


@brand_view()
def client_new(request: BrandRequest) -> HttpResponse:
    """Add a client."""
    form = ClientForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            client = people.create_client(request.brand, **form.cleaned_data)
        except ValidationError as error:
            show_errors(form, error)
        else:
            messages.success(request, f"{client.name} is added.")
            return redirect("client", request.brand.slug, client.pk)
    return render(request, "workorders/client_form.html", {"form": form, "client": None})


@brand_view()
def client_edit(request: BrandRequest, client_id: int) -> HttpResponse:
    """Correct a client's own data; issued documents keep what they were issued with."""
    client = get_object_or_404(Client, brand=request.brand, pk=client_id)
    fields = ("name", "email", "phone", "address", "tax_number")
    initial = {name: getattr(client, name) for name in fields}
    form = ClientForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            people.edit_client(request.brand, client.pk, **form.cleaned_data)
        except ValidationError as error:
            show_errors(form, error)
        else:
            messages.success(request, "The client is updated.")
            return redirect("client", request.brand.slug, client.pk)
    return render(request, "workorders/client_form.html", {"form": form, "client": client})
