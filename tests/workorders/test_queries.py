"""What the forms of jobs offer."""

from accounts.models import Brand
from tests.factories import BrandFactory, ClientFactory, ServiceFactory, TaxRateFactory
from workorders import queries


def test_clients_are_suggested_by_what_is_typed(brand: Brand) -> None:
    ClientFactory(brand=brand, name="Priya Raman", email="p@example.com")
    ClientFactory(brand=brand, name="Aaron Priyanka")
    ClientFactory(brand=brand, name="Sam Ortega")
    ClientFactory(brand=BrandFactory(), name="Priya Elsewhere")

    names = [client.name for client in queries.suggested_clients(brand, "priya")]

    assert names == ["Aaron Priyanka", "Priya Raman"]
    assert queries.suggested_clients(brand, "  ") == []


def test_a_service_that_is_off_is_offered_where_it_is_used(brand: Brand) -> None:
    on = ServiceFactory(brand=brand, name="B")
    off = ServiceFactory(brand=brand, name="A", is_active=False)
    ServiceFactory(brand=BrandFactory())

    assert queries.offered_services(brand) == [on]
    assert queries.offered_services(brand, {off.pk}) == [off, on]


def test_a_rate_that_is_off_is_offered_where_it_is_used(brand: Brand) -> None:
    on = TaxRateFactory(brand=brand, name="B")
    off = TaxRateFactory(brand=brand, name="A", is_active=False)

    assert queries.offered_tax_rates(brand) == [on]
    assert queries.offered_tax_rates(brand, off.pk) == [off, on]
