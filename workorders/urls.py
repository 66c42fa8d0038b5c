"""Pages that write to jobs, people and the catalogue."""

from django.urls import URLPattern, URLResolver, path

from workorders.views import catalogue, jobs, notes, rows

JOBS = "b/<slug:brand_slug>/work-orders/"
JOB = f"{JOBS}<str:number>/"
CLIENTS = "b/<slug:brand_slug>/clients/"
SERVICES = "b/<slug:brand_slug>/services/"
TAX_RATES = f"{SERVICES}tax-rates/"

urlpatterns: list[URLPattern | URLResolver] = [
    path(f"{JOBS}new/", jobs.work_order_new, name="work_order_new"),
    path(f"{JOB}edit/", jobs.work_order_edit, name="work_order_edit"),
    path(f"{JOB}status/<str:status>/", jobs.work_order_status, name="work_order_status"),
    path(f"{JOB}publish/", jobs.work_order_publish, name="work_order_publish"),
    path(f"{JOB}card-fee/", jobs.work_order_fee, name="work_order_fee"),
    path(f"{JOB}charges/", rows.charges_edit, name="charges_edit"),
    path(f"{JOB}contacts/", rows.contacts_edit, name="contacts_edit"),
    path(f"{JOB}notes/new/", notes.note_add, name="note_add"),
    path(f"{CLIENTS}new/", catalogue.client_new, name="client_new"),
    path(f"{CLIENTS}<int:client_id>/edit/", catalogue.client_edit, name="client_edit"),
    path(SERVICES, catalogue.services, name="services"),
    path(f"{SERVICES}new/", catalogue.service_new, name="service_new"),
    path(f"{SERVICES}<int:service_id>/", catalogue.service_edit, name="service_edit"),
    path(TAX_RATES, catalogue.tax_rates, name="tax_rates"),
    path(f"{TAX_RATES}new/", catalogue.tax_rate_new, name="tax_rate_new"),
    path(f"{TAX_RATES}<int:tax_rate_id>/", catalogue.tax_rate_edit, name="tax_rate_edit"),
]
