"""A brand's technology fees of the past, in a line of an import file of their own."""

from decimal import Decimal
from typing import Annotated, Literal

from importing.format.base import Strict, about
from importing.format.kinds import At, NotNegative, PercentOrNone
from invoicing.settlement.types import Uncollected
from payments.models import Funding


class FeePolicyIn(Strict):
    """The technology fee from one moment of the past on, until the next one."""

    effective_from: Annotated[At, about("When it began.", "2024-03-01T00:00:00-07:00")]
    percent: Annotated[PercentOrNone, about("Of the services paid by card.", "3.59")] = Decimal(0)
    fixed: Annotated[NotNegative, about("On top, for each payment.", "0.30")] = Decimal(0)
    cap: Annotated[NotNegative | None, about("The most that it may be.", "20.00")] = None
    fundings: Annotated[
        tuple[Funding, ...], about("For which cards. None of them: no fee.", ["credit"])
    ] = ()
    uncollected: Annotated[
        Uncollected, about("What becomes of a fee that a payment did not bring.", "absorb")
    ] = Uncollected.ABSORB


class FeePolicies(Strict):
    """A line without a job: the fees of a brand, before the jobs that were quoted by them."""

    version: Annotated[Literal[2] | None, about("Of this format.", 2)] = None
    brand: Annotated[str | None, about("Slug; without it the one of `--brand`.", "fhi")] = None
    fee_policies: Annotated[
        tuple[FeePolicyIn, ...], about("In any order; one that is here already changes nothing.")
    ]
