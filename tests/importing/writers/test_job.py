"""The rows of a job: client, contacts, charges, messages and notes."""

import pytest

from accounts.models import Brand
from tests.factories import BrandFactory
from tests.importing.conftest import a_job, run
from workorders.models import Client

pytestmark = pytest.mark.usefixtures("brand")


def test_a_client_is_known_by_id_and_not_taken_from_another_brand(brand: Brand) -> None:
    other = BrandFactory(slug="other")
    Client.objects.create(brand=other, external_id="C1", name="Somebody else")

    run(a_job(), a_job(number="FHI2"))

    assert Client.objects.filter(brand=brand).count() == 1
