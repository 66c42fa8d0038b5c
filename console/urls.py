"""Staff pages. Every one lives under its brand."""

from django.urls import URLPattern, URLResolver, path

from console.views import work_order as job

BRAND = "b/<slug:brand_slug>"
JOB = f"{BRAND}/work-orders/<str:number>"

urlpatterns: list[URLPattern | URLResolver] = [
    path(f"{JOB}/", job.work_order, name="work_order"),
    path(f"{JOB}/activity/", job.work_order_activity, name="work_order_activity"),
    path(f"{JOB}/updates/", job.work_order_updates, name="work_order_updates"),
    path(f"{BRAND}/entries/<int:entry_id>/", job.entry, name="entry"),
]
