"""Staff pages. Every one lives under its brand."""

from django.urls import URLPattern, URLResolver, path

from console.views import brand_activity, clients, export, lists, payments_list, work_order
from ui.styleguide.view import styleguide

BRAND = "b/<slug:brand_slug>"
JOB = f"{BRAND}/work-orders/<str:number>"

urlpatterns: list[URLPattern | URLResolver] = [
    path(f"{JOB}/", work_order.work_order, name="work_order"),
    path(f"{JOB}/activity/", work_order.work_order_activity, name="work_order_activity"),
    path(f"{JOB}/updates/", work_order.work_order_updates, name="work_order_updates"),
    path(f"{JOB}/activity.<str:form>", export.work_order_export, name="work_order_export"),
    path(f"{BRAND}/entries/<int:entry_id>/", work_order.entry, name="entry"),
    path(f"{BRAND}/work-orders/", lists.work_orders, name="work_orders"),
    path(f"{BRAND}/search/", lists.search, name="search"),
    path(f"{BRAND}/clients/", clients.clients, name="clients"),
    path(f"{BRAND}/clients/<int:client_id>/", clients.client, name="client"),
    path(f"{BRAND}/payments/", payments_list.payments, name="payments"),
    # Not below payments/: what follows there is a payment's number.
    path(f"{BRAND}/payments.csv", payments_list.payments_export, name="payments_export"),
    path("styleguide/", styleguide, name="styleguide"),
    path(f"{BRAND}/activity/", brand_activity.brand_activity, name="brand_activity"),
]
