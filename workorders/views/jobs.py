"""Booking a job, editing it, moving it between its states."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts.access import BrandRequest, brand_view
from core.forms import show_errors
from core.money import display
from ui.confirm import confirm_page
from ui.lists import Params
from workorders import queries
from workorders.domain import hooks, jobs
from workorders.domain.jobs import REASON_REQUIRED, TRANSITIONS
from workorders.forms import DetailsForm, NewWorkOrderForm, ReasonForm
from workorders.models import Client, WorkOrder, WorkOrderStatus

# What a person does to bring a job into a status, as on buttons, and what it became.
STATUS_VERBS = {
    WorkOrderStatus.PENDING: ("Set back to pending", "is pending again"),
    WorkOrderStatus.CONFIRMED: ("Confirm", "is confirmed"),
    WorkOrderStatus.CANCELLED: ("Cancel", "is cancelled"),
}


def job_or_404(request: BrandRequest, number: str) -> WorkOrder:
    """The brand's job with ``number``; 404 for anybody else's."""
    job = get_object_or_404(queries.work_orders(request.brand), queries.is_numbered(number))
    job.brand = request.brand
    return job


def to_job(request: BrandRequest, job: WorkOrder) -> HttpResponse:
    """Back to the page of the job."""
    return redirect("work_order", request.brand.slug, job.number)


@brand_view()
def work_order_new(request: BrandRequest) -> HttpResponse:
    """Book a job for a client who is picked (``?client=``), searched by name, or new."""
    picked = _picked(request)
    form = NewWorkOrderForm(request.POST or None, brand=request.brand, picked=picked)
    if request.method == "POST" and form.is_valid():
        try:
            job = jobs.create_work_order(
                request.brand,
                client=form.client(),
                details=form.details(),
                number=form.cleaned_data["number"],
            )
        except ValidationError as error:
            show_errors(form, error)
        else:
            messages.success(request, f"{job.number} is booked. Now say what it costs.")
            return redirect("charges_edit", request.brand.slug, job.number)
    text = Params(request.GET).text("who")
    matches = queries.suggested_clients(request.brand, text)
    context = {"form": form, "picked": picked, "who": text, "found": matches}
    return render(request, "workorders/work_order_new.html", context)


def _picked(request: BrandRequest) -> Client | None:
    wanted = Params(request.GET).number("client")
    if wanted is None:
        return None
    return get_object_or_404(Client, brand=request.brand, pk=wanted)


@brand_view()
def work_order_edit(request: BrandRequest, number: str) -> HttpResponse:
    """Address, time and inspector; and the way to the other changes of a job."""
    job = job_or_404(request, number)
    form = DetailsForm(
        request.POST or None, brand=request.brand, initial=DetailsForm.initial_of(job)
    )
    if request.method == "POST" and form.is_valid():
        jobs.edit_details(request.brand, job.pk, form.details())
        messages.success(request, f"{job.number} is updated.")
        return to_job(request, job)
    steps = [(to, STATUS_VERBS[to][0]) for to in sorted(TRANSITIONS[WorkOrderStatus(job.status)])]
    return render(
        request, "workorders/work_order_edit.html", {"form": form, "job": job, "steps": steps}
    )


@brand_view()
def work_order_status(request: BrandRequest, number: str, status: str) -> HttpResponse:
    """Confirm or reopen a job. Cancelling asks what becomes of its money, on a page of its own."""
    job = job_or_404(request, number)
    if status not in WorkOrderStatus.values:
        raise Http404("No such status")
    wanted = WorkOrderStatus(status)
    if wanted == WorkOrderStatus.CANCELLED:
        return redirect("job_cancel", request.brand.slug, job.number)
    required = bool(REASON_REQUIRED & {wanted, WorkOrderStatus(job.status)})
    form = ReasonForm(request.POST or None, required=required)
    if request.method == "POST" and form.is_valid():
        try:
            jobs.set_status(request.brand, job.pk, wanted, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            show_errors(form, error)
        else:
            messages.success(request, f"{job.number} {STATUS_VERBS[wanted][1]}.")
            return to_job(request, job)
    verb = STATUS_VERBS[wanted][0]
    context = {"form": form, "title": f"{verb}: {job.number}?", "button": verb}
    issues = hooks.confirming_issues(job) if wanted == WorkOrderStatus.CONFIRMED else None
    if issues is not None:
        amount = display(issues, request.brand.currency)
        context["text"] = f"Confirming issues the invoice over {amount}."
    context["facts"] = hooks.reviving_says(job, wanted)
    return _confirm(request, job, "Status", context, "workorders/reviving.html")


@brand_view()
def work_order_publish(request: BrandRequest, number: str) -> HttpResponse:
    """Note that the report is published, or take that back."""
    job = job_or_404(request, number)
    publish = job.published_at is None
    if request.method == "POST":
        # What the button said, so that a second click changes nothing back.
        publish = request.POST.get("publish") == "1"
        jobs.set_published(request.brand, job.pk, publish)
        word = "published" if publish else "no longer published"
        messages.success(request, f"The report of {job.number} is {word}.")
        return to_job(request, job)
    verb = "Mark the report as published" if publish else "Mark the report as not published"
    context = {
        "title": f"{verb}?",
        "text": "This is independent of the job’s status and of its money.",
        "button": verb,
        "hidden": {"publish": "1" if publish else "0"},
    }
    return _confirm(request, job, "Report", context)


@brand_view()
def work_order_fee(request: BrandRequest, number: str) -> HttpResponse:
    """Switch the card fee off or on for one job, with a reason."""
    job = job_or_404(request, number)
    disable = not job.fee_disabled
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        disable = request.POST.get("disable") == "1"
        try:
            jobs.set_fee_disabled(
                request.brand, job.pk, disable, reason=form.cleaned_data["reason"]
            )
        except ValidationError as error:
            show_errors(form, error)
        else:
            word = "off" if disable else "on"
            messages.success(request, f"The card fee of {job.number} is {word}.")
            return to_job(request, job)
    verb = "Switch the card fee off" if disable else "Switch the card fee on"
    asked = "not asked for the technology fee" if disable else "asked for the technology fee again"
    context = {
        "form": form,
        "title": f"{verb} for {job.number}?",
        "text": f"Clients who pay this job by card from now on are {asked}. "
        "Fees already collected stay as they are.",
        "button": verb,
        "hidden": {"disable": "1" if disable else "0"},
    }
    return _confirm(request, job, "Card fee", context)


def _confirm(
    request: BrandRequest, job: WorkOrder, here: str, context: dict[str, Any], details: str = ""
) -> HttpResponse:
    slug = request.brand.slug
    page = reverse("work_order", args=[slug, job.number])
    crumbs = [("Work orders", reverse("work_orders", args=[slug])), (job.number, page)]
    return confirm_page(request, context, back=page, crumbs=crumbs, here=here, details=details)
