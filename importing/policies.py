"""Imports the technology fees that a brand had in the past."""

from typing import Any

import pydantic
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Brand
from activity.actors import acting_as
from core.refusal import field_of, message_of
from importing.checks.line import BadLine, refused
from importing.errors import Refused
from importing.format.policies import FeePolicies, FeePolicyIn
from importing.naming import IMPORTER
from invoicing.domain.fees import import_policy
from invoicing.settlement.quote import Policy


def is_about_fees(data: dict[str, Any]) -> bool:
    """Whether a decoded line has the fees of a brand and no job."""
    return "fee_policies" in data and "number" not in data


def import_policies(brand: Brand, data: dict[str, Any]) -> bool:
    """Add the policies of a decoded line; whether any is new. Raises BadLine and adds none then."""
    try:
        line = FeePolicies.model_validate(data, context={"currency": brand.currency})
    except pydantic.ValidationError as error:
        raise BadLine([refused(e) for e in error.errors(include_url=False)]) from error
    added = False
    with transaction.atomic(), acting_as(IMPORTER, imported=True):
        for n, given in enumerate(line.fee_policies):
            try:
                added |= import_policy(brand, _policy(given))
            except ValidationError as error:
                path = f"fee_policies[{n}].{field_of(error)}".rstrip(".")
                raise BadLine([Refused(path, message_of(error))]) from error
    return added


def _policy(given: FeePolicyIn) -> Policy:
    return Policy(
        given.effective_from,
        given.percent,
        given.fixed,
        given.cap,
        frozenset(funding.value for funding in given.fundings),
        given.uncollected,
    )
