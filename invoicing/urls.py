"""Pages of invoices, credits, fees and billing terms."""

from django.urls import URLPattern, URLResolver, path

from invoicing.views import credit_notes, fees, invoice_verbs, invoices, items, settings
from invoicing.views import credits as credit_pages

BRAND = "b/<slug:brand_slug>"
# An invoice or a credit note, by its number.
INVOICE = f"{BRAND}/invoices/<str:document>"
# A client's credit.
CREDIT = f"{BRAND}/credits/<int:pk>"
SETTINGS = f"{BRAND}/settings"

# The fee that one payment of a job came in without; the key is the payment's on the ledger.
FEE = f"{BRAND}/work-orders/<str:number>/fees/<str:payment_key>"

urlpatterns: list[URLPattern | URLResolver] = [
    path(f"{INVOICE}/", invoices.invoice, name="invoice"),
    path(f"{INVOICE}/issue/", invoice_verbs.invoice_issue, name="invoice_issue"),
    path(f"{INVOICE}/separate/", invoice_verbs.invoice_separate, name="invoice_separate"),
    path(f"{INVOICE}/due/", invoice_verbs.invoice_due, name="invoice_due"),
    path(f"{INVOICE}/void/", invoice_verbs.invoice_void, name="invoice_void"),
    path(f"{SETTINGS}/billing/", settings.billing_settings, name="billing_settings"),
    path(f"{INVOICE}/credit-note/new/", credit_notes.credit_note_new, name="credit_note_new"),
    path(f"{INVOICE}/credit-note/edit/", credit_notes.credit_note_edit, name="credit_note_edit"),
    path(f"{INVOICE}/credit-note/issue/", credit_notes.credit_note_issue, name="credit_note_issue"),
    path(
        f"{INVOICE}/credit-note/delete/", credit_notes.credit_note_delete, name="credit_note_delete"
    ),
    path(f"{INVOICE}/credit-note/void/", credit_notes.credit_note_void, name="credit_note_void"),
    path(f"{INVOICE}/keep-credit/", credit_pages.invoice_keep_credit, name="invoice_keep_credit"),
    path(f"{CREDIT}/", credit_pages.credit, name="credit"),
    path(f"{CREDIT}/apply/", credit_pages.credit_apply, name="credit_apply"),
    path(
        f"{CREDIT}/take-off/<str:document>/", credit_pages.credit_take_off, name="credit_take_off"
    ),
    path(f"{CREDIT}/give-back/", credit_pages.credit_give_back, name="credit_give_back"),
    path(
        f"{BRAND}/clients/<int:client_id>/prepayments/new/",
        credit_pages.prepayment_new,
        name="prepayment_new",
    ),
    path(f"{BRAND}/items/", items.items, name="items"),
    path(f"{BRAND}/items/ordered/", items.items_ordered, name="items_ordered"),
    path(f"{BRAND}/items/delivered/", items.items_delivered, name="items_delivered"),
    path(f"{SETTINGS}/fees/", fees.fee_settings, name="fee_settings"),
    path(f"{SETTINGS}/fees/new/", fees.fee_new, name="fee_new"),
    path(f"{SETTINGS}/fees/<int:policy_id>/remove/", fees.fee_remove, name="fee_remove"),
    path(f"{FEE}/waive/", fees.fee_waive, name="fee_waive"),
    path(f"{FEE}/bill/", fees.fee_bill, name="fee_bill"),
    path(f"{BRAND}/help/technology-fee/", fees.help_technology_fee, name="help_technology_fee"),
]
