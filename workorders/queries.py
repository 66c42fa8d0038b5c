"""Reads of jobs and people; all scoped by brand."""

from django.db.models import Q, QuerySet

from accounts.models import Brand
from workorders.models import Client, Service, TaxRate, WorkOrder

SUGGESTIONS = 8


def work_orders(brand: Brand) -> QuerySet[WorkOrder]:
    """The brand's jobs, with their client."""
    return WorkOrder.objects.filter(brand=brand).select_related("client")


def clients_matching(brand: Brand, text: str) -> QuerySet[Client]:
    """Clients whose name, e-mail or phone contains ``text``; all of them for an empty one."""
    clients = Client.objects.filter(brand=brand)
    text = " ".join(text.split())
    if not text:
        return clients
    return clients.filter(
        Q(name__icontains=text) | Q(email__icontains=text) | Q(phone__icontains=text)
    )


def suggested_clients(brand: Brand, text: str) -> list[Client]:
    """The first few matches, by name; nothing for an empty ``text``."""
    if not text.strip():
        return []
    return list(clients_matching(brand, text).order_by("name", "id")[:SUGGESTIONS])


def offered_services(brand: Brand, also: set[int] | None = None) -> list[Service]:
    """Active catalogue items by name, and those that a job has already."""
    wanted = Q(is_active=True) | Q(pk__in=also or set())
    services = Service.objects.filter(wanted, brand=brand).select_related("tax_rate")
    return list(services.order_by("name"))


def offered_tax_rates(brand: Brand, also: int | None = None) -> list[TaxRate]:
    """Active tax rates by name, and ``also``."""
    wanted = Q(is_active=True) | Q(pk=also)
    return list(TaxRate.objects.filter(wanted, brand=brand).order_by("name"))
