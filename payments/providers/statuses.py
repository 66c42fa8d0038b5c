"""The statuses that every reporting provider has; a provider adds its own with ``plus``.

FlexFund also charges a backup card, and Guardian also takes orders that are paid at closing, so
both have both tables. An imported payment enters the fold as one of these statuses, too.
"""

from payments.providers.base import Statuses
from payments.providers.guardian.statuses import CARD_AND_BANK
from payments.providers.pay_at_close.statuses import PAY_AT_CLOSE

COMMON = Statuses(pay_at_close=PAY_AT_CLOSE, card=CARD_AND_BANK)
