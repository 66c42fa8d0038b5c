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
from payments.models import ProviderAccount
from payments.providers.base import ProviderKind, Webhooks
from payments.providers.registry import kind_of, label_of, with_webhooks


@brand_view(role=Role.ADMIN)
def provider_settings(request: BrandRequest) -> HttpResponse:
    """Each provider with its webhook address; enter a secret, or switch the webhook off."""
    provider = request.POST.get("provider", "")
    form = SecretForm(request.POST, prefix=None, auto_id=f"id_{provider}_%s")
    if request.method == "POST" and kind_of(provider).webhooks:
        if request.POST.get("do") == "switch":
            return _switch(request, provider)
        if form.is_valid():
            return _save(request, provider, form.cleaned_data["secret"])
    bound = form if request.method == "POST" else None
    panels = [_panel(request, kind, webhooks, bound) for kind, webhooks in with_webhooks()]
    return render(request, "payments/providers.html", {"providers": panels})


def _panel(
    request: BrandRequest, kind: ProviderKind, webhooks: Webhooks, bound: SecretForm | None
) -> dict[str, Any]:
    """What the page shows of one provider. ``bound``: the form as it was just posted."""
    slug = kind.slug
    account = ProviderAccount.objects.filter(brand=request.brand, provider=slug).first()
    path = reverse(webhooks.url_name, args=[slug, request.brand.slug])
    is_bound = bound is not None and request.POST.get("provider") == slug
    blank = SecretForm(initial={"provider": slug}, auto_id=f"id_{slug}_%s")
    return {
        "slug": slug,
        "label": kind.label,
        "account": account,
        "url": f"{settings.PUBLIC_URL.rstrip('/')}{path}",
        "signature_header": webhooks.signature_header,
        "signature_text": webhooks.signature_text,
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
    messages.success(request, f"{label_of(provider)}’s webhooks are checked with the new secret.")
    return redirect("provider_settings", request.brand.slug)


def _switch(request: BrandRequest, provider: str) -> HttpResponse:
    account = ProviderAccount.objects.filter(brand=request.brand, provider=provider).first()
    if account is not None:
        account.is_active = not account.is_active
        account.save(update_fields=["is_active"])
        state = "taken" if account.is_active else "refused"
        messages.success(request, f"{label_of(provider)}’s webhooks are {state} from now on.")
    return redirect("provider_settings", request.brand.slug)
