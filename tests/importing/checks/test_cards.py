"""An import takes of a card number only its last four digits, and says where."""

import json
from typing import Any

import pytest
from django.core.management import call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Brand
from core.card_numbers import has_card_number
from importing.checks.cards import MASKED, mask_line
from importing.models import ImportedJob
from payments.models import Payment, ProviderEvent
from tests.importing.conftest import a_job, a_payment, an_order, counts, run
from tests.payments.ingest.test_mask_cards import everything_stored
from workorders.models import WorkOrder

CARD, IN_FOURS = "4242424242424242", "4242 4242 4242 4242"


def a_line() -> dict[str, Any]:
    """Card numbers in a name, a note, a reference, a provider’s words and its free fields."""
    order = an_order(("captured", "09:00"), id="P2")
    order["statusHistory"][0] |= {"detail": f"Keyed {CARD}", "data": {"pan": CARD, "id": CARD}}
    check = a_payment(reference=IN_FOURS, note=f"or {CARD}")
    return a_job(
        client={"id": CARD, "name": f"Priya {CARD}"}, payments=[check, order | {"order_id": CARD}]
    )


def test_the_report_says_where(brand: Brand) -> None:
    report = run(a_line())

    assert counts(report) == (1, 0, 0, 0), report.problems
    assert {(m.line, m.path) for m in report.masked} == {
        (1, "client.name"),
        (1, "payments[0].note"),
        (1, "payments[0].reference"),
        (1, "payments[1].statusHistory[0].detail"),
        (1, "payments[1].statusHistory[0].data.pan"),
    }
    assert {m.reason for m in report.masked} == {MASKED}
    assert report.as_dict()["masked"][0]["path"] == "client.name"


def test_only_the_ids_of_a_provider_are_left(brand: Brand) -> None:
    run(a_line())

    event = ProviderEvent.objects.get()
    assert (event.order_id, event.data["id"], event.data["pan"]) == (CARD, CARD, "•••• 4242")
    assert WorkOrder.objects.get().client.name == "Priya •••• 4242"
    assert Payment.objects.get(method="check").reference == "•••• 4242"
    text = everything_stored().replace(f'"order_id": "{CARD}"', "").replace(f'"id": "{CARD}"', "")
    assert not has_card_number(str(ImportedJob.objects.get().line["payments"][0]))
    assert IN_FOURS not in text
    assert f"Keyed {CARD}" not in text
    assert f"Priya {CARD}" not in text


def test_a_second_run_changes_nothing(brand: Brand) -> None:
    run(a_line())

    assert counts(run(a_line())) == (0, 0, 1, 0)


def test_a_line_without_any_is_left_as_it_is(brand: Brand) -> None:
    line = a_job(payments=[a_payment(), an_order(("captured", "09:00"), id="P2")])

    assert mask_line(line) == (line, [])
    assert run(line).masked == []


@pytest.mark.parametrize("key", ["number", "work_order", "invoice", "charge", "credits", "id"])
def test_what_names_something_is_no_card(key: str) -> None:
    assert mask_line({"payments": [{key: CARD}]}) == ({"payments": [{key: CARD}]}, [])


def test_the_reference_of_a_providers_payment_is_its_own() -> None:
    line = {"payments": [{"provider": "stripe", "reference": CARD, "references": [CARD]}]}

    assert mask_line(line) == (line, [])


@pytest.mark.parametrize("wrong", [{"payments": CARD[:3]}, {"payments": [3]}, {"credits": {}}])
def test_a_wrong_line_is_left_to_the_checks(wrong: dict[str, Any]) -> None:
    assert mask_line(wrong) == (wrong, [])


def test_the_command_prints_it(brand: Brand, tmp_path: Any, capsys: Any) -> None:
    file = tmp_path / "jobs.jsonl"
    file.write_text(json.dumps(a_line()))

    call_command("import_jobs", str(file))

    printed = capsys.readouterr().out
    assert f"line 1: client.name: {MASKED}" in printed
    assert "card numbers shortened: 5" in printed
    assert CARD not in printed


TEXTS = st.sampled_from([CARD, IN_FOURS, "1234", "paid", f"x {CARD} y"])


@settings(max_examples=200, deadline=None)
@given(
    line=st.recursive(
        st.one_of(TEXTS, st.integers(0, 99), st.none(), st.just(int(CARD))),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(st.sampled_from(["note", "data", "lines", "pan"]), inner, max_size=3),
        ),
        max_leaves=12,
    )
)
def test_nothing_is_left_in_any_document(line: Any) -> None:
    answer, found = mask_line({"payments": [{"data": line}]})

    assert not has_card_number(json.dumps(answer, ensure_ascii=False))
    assert bool(found) == has_card_number(json.dumps(line))
