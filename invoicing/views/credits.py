"""What clients have standing with the brand: one credit, its use, and prepayments."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts.access import BrandRequest, brand_view
from accounts.models import Role
from core.money import display
from core.refusal import Asks
from invoicing.domain import client_credit, prepayments
from invoicing.forms.credits import ApplyForm, GiveBackForm, MoneyForm, PrepaymentForm, ReasonForm
from invoicing.models import ClientCredit, CreditKind, InvoiceStatus
from invoicing.queries import credits as reads
from invoicing.views.credit_notes import tried
from invoicing.views.invoices import invoice_or_404
from ui.confirm import answer_of, ask_page, confirm_page
from workorders.models import Client


def credit_or_404(request: BrandRequest, pk: int) -> ClientCredit:
    """The brand's credit; 404 for anybody else's."""
    rows = ClientCredit.objects.select_related("client", "invoice", "work_order")
    credit = get_object_or_404(rows, brand=request.brand, pk=pk)
    credit.brand = request.brand
    return credit


@brand_view()
def credit(request: BrandRequest, pk: int) -> HttpResponse:
    """A prepayment's or an overpayment's own page; a credit note's credit is the note."""
    credit = credit_or_404(request, pk)
    if credit.kind == CreditKind.CREDIT_NOTE and credit.invoice is not None:
        return redirect("invoice", request.brand.slug, credit.invoice.number)
    context: dict[str, Any] = {
        **_shown(request, credit),
        "uses": reads.applications(credit),
        "can_bill": request.membership.at_least(Role.BILLING),
        "actions": _actions(request, credit),
        "method": prepayments.METHODS.get(credit.method, credit.method),
    }
    return render(request, "invoicing/credit.html", context)


def _shown(request: BrandRequest, credit: ClientCredit) -> dict[str, Any]:
    """What every page about a credit shows of it."""
    return {
        "credit": credit,
        "client": credit.client,
        "currency": request.brand.currency,
        "left": reads.left_of(credit),
        "back": _page_of(request, credit),
    }


def _page_of(request: BrandRequest, credit: ClientCredit) -> str:
    if credit.kind == CreditKind.CREDIT_NOTE and credit.invoice is not None:
        return reverse("invoice", args=[request.brand.slug, credit.invoice.number])
    return reverse("credit", args=[request.brand.slug, credit.pk])


def _actions(request: BrandRequest, credit: ClientCredit) -> list[dict[str, str]]:
    left = reads.left_of(credit)
    if not request.membership.at_least(Role.BILLING) or left <= 0:
        return []
    args = [request.brand.slug, credit.pk]
    words = display(left, request.brand.currency)
    apply = {"label": f"Apply {words}", "url": reverse("credit_apply", args=args)}
    actions = [{**apply, "icon": "arrow-right", "kind": "primary", "why_not": ""}]
    if not prepayments.why_not_give_back(credit):
        back = {"label": "Give back", "url": reverse("credit_give_back", args=args)}
        actions.append({**back, "icon": "arrow-uturn-left", "kind": "", "why_not": ""})
    return actions


def _choices(request: BrandRequest, credit: ClientCredit) -> list[tuple[int, str]]:
    """Invoices that the credit may go on, with what each asks for."""
    currency = request.brand.currency
    choices = [
        (
            row.invoice.pk,
            " · ".join(
                part
                for part in (
                    row.invoice.number,
                    f"{display(row.due, currency)} due",
                    row.invoice.work_order.address,
                )
                if part
            ),
        )
        for row in reads.open_invoices(request.brand, credit.client_id)
    ]
    mine = credit.invoice
    if mine is None or not client_credit.came_from(credit, mine) or mine.pk in dict(choices):
        return choices
    if mine.status == InvoiceStatus.ISSUED:
        choices.append((mine.pk, f"{mine.number} · put it back, to refund it there"))
    return choices


