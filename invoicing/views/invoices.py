"""One invoice: what it bills, what came in for it, and what may be done to it."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.access import BrandRequest, brand_view
from invoicing.models import Invoice


def invoice_or_404(request: BrandRequest, number: str) -> Invoice:
    """The brand's invoice or credit note with ``number``; 404 for anybody else's."""
    rows = Invoice.objects.select_related("work_order", "client")
    found = get_object_or_404(rows, brand=request.brand, number=number)
    found.brand = found.work_order.brand = request.brand
    return found


@brand_view()
def invoice(request: BrandRequest, document: str) -> HttpResponse:
    """The invoice's own page."""
    found = invoice_or_404(request, document)
    if found.is_credit_note:
        from invoicing.views.credit_notes import credit_note  # its pages need this module

        return credit_note(request, found)
    return render(request, "invoicing/invoice.html", {"invoice": found, "job": found.work_order})
