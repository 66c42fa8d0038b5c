"""URLs of this app."""

from django.urls import URLPattern, URLResolver, path

from payments.providers.webhook import webhook
from payments.views import cancel, inbox, payment, providers, record, refund, returns

BRAND = "b/<slug:brand_slug>"
PAYMENT = f"{BRAND}/payments/<str:number>"

urlpatterns: list[URLPattern | URLResolver] = [
    path("webhooks/<str:provider>/<slug:brand_slug>/", webhook, name="webhook"),
    path("webhooks/pac/<str:provider>/<slug:brand_slug>/", webhook, name="pac_webhook"),
    path(
        f"{BRAND}/work-orders/<str:number>/payments/new/",
        record.payment_record,
        name="payment_record",
    ),
    path(f"{BRAND}/payments/new/", record.payment_record_many, name="payment_record_many"),
    path(f"{PAYMENT}/", payment.payment, name="payment"),
    path(f"{PAYMENT}/confirm/", payment.payment_confirm, name="payment_confirm"),
    path(f"{PAYMENT}/correct/", payment.payment_correct, name="payment_correct"),
    path(f"{PAYMENT}/void/", payment.payment_void, name="payment_void"),
    path(f"{PAYMENT}/returned/", returns.payment_return, name="payment_return"),
    path(f"{PAYMENT}/not-returned/", returns.payment_undo_return, name="payment_undo_return"),
    path(f"{PAYMENT}/reconcile/", payment.payment_reconcile, name="payment_reconcile"),
    path(f"{PAYMENT}/note/", payment.payment_note, name="payment_note"),
    path(f"{PAYMENT}/refund/", refund.refund_new, name="refund_new"),
    path(f"{BRAND}/refunds/<int:refund_id>/done/", refund.refund_complete, name="refund_complete"),
    path(f"{BRAND}/refunds/<int:refund_id>/failed/", refund.refund_fail, name="refund_fail"),
    path(f"{BRAND}/refunds/<int:refund_id>/cancel/", refund.refund_cancel, name="refund_cancel"),
    path(f"{BRAND}/work-orders/<str:number>/cancel/", cancel.job_cancel, name="job_cancel"),
    path(f"{BRAND}/exceptions/", inbox.exceptions, name="exceptions"),
    path(f"{BRAND}/exceptions/<int:exception_id>/", inbox.exception, name="exception"),
    path(f"{BRAND}/settings/providers/", providers.provider_settings, name="provider_settings"),
]
