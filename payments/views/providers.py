"""Provider accounts of a brand: where its webhooks go, and the secret they are signed with."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.access import BrandRequest, brand_view
from accounts.models import Role
from core import clock
from core.secrets import seal
from payments.forms.manual import SecretForm
from payments.ingest.incoming import LABELS
from payments.models import ProviderAccount


@brand_view(role=Role.ADMIN)
def provider_settings(request: BrandRequest) -> HttpResponse:
    """Each provider with its webhook address; enter a secret, or switch the webhook off."""
    provider = request.POST.get("provider", "")
    form = SecretForm(request.POST, prefix=None, auto_id=f"id_{provider}_%s")
    if request.method == "POST" and provider in LABELS:
        if request.POST.get("do") == "switch":
            return _switch(request, provider)
        if form.is_valid():
            return _save(request, provider, form.cleaned_data["secret"])
    bound = form if request.method == "POST" else None
    context = {"providers": [_shown(request, slug, bound) for slug in LABELS]}
    return render(request, "payments/providers.html", context)


def _shown(request: BrandRequest, slug: str, bound: SecretForm | None) -> dict[str, Any]:
    account = ProviderAccount.objects.filter(brand=request.brand, provider=slug).first()
    path = reverse("pac_webhook", args=[slug, request.brand.slug])
    is_bound = bound is not None and request.POST.get("provider") == slug
    blank = SecretForm(initial={"provider": slug}, auto_id=f"id_{slug}_%s")
    return {
        "slug": slug,
        "label": LABELS[slug],
        "account": account,
        "url": f"{settings.PUBLIC_URL.rstrip('/')}{path}",
        "form": bound if is_bound else blank,
    }


def _save(request: BrandRequest, provider: str, secret: str) -> HttpResponse:
    ProviderAccount.objects.update_or_create(
        brand=request.brand,
        provider=provider,
        defaults={
            "webhook_secret": seal(secret),
            "secret_set_at": clock.now(),
            "is_active": True,
        },
    )
    messages.success(request, f"{LABELS[provider]}’s webhooks are checked with the new secret.")
    return redirect("provider_settings", request.brand.slug)


def _switch(request: BrandRequest, provider: str) -> HttpResponse:
    account = ProviderAccount.objects.filter(brand=request.brand, provider=provider).first()
    if account is not None:
        account.is_active = not account.is_active
        account.save(update_fields=["is_active"])
        state = "taken" if account.is_active else "refused"
        messages.success(request, f"{LABELS[provider]}’s webhooks are {state} from now on.")
    return redirect("provider_settings", request.brand.slug)
