"""Names of older systems and the type that they stand for."""

import pytest

from importing.legacy.figures import service_type_of


@pytest.mark.parametrize(
    "name",
    [
        "Same Day Cancelation - HI NOT Done",
        "Same-Day Cancellation Fee",
        "SAME DAY CANCELLATION",
        "Fee: same_day cancelled",
        "Sameday cancel",
        "Home Inspection (same - day cancellations)",
    ],
)
def test_a_same_day_cancellation_is_of_that_type(name: str) -> None:
    assert service_type_of(name) == "cancellation"


@pytest.mark.parametrize(
    "name",
    [
        "Cancellation",
        "Cancellation Fee",
        "Same Day Inspection",
        "Same Day Report, Cancellation waived",
        "Late cancel, same day",
        "Cancelled",
        "",
    ],
)
def test_any_other_name_is_an_ordinary_service(name: str) -> None:
    assert service_type_of(name) == "standard"
