"""A card number that a provider sends is stored as its last four digits, and nowhere more."""

import json
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Role
from core.card_numbers import has_card_number
from payments.ingest.mask_cards import mask_fact, mask_payload
from payments.models import ExceptionKind, Payment, PaymentException, ProviderEvent
from tests.factories import MembershipFactory
from tests.payments.conftest import Tell, incoming
from workorders.models import WorkOrder

CARD, IN_FOURS = "4242424242424242", "4242 4242 4242 4242"


def body(**values: Any) -> str:
    return json.dumps(values)


def test_words_and_free_fields_are_masked_and_ids_are_not() -> None:
    fact = incoming(
        "captured",
        1,
        "340.52",
        event_id=CARD,
        order_id=CARD,
        detail=f"Keyed in: {IN_FOURS}",
        data={"refund_id": CARD, "dispute_id": CARD, "pan": CARD, "references": [CARD]},
    )

    shown, _, is_masked = mask_fact(fact, "{}", job="FHI624")

    assert is_masked
    assert (shown.event_id, shown.order_id) == (CARD, CARD)
    assert shown.detail == "Keyed in: •••• 4242"
    assert shown.data == {**fact.data, "pan": "•••• 4242"}
    assert shown.amount == fact.amount


def test_a_fact_without_any_is_left_as_it_came() -> None:
    fact, payload = incoming("captured", 1, "340.52", data={"last4": "4242"}), body(a=1)

    assert mask_fact(fact, payload, job="") == (fact, payload, False)


def test_a_jobs_number_is_no_cards() -> None:
    fact = incoming("captured", 1, "340.52", work_order=CARD)

    assert mask_fact(fact, "{}", job=CARD)[0].work_order == CARD
    assert mask_fact(fact, "{}", job="FHI624")[0].work_order == "•••• 4242"


def test_the_body_keeps_its_spelling() -> None:
    payload = (
        f'{{"order_id":  "{CARD}",\n "note": "{IN_FOURS}", "refs": ["{CARD}"], "pan": {CARD}}}'
    )

    assert mask_payload(payload, set()) == (
        f'{{"order_id":  "{CARD}",\n "note": "•••• 4242", "refs": ["{CARD}"], "pan": •••• 4242}}'
    )


def test_a_form_encoded_body_keeps_the_ids_of_the_event() -> None:
    assert mask_payload(f"order={CARD}&pan={CARD}1&note={IN_FOURS}", {CARD}) == (
        f"order={CARD}&pan={CARD}1&note=•••• 4242"
    )


def test_escaped_digits_are_digits() -> None:
    escaped = "".join(f"\\u00{ord(c):02x}" for c in CARD)

    assert CARD not in str(json.loads(mask_payload(f'{{"note": "{escaped}"}}', set())))


@settings(max_examples=200, deadline=None)
@given(
    words=st.lists(st.sampled_from([CARD, IN_FOURS, "paid", "1234", '"', "\\", "é"]), max_size=6),
    key=st.sampled_from(["note", "pan", "message", "refund_id", "id", "order_id"]),
)
def test_no_body_holds_one_but_under_an_id(words: list[str], key: str) -> None:
    payload = body(status="captured", data={key: " ".join(words), "last": True})

    masked = mask_payload(payload, set())

    if key in ("refund_id", "id", "order_id"):
        assert masked == payload
    else:
        assert not has_card_number(masked)
        assert json.loads(masked)["data"]["last"] is True


def everything_stored() -> str:
    """Every row of every table, as text."""
    with connection.cursor() as cursor:
        texts = []
        for model in apps.get_models():
            cursor.execute(f'SELECT t::text FROM "{model._meta.db_table}" t')
            texts += [row[0] for row in cursor.fetchall()]
    return "\n".join(texts)


def test_it_is_in_no_table_and_the_event_says_so(tell: Tell, job: WorkOrder) -> None:
    fact = incoming(
        "captured", 1, "340.52", method="card", detail=f"Keyed {CARD}", data={"n": CARD}
    )
    payload = body(detail=f"Keyed {CARD}", data={"n": int(CARD)})

    first = tell(fact, payload=payload)
    again = tell(fact, payload=payload)

    event = ProviderEvent.objects.get()
    assert (first.outcome, again.outcome) == ("folded", "duplicate")
    assert event.has_masked_card
    assert "•••• 4242" in event.payload
    assert Payment.objects.get().amount == fact.amount
    assert CARD not in everything_stored()


def test_another_card_is_other_content(tell: Tell, job: WorkOrder) -> None:
    tell(incoming("captured", 1, "340.52", detail="Keyed 4242424242424242"))
    answer = tell(
        incoming("captured", 1, "340.52", detail="Keyed 4111111111114242 and 4242424242424242"),
        payload=f"again {CARD}",
    )

    conflict = PaymentException.objects.get(kind=ExceptionKind.CONFLICT)
    assert answer.outcome == "conflict"
    assert conflict.payload == "again •••• 4242"
    assert CARD not in everything_stored()


def test_what_an_import_masked_is_the_same_event(tell: Tell, job: WorkOrder) -> None:
    tell(incoming("captured", 1, "340.52", detail="Keyed •••• 4242"), imported=True)

    assert tell(incoming("captured", 1, "340.52", detail=f"Keyed {CARD}")).outcome == "duplicate"


@pytest.mark.parametrize("is_known", [True, False])
def test_pages_say_it(is_known: bool, tell: Tell, job: WorkOrder, client: Any) -> None:
    number = "FHI624" if is_known else CARD
    tell(incoming("captured", 1, "340.52", detail=f"Keyed {CARD}", work_order=number))
    client.force_login(MembershipFactory(brand=job.brand, role=Role.ADMIN).user)
    path = "payments/FHI624-P-1/"
    if not is_known:
        path = f"exceptions/{PaymentException.objects.get().pk}/"

    page = client.get(f"/b/fhi/{path}").content.decode()

    assert "A card number in it was shortened" in page
    assert CARD not in page
