"""How names of older systems map to our words."""

import re

from workorders.models import ServiceType

# The rule as docs/import-format.md tells it; keep the two lines of code below true to it.
RULE = (
    "A service is of type *cancellation* when its name speaks of a **same-day cancellation**: "
    "ignoring case and punctuation, the words “same day” are followed at once by a word that "
    "starts with “cancel” (any spelling: cancel, cancelled, cancelation, cancellation, "
    "cancellations). Every other name is a *standard* service, a plain “Cancellation” among "
    "them: the status of the job and the amount play no part. An explicit `service_type` on "
    "the charge always wins over the name."
)
_SAME_DAY_CANCELLATION = re.compile(r"\bsame ?day cancel\w*\b")


def service_type_of(name: str) -> ServiceType:
    """The type that a legacy service name stands for, by ``RULE``."""
    words = " ".join(re.findall(r"[a-z0-9]+", name.casefold()))
    if _SAME_DAY_CANCELLATION.search(words):
        return ServiceType.CANCELLATION
    return ServiceType.STANDARD
