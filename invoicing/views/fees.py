"""The technology fee: its settings, what is decided of a missing one, and how to explain it."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts.access import BrandRequest, brand_view
from accounts.models import Role
from core import clock, moments
from core.forms import show_errors
from core.guides import guide
from core.money import display, zero_of
from invoicing.domain.fee_decisions import (
    MissingFee,
    bill_fee,
    missing_fees,
    waive_fee,
    why_not,
)
from invoicing.domain.fees import add_policy, as_policy, remove_policy
from invoicing.forms.fees import MISSING, FeePolicyForm, SampleForm, price_words
from invoicing.models import FeePolicy, LedgerEntry
from invoicing.settlement.quote import Policy
from invoicing.timeline.shapes import PolicyRow
from invoicing.timeline.words import policy_words
from ui.confirm import confirm_page
from workorders.forms import ReasonForm
from workorders.models import WorkOrder
from workorders.views.jobs import job_or_404, to_job

# Settings ----------------------------------------------------------------------------------------


@brand_view(Role.BILLING)
def fee_settings(request: BrandRequest) -> HttpResponse:
    """The fee in force, those to come and the earlier ones; an amount to try it with."""
    now = clock.now()
    rows = list(FeePolicy.objects.filter(brand=request.brand).order_by("-effective_from")[:1000])
    begun = [row for row in rows if row.effective_from <= now]
    current = as_policy(begun[0]) if begun else None
    form = SampleForm(request.GET if "sample" in request.GET else None, brand=request.brand)
    amount, currency = form.amount(), request.brand.currency
    context = {
        "current": _shown(request, begun[:1]),
        "coming": _shown(request, reversed([row for row in rows if row.effective_from > now])),
        "earlier": _shown(request, begun[1:], begun),
        "form": form,
        "amount": display(amount, currency),
        "prices": price_words(amount, current, currency),
        "meanings": list(MISSING.values()),
        "may_change": request.membership.at_least(Role.ADMIN),
    }
    return render(request, "invoicing/fee_settings.html", context)


def _shown(
    request: BrandRequest, rows: Iterable[FeePolicy], begun: Iterable[FeePolicy] = ()
) -> list[dict[str, Any]]:
    """Policies as the page shows them; an earlier one ended where the next began."""
    ends = [row.effective_from for row in begun]
    return [
        {
            "row": row,
            "words": _words(request, as_policy(row)),
            "ended": ends[number] if ends else None,
            "bills": row.uncollected == "bill" and bool(row.fundings),
            "charges": bool(row.fundings),
        }
        for number, row in enumerate(rows)
    ]


def _words(request: BrandRequest, policy: Policy) -> str:
    fundings = [f for f in ("credit", "debit", "prepaid", "unknown") if f in policy.fundings]
    row = PolicyRow(percent=policy.percent, fixed=policy.fixed, cap=policy.cap, fundings=fundings)
    words = policy_words(row, request.brand.currency)
    return "No technology fee" if words == "none" else words


@brand_view(Role.ADMIN)
def fee_new(request: BrandRequest) -> HttpResponse:
    """Another fee from now or later on: shown first, then saved."""
    is_first = not FeePolicy.objects.filter(brand=request.brand).exists()
    form = FeePolicyForm(request.POST or None, brand=request.brand, is_first=is_first)
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        try:
            policy = form.policy()
            if request.POST.get("step") == "save" and form.is_previewed():
                return _save(request, form)
        except ValidationError as error:
            show_errors(form, error)
        else:
            context |= _preview(request, form, policy)
    return render(request, "invoicing/fee_new.html", context)


def _save(request: BrandRequest, form: FeePolicyForm) -> HttpResponse:
    saved = add_policy(request.brand, form.cleaned_data["effective_from"], **form.terms())
    has_begun = saved.effective_from <= clock.now()
    messages.success(request, "The fee is in force." if has_begun else "The fee is planned.")
    return redirect("fee_settings", request.brand.slug)


def _preview(request: BrandRequest, form: FeePolicyForm, policy: Policy) -> dict[str, Any]:
    amount, currency = form.amount(), request.brand.currency
    return {
        "previewed": form.fingerprint(),
        "words": _words(request, policy),
        "amount": display(amount, currency),
        "prices": price_words(amount, policy, currency),
        "meaning": MISSING[policy.uncollected] if policy.fundings else "",
        "starts": policy.effective_from if form.cleaned_data["effective_from"] else None,
    }


@brand_view(Role.ADMIN)
def fee_remove(request: BrandRequest, policy_id: int) -> HttpResponse:
    """Take back a fee that has not begun."""
    row = get_object_or_404(FeePolicy, brand=request.brand, pk=policy_id)
    if request.method == "POST":
        try:
            remove_policy(request.brand, row.pk)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, "The planned fee is removed.")
        return redirect("fee_settings", request.brand.slug)
    begun = row.effective_from <= clock.now()
    since = moments.moment_text(row.effective_from, request.brand.time_zone, seconds=False)
    back = reverse("fee_settings", args=[request.brand.slug])
    context = {
        "title": "This fee is in force" if begun else "Remove the planned fee?",
        "text": "Clients were quoted by it, so it stays. Change the fee from now on instead."
        if begun
        else "The fee before it goes on. Nobody was quoted by this one yet.",
        "button": "" if begun else "Remove the planned fee",
        "danger": True,
    }
    return confirm_page(
        request,
        context,
        back=back,
        crumbs=[("Technology fee", back)],
        here="Remove",
        about=f"{_words(request, as_policy(row))}, from {since}",
    )


# Waive and bill ----------------------------------------------------------------------------------


@brand_view(Role.BILLING)
def fee_waive(request: BrandRequest, number: str, payment_key: str) -> HttpResponse:
    """Let go of the fee that a payment came in without."""
    return _decide(request, number, payment_key, bill=False)


@brand_view(Role.BILLING)
def fee_bill(request: BrandRequest, number: str, payment_key: str) -> HttpResponse:
    """Ask the client for the fee that a payment came in without."""
    return _decide(request, number, payment_key, bill=True)


def _decide(request: BrandRequest, number: str, payment_key: str, *, bill: bool) -> HttpResponse:
    job = job_or_404(request, number)
    missing = _missing(job, payment_key)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        verb = bill_fee if bill else waive_fee
        try:
            made = verb(
                request.brand,
                job.pk,
                payment_key,
                form.cleaned_data["reason"],
                str(request.user),
                expected=_seen(request, missing),
            )
        except ValidationError as error:
            show_errors(form, error)
        else:
            amount, word = display(made.amount, request.brand.currency), _WORDS[bill]
            messages.success(request, f"The technology fee of {amount} is {word}.")
            return to_job(request, job)
    context = {"form": form, "job": job, "missing": missing, "bill": bill}
    if missing is not None:
        context["refusal"] = why_not(missing, bill=bill)
        context["amount"] = display(missing.amount, request.brand.currency)
    return render(request, "invoicing/fee_decide.html", context)


_WORDS = {True: "billed", False: "waived"}


def _missing(job: WorkOrder, payment_key: str) -> MissingFee | None:
    """The fee that this payment came in without, if any; 404 for no payment of this job."""
    if not LedgerEntry.objects.filter(
        brand=job.brand, work_order=job, payment=payment_key
    ).exists():
        raise Http404("No such payment on this job")
    return next((m for m in missing_fees(job) if m.payment == payment_key), None)


def _seen(request: BrandRequest, missing: MissingFee | None) -> Any:
    """The amount on the button, where it is still that of today; else one that cannot be."""
    if missing is None:
        return None
    amount = request.POST.get("amount", "")
    return missing.amount if amount == str(missing.amount) else zero_of(missing.amount)


# Help --------------------------------------------------------------------------------------------


@brand_view()
def help_technology_fee(request: BrandRequest) -> HttpResponse:
    """What to tell an agent who asks; the same text as in the book."""
    now = FeePolicy.objects.filter(brand=request.brand, effective_from__lte=clock.now())
    row = now.order_by("-effective_from").first()
    context = {
        "guide": guide("technology-fee"),
        "words": _words(request, as_policy(row)) if row else "No technology fee",
        "may_see": request.membership.at_least(Role.BILLING),
    }
    return render(request, "invoicing/help.html", context)
