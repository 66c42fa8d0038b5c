"""Credit that could pay what is due, by the role of the page's reader."""

from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Brand, Role
from invoicing.models import Invoice
from invoicing.queries.settlements import Document, job_settlement
from invoicing.queries.unused_credit import BILLING_ONLY, LINKS, unused
from tests.factories import MembershipFactory
from tests.invoicing import issued_invoices as bills
from workorders.models import Client

D = Decimal


def documents(invoice: Invoice) -> list[Document]:
    return list(job_settlement(invoice.work_order).documents)


@pytest.fixture
def due(person: Client) -> Invoice:
    return bills.bill(person, "80.00", number="FHI2")


def test_billing_gets_links_to_credits_and_a_csr_the_reason_for_none(
    brand: Brand, person: Client, due: Invoice
) -> None:
    source = bills.bill(person, "500.00", number="FHI1")
    for _ in range(LINKS + 1):
        bills.credit(source, "10.00")
    billing, csr = (MembershipFactory(brand=brand, role=r) for r in (Role.BILLING, Role.CSR))

    for_billing = unused(brand, person.pk, documents(due), billing)
    for_csr = unused(brand, person.pk, documents(due), csr)

    assert for_billing is not None and for_csr is not None
    assert for_billing.amount == for_csr.amount == D("40.00")
    assert (len(for_billing.links), for_billing.why_not) == (LINKS, "")
    assert len({link.label for link in for_billing.links}) == LINKS
    assert (for_csr.links, for_csr.why_not) == ([], BILLING_ONLY)


def test_nothing_due_asks_the_database_nothing(
    brand: Brand, person: Client, due: Invoice, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    bills.paid(due, "80.00")
    rows, member = documents(due), MembershipFactory(brand=brand, role=Role.BILLING)

    with django_assert_num_queries(0):
        assert unused(brand, person.pk, rows, member) is None
