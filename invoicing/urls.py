"""Pages of invoices, credits, fees and billing terms."""

from django.urls import URLPattern, URLResolver, path

from invoicing.views import invoices

BRAND = "b/<slug:brand_slug>"
# An invoice or a credit note, by its number.
INVOICE = f"{BRAND}/invoices/<str:document>"
# A client's credit.
CREDIT = f"{BRAND}/credits/<int:pk>"
SETTINGS = f"{BRAND}/settings"

urlpatterns: list[URLPattern | URLResolver] = [
    path(f"{INVOICE}/", invoices.invoice, name="invoice"),
]
