"""A card number is nowhere: every form of a brand refuses it, whatever field it is typed in."""

import importlib
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django import forms

from accounts.models import Role
from config.checks import BASE_DIR
from core.forms import Form
from payments.domain import post
from tests.html import fields_of, post_forms
from tests.test_house import MONEY_APPS
from tests.test_outsider import OF_A_BRAND, QUERIES, Url, World, ids, make_world, path_of
from tests.test_sent_twice import rows, shown
from workorders.domain import charges
from workorders.domain.charges import ChargeLine

CARD, LAST4 = "4242 4242-4242 4242", "•••• 4242"
# Not what somebody types: names of rows and of buttons, fingerprints, secrets that nobody sees.
NOT_TYPED = {"csrfmiddlewaretoken", "form_token", "secret", "provider", "fingerprint", "shown"}
NOT_TYPED |= {"previewed", "publish", "disable", "step", "do", "expected", "amount_shown"}
# Pages that need another world than the one below to show their form.
ELSEWHERE = {"items_delivered", "items_ordered"}


def our_forms() -> Iterator[type[forms.BaseForm]]:
    """Every form class of ours, found by importing every module."""
    for app in MONEY_APPS:
        for path in (BASE_DIR / app).rglob("*.py"):
            if not {"migrations", "management"} & set(path.parts):
                parts = path.relative_to(BASE_DIR).with_suffix("").parts
                importlib.import_module(".".join(p for p in parts if p != "__init__"))
    waiting: list[type[forms.BaseForm]] = [forms.BaseForm]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            waiting.append(kind)
            if kind.__module__.split(".")[0] in MONEY_APPS:
                yield kind


def test_every_form_is_made_of_the_one_that_refuses_card_numbers() -> None:
    found = list(our_forms())

    assert len(found) > 25
    assert [f"{f.__module__}.{f.__name__}" for f in found if not issubclass(f, Form)] == []


@pytest.fixture
def world(db: None) -> World:
    made = make_world("mine", "MIN100")
    lines = [
        ChargeLine("Inspection", Decimal(329)),
        ChargeLine("Radon", Decimal(9)),
    ]
    charges.replace_charges(made.brand, made.job.pk, lines, reason="Radon was added")
    post.post(made.payment)
    return made


def typed(form: str) -> dict[str, str]:
    """The fields of a rendered form that somebody types into."""
    values = fields_of(form)
    names = [n for n in values if n not in NOT_TYPED and not n.endswith("_FORMS")]
    return {name: values[name] for name in names if not name.endswith("-id")}


@pytest.mark.parametrize("url", [u for u in OF_A_BRAND if u.name not in ELSEWHERE], ids=ids)
def test_no_field_of_any_page_takes_one(url: Url, world: World) -> None:
    client = world.client(Role.ADMIN)
    path = path_of(url, world) + QUERIES.get(url.name, "")
    for form in post_forms(shown(client, path)):
        if "action=" in form.partition(">")[0]:
            continue
        for name in typed(form):
            before = rows()
            answer: Any = client.post(path, {**fields_of(form), name: f"paid by {CARD}"})
            page = answer.content.decode()

            assert rows() == before, f"{url.name}: {name}"
            assert CARD not in page, f"{url.name}: {name}"
