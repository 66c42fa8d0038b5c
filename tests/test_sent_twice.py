"""Every form of a brand, sent twice: the second POST writes nothing and answers like the first.

The cases are made from the resolver, like those of test_outsider. A new page with a form fails
here until it is listed: under CREATES with what to fill in, or under CHANGES.
"""

from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.models import Role, SentForm
from payments.domain import post
from tests.html import fields_of, post_forms, tokens_in
from tests.test_outsider import OF_A_BRAND, QUERIES, Url, World, ids, make_world, path_of
from workorders.domain import charges
from workorders.domain.charges import ChargeLine

Fill = dict[str, str]
REASON = {"reason": "Agreed by phone"}
# URL → what to fill in. Sent once it writes rows; so sent twice it must not write them twice.
CREATES: dict[str, Fill] = {
    "charges_edit": {"form-1-description": "Radon", "form-1-amount": "90.00", **REASON},
    "client_new": {"name": "Robin Hale"},
    "contacts_edit": {"form-1-name": "Lee", "form-1-email": "lee@example.com"},
    "credit_apply": {"invoice": "{invoice}", "amount": "10.00"},
    "credit_give_back": {"amount": "10.00", "reference": "tr-1", **REASON},
    "credit_note_new": {"how": "amount", "amount": "29.00", **REASON},
    "exception": {"do": "resolve", "note": "A test of theirs"},
    "fee_new": {"percent": "3.5", "step": "save"},
    "invoice_separate": {"form-0-description": "Sewer scope", "form-0-amount": "150.00"},
    "job_cancel": {"step": "confirm", "remains": "nothing", "money": "keep", **REASON},
    "note_add": {"text": "Gate code 1234"},
    "payment_note": {"note": "In the mail"},
    "payment_record": {"reference": "1234", "amount": "20.00"},
    "payment_record_many": {
        "reference": "1234",
        "total": "20.00",
        "jobs-0-work_order": "MIN100",
        "jobs-0-amount": "20.00",
    },
    "prepayment_new": {"reference": "1234", "amount": "20.00"},
    "refund_new": {"how": "queue", "owes": "again", **REASON},
    "service_new": {"name": "Radon test"},
    "tax_rate_new": {"name": "City tax", "percent": "1.5"},
    "team_invite": {"email": "robin@example.com", "role": "csr"},
    "work_order_new": {"client_name": "Robin Hale"},
}
# Forms whose verb brings something into a state; the same again finds it there.
CHANGES = {
    "billing_settings",
    "client_edit",
    "credit_note_delete",
    "credit_note_edit",
    "credit_note_issue",
    "credit_note_void",
    "credit_take_off",
    "demo_order",
    "fee_bill",
    "fee_remove",
    "fee_waive",
    "invoice_due",
    "invoice_issue",
    "invoice_keep_credit",
    "invoice_void",
    "items_delivered",
    "items_ordered",
    "payment_confirm",
    "payment_correct",
    "payment_reconcile",
    "payment_return",
    "payment_undo_return",
    "payment_void",
    "provider_settings",
    "refund_cancel",
    "refund_complete",
    "refund_fail",
    "service_edit",
    "tax_rate_edit",
    "team_invitation_resend",
    "team_invitation_revoke",
    "team_member",
    "team_member_deactivate",
    "team_member_reactivate",
    "work_order_edit",
    "work_order_fee",
    "work_order_publish",
    "work_order_status",
}
BY_NAME = {url.name: url for url in OF_A_BRAND}
NOT_COUNTED = {SentForm, Session}


@pytest.fixture
def world(db: None) -> World:
    """329.00 of 529.00 is paid."""
    made = make_world("mine", "MIN100")
    lines = [ChargeLine("Inspection", Decimal(329)), ChargeLine("Radon", Decimal(200))]
    charges.replace_charges(made.brand, made.job.pk, lines, reason="Radon was added")
    post.post(made.payment)
    return made


def shown(client: Client, path: str) -> str:
    """The content of a page, without its shell."""
    page: Any = client.get(path)
    return str(page.getvalue().decode()).partition("<main")[2].partition("</main>")[0]


def rows() -> dict[str, int]:
    """How many rows each table has, the captured changes among them."""
    models = set(apps.get_models()) - NOT_COUNTED
    return {m._meta.label: m._default_manager.count() for m in models}


@pytest.mark.parametrize("url", OF_A_BRAND, ids=ids)
def test_every_form_has_a_token_and_is_listed(url: Url, world: World) -> None:
    page = shown(world.client(Role.ADMIN), path_of(url, world) + QUERIES.get(url.name, ""))
    forms = post_forms(page)
    tokens = [tokens_in(form) for form in forms]

    assert [len(found) for found in tokens] == [1] * len(forms), "csrf_token is missing"
    assert len({found[0] for found in tokens}) == len(forms), "two forms share a token"
    posts_to_itself = [form for form in forms if "action=" not in form.partition(">")[0]]
    if posts_to_itself:
        assert url.name in {*CREATES, *CHANGES}, f"list {url.name} in this file"


def test_the_lists_are_of_today() -> None:
    assert {*CREATES, *CHANGES} <= set(BY_NAME)
    assert not CHANGES & set(CREATES)


def filled(client: Client, url: Url, world: World) -> tuple[str, dict[str, Any]]:
    """Where a form is sent, and what is sent: as rendered, with what CREATES fills in."""
    path = path_of(url, world)
    form = post_forms(shown(client, path))[0]
    return path, {**fields_of(form), **_fill(url.name, world)}


def _fill(name: str, world: World) -> Fill:
    return {k: v.format(invoice=world.invoice.pk) for k, v in CREATES[name].items()}


# What has to be shown before it may be done: the first POST answers with it.
PREVIEWED = {"fee_new", "job_cancel"}


@pytest.mark.parametrize("name", sorted(CREATES))
def test_sent_twice_it_is_written_once(name: str, world: World) -> None:
    client = world.client(Role.ADMIN)
    path, sent = filled(client, BY_NAME[name], world)
    if name in PREVIEWED:
        look = client.post(path, {**sent, "step": "look"}).content.decode()
        sent = {**sent, **fields_of(_last_form(look)), **_fill(name, world)}
    before = rows()

    first = client.post(path, sent)
    once = rows()
    second = client.post(path, sent)

    assert first.status_code == 302, _problems(first)
    assert once != before, "nothing was written: fill in more"
    assert rows() == once
    assert (second.status_code, second["Location"]) == (302, first["Location"])


def _last_form(page: str) -> str:
    return post_forms(page.partition("<main")[2])[-1]


def _problems(answer: Any) -> Any:
    context = answer.context or {}
    return {key: context[key].errors for key in ("form", "formset") if key in context}