@brand_view(Role.BILLING)
def credit_apply(request: BrandRequest, pk: int) -> HttpResponse:
    """Put a credit on an open invoice of its client."""
    credit = credit_or_404(request, pk)
    left, choices = reads.left_of(credit), _choices(request, credit)
    form = _apply_form(request, credit, choices)
    refused = f"Nothing is left of {credit.label}." if left <= 0 else ""
    if not refused and not choices:
        refused = f"Nothing is due from {credit.client.name}: no issued invoice asks for money."
    if request.method == "POST" and not refused and form.is_valid():
        data = form.cleaned_data
        if tried(
            form,
            lambda: client_credit.apply_credit(request.brand, pk, data["invoice"], data["amount"]),
        ):
            number = dict(choices)[data["invoice"]].split(" · ")[0]
            amount = display(data["amount"], request.brand.currency)
            messages.success(request, f"{amount} of {credit.label} is on {number}.")
            return redirect(_page_of(request, credit))
    context = {
        **_shown(request, credit),
        "form": form,
        "refused": refused,
        "title": f"Apply {credit.label}",
        "text": "The invoice’s total stays; what is due goes down by this.",
        "button": "Apply the credit",
        "says": "Apply",
    }
    return _confirm(request, context)


def _confirm(request: BrandRequest, context: dict[str, Any]) -> HttpResponse:
    """The page of a verb on a credit, or on the surplus of an invoice."""
    slug, client = request.brand.slug, context["client"]
    credit = context.get("credit")
    name = credit.label if credit else f"Invoice {context['invoice'].number}"
    crumbs = [
        ("Clients", reverse("clients", args=[slug])),
        (client.name, reverse("client", args=[slug, client.pk])),
        (name, context["back"]),
    ]
    return confirm_page(
        request, context, back=context["back"], crumbs=crumbs, keep="Leave it as it is"
    )


def _apply_form(
    request: BrandRequest, credit: ClientCredit, choices: list[tuple[int, str]]
) -> ApplyForm:
    """Suggests what is left, or what is due where only one invoice asks for less."""
    left, currency = reads.left_of(credit), request.brand.currency
    rows = reads.open_invoices(request.brand, credit.client_id)
    amount = min(left, rows[0].due) if len(rows) == 1 else left
    form = ApplyForm(
        request.POST or None, currency=currency, choices=choices, initial={"amount": amount}
    )
    form.fields["amount"].help_text = f"{display(left, currency)} is left. At most what is due."
    return form


@brand_view(Role.BILLING)
def credit_take_off(request: BrandRequest, pk: int, document: str) -> HttpResponse:
    """Take a credit off an invoice again."""
    credit, invoice = credit_or_404(request, pk), invoice_or_404(request, document)
    amount = client_credit.applied_to(credit, invoice.pk)
    words = display(amount, request.brand.currency)
    form = ReasonForm(request.POST or None)
    refused = "" if amount > 0 else f"Nothing of {credit.label} is on {invoice.number}."
    if request.method == "POST" and not refused and form.is_valid():
        why = form.cleaned_data["reason"]
        if tried(
            form, lambda: client_credit.unapply_credit(request.brand, pk, invoice.pk, reason=why)
        ):
            messages.success(request, f"{words} of {credit.label} is off {invoice.number} again.")
            return redirect(_page_of(request, credit))
    context = {
        **_shown(request, credit),
        "form": form,
        "refused": refused,
        "title": f"Take {words} off {invoice.number}?",
        "text": f"{invoice.number} then asks for {words} more. The credit can be used anew.",
        "button": f"Take {words} off",
    }
    return _confirm(request, context)


