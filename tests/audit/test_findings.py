"""One finding, as people and as programs read it. Pure."""

from decimal import Decimal

import pytest

from audit.findings import Finding, Value

D = Decimal


def finding(actual: Value, expected: Value, job: str = "RIA1") -> Finding:
    return Finding(
        "ledger", "ria", job, "fee of P-1", "It was written to.", actual, expected, currency="USD"
    )


@pytest.mark.parametrize(
    ("actual", "expected", "text"),
    [
        (D("1.00"), D("50.00"), "ria RIA1: fee of P-1: is $1.00, should be $50.00. It was written"),
        (None, D("50.00"), "ria RIA1: fee of P-1: is missing, should be $50.00. It was"),
        ("paid", "ordered", "ria RIA1: fee of P-1: is “paid”, should be “ordered”. It was"),
        (None, None, "ria RIA1: fee of P-1. It was written to."),
    ],
)
def test_people_read_a_sentence(actual: Value, expected: Value, text: str) -> None:
    assert str(finding(actual, expected)).startswith(text)


def test_a_finding_of_no_job_names_the_brand_alone() -> None:
    assert str(finding(None, None, job="")) == "ria: fee of P-1. It was written to."


def test_programs_read_the_same_keys_as_ever_and_amounts_as_strings() -> None:
    assert finding(D("1.00"), None).as_dict() == {
        "kind": "ledger",
        "brand": "ria",
        "job": "RIA1",
        "what": "fee of P-1",
        "cause": "It was written to.",
        "found": "1.00",
        "expected": None,
        "currency": "USD",
        "ours": True,
    }
