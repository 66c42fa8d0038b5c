"""URLs of this app, under ``/demo/`` and only there where DEMO is set."""

from django.urls import URLPattern, URLResolver, path

from sandbox import views

urlpatterns: list[URLPattern | URLResolver] = [
    path(
        "b/<slug:brand_slug>/work-orders/<str:number>/pay-at-close/",
        views.demo_order,
        name="demo_order",
    ),
]
