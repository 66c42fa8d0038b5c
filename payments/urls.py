"""URLs of this app."""

from django.urls import URLPattern, URLResolver, path

from payments.views import webhooks

urlpatterns: list[URLPattern | URLResolver] = [
    path(
        "webhooks/pac/<str:provider>/<slug:brand_slug>/", webhooks.pac_webhook, name="pac_webhook"
    ),
]
