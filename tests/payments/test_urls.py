"""Addresses of payments: published ones keep working, and none hides another."""

import pytest
from django.urls import resolve, reverse


@pytest.mark.parametrize(
    ("path", "name", "args"),
    [
        ("/webhooks/pac/flexfund/fhi/", "pac_webhook", ["flexfund", "fhi"]),
        ("/webhooks/flexfund/fhi/", "webhook", ["flexfund", "fhi"]),
        ("/b/fhi/payments/FHI624-P-2/refund/", "refund_new", ["fhi", "FHI624-P-2"]),
        ("/b/fhi/payments/new/", "payment_record_many", ["fhi"]),
        ("/b/fhi/settings/providers/", "provider_settings", ["fhi"]),
    ],
)
def test_an_address_leads_to_its_page_and_back(path: str, name: str, args: list[str]) -> None:
    assert reverse(name, args=args) == path
    assert resolve(path).url_name == name


def test_both_webhook_addresses_are_one_door() -> None:
    assert resolve("/webhooks/pac/flexfund/fhi/").func is resolve("/webhooks/flexfund/fhi/").func