@brand_view(Role.BILLING)
def credit_give_back(request: BrandRequest, pk: int) -> HttpResponse:
    """Write down that a prepayment, or the rest of it, went back to the client."""
    credit = credit_or_404(request, pk)
    currency, left = request.brand.currency, reads.left_of(credit)
    form = GiveBackForm(request.POST or None, currency=currency, initial={"amount": left})
    form.fields["amount"].help_text = f"{display(left, currency)} is left."
    refused = prepayments.why_not_give_back(credit)
    if request.method == "POST" and not refused and form.is_valid():
        data = form.cleaned_data
        if tried(form, lambda: prepayments.give_back(request.brand, pk, **data)):
            words = display(data["amount"], currency)
            messages.success(request, f"{words} of {credit.label} went back to the client.")
            return redirect(_page_of(request, credit))
    context = {
        **_shown(request, credit),
        "form": form,
        "refused": refused,
        "title": f"Give back {credit.label}",
        "text": "Send the money first, at the bank or the provider; this writes it down.",
        "button": "It went back",
        "says": "Gave back",
    }
    return _confirm(request, context)


@brand_view()
def prepayment_new(request: BrandRequest, client_id: int) -> HttpResponse:
    """Money of a client that is here before there is a bill."""
    person = get_object_or_404(Client, brand=request.brand, pk=client_id)
    form = PrepaymentForm(request.POST or None, brand=request.brand)
    answer = answer_of(request)
    if request.method == "POST" and answer is not None and form.is_valid():
        data = form.cleaned_data
        made: list[ClientCredit] = []

        def do() -> None:
            made.append(
                prepayments.record_prepayment(
                    request.brand,
                    person.pk,
                    data["amount"],
                    method=data["method"],
                    reference="" if data["method"] == "cash" else data["reference"],
                    received_at=form.received_at(),
                    reason=data["reason"],
                    answer=answer,
                )
            )

        words = display(data["amount"], request.brand.currency)
        try:
            done = tried(form, do, form.names)
        except Asks as asks:
            return _ask_prepayment(request, person, words, asks)
        if done:
            messages.success(request, f"{words} is {person.name}’s credit now.")
            return redirect("credit", request.brand.slug, made[0].pk)
    return render(request, "invoicing/credit_prepayment.html", {"form": form, "client": person})


def _ask_prepayment(request: BrandRequest, person: Client, amount: str, asks: Asks) -> HttpResponse:
    slug = request.brand.slug
    page = reverse("client", args=[slug, person.pk])
    return ask_page(
        request,
        asks,
        title=f"Record {amount} all the same?",
        button=f"Record {amount}",
        back=page,
        crumbs=[("Clients", reverse("clients", args=[slug])), (person.name, page)],
        here="Prepayment",
    )


@brand_view(Role.BILLING)
def invoice_keep_credit(request: BrandRequest, document: str) -> HttpResponse:
    """Make what an invoice was overpaid the client's credit."""
    invoice = invoice_or_404(request, document)
    if invoice.is_credit_note:
        return redirect("invoice", request.brand.slug, document)
    currency = request.brand.currency
    amount = min(client_credit.surplus_of(invoice.work_order, invoice))
    form = MoneyForm(request.POST or None, currency=currency, initial={"amount": amount})
    refused = "" if amount > 0 else f"No money is too much on {invoice.number}."
    if request.method == "POST" and not refused and form.is_valid():
        data = form.cleaned_data
        made: list[ClientCredit] = []

        def do() -> None:
            made.append(client_credit.keep_as_credit(request.brand, invoice.pk, **data))

        if tried(form, do):
            words = display(data["amount"], currency)
            messages.success(request, f"{words} is the client’s credit now.")
            return redirect("credit", request.brand.slug, made[0].pk)
    context = {
        "form": form,
        "client": invoice.client,
        "currency": currency,
        "invoice": invoice,
        "refused": refused,
        "title": f"Keep what is too much on {invoice.number}",
        "text": "The client can then use it on any of their invoices.",
        "button": "Keep it as credit",
        "says": "Keep",
        "back": reverse("invoice", args=[request.brand.slug, document]),
    }
    return _confirm(request, context)
