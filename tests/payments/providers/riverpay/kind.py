"""RiverPay, a made-up provider with its own signature, body, status and decline code.

Its folder is all that is written for it, as CONTRIBUTING.md ("Adding a payment provider") says.
"""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from decimal import Decimal

from payments.facts.ranks import Rank
from payments.providers.base import IncomingFact, ProviderKind, Refused, Status, Webhooks
from payments.providers.statuses import COMMON

# Its words for what every provider reports; what is missing here is stored as it came.
AS_COMMON = {"HELD": "authorised", "PAID": "captured", "DECLINED": "failed", "BACK": "refunded"}
# What only RiverPay reports: the money is between the client's bank and ours.
OWN = {
    "crossing": Status(
        Rank(25, "processing", 20), "pending", "crossing", "{amount} is crossing the river"
    )
}


def sign(secret: str, raw: bytes) -> str:
    """The value of its header: ``v1=`` and the base64 of an HMAC-SHA512."""
    digest = hmac.new(secret.encode(), raw, hashlib.sha512).digest()
    return f"v1={base64.b64encode(digest).decode()}"


def is_signed(secret: str, raw: bytes, header: str) -> bool:
    """Whether ``header`` is the signature of ``raw``."""
    return hmac.compare_digest(sign(secret, raw).encode(), header.encode())


def read(raw: bytes) -> IncomingFact:
    """The fact in a body: ``{"notice", "state", "when", "money": {…}}`` and a reason."""
    try:
        body = json.loads(raw.decode(), parse_float=Decimal)
        money, reason = body["money"], body.get("reason")
        return IncomingFact(
            event_id=body["notice"],
            order_id=money["order"],
            status=AS_COMMON.get(body["state"], body["state"].lower()),
            at=datetime.fromtimestamp(body["when"], UTC),
            work_order=money["job"],
            amount=Decimal(money["cents"]).scaleb(-2),
            method="card",
            data={"last4": money["card"]} | ({"decline_code": reason} if reason else {}),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused(400, "the body is not a notice of RiverPay") from error


RIVERPAY = ProviderKind(
    slug="riverpay",
    label="RiverPay",
    webhooks=Webhooks(
        signature_header="River-Signature",
        signature_text="v1= and the base64 of an HMAC-SHA512 of the raw body",
        is_signed=is_signed,
        read=read,
    ),
    statuses=COMMON.plus(card=OWN),
    decline_codes={
        "drought": (
            "the client’s RiverPay account is empty",
            "Their RiverPay account is empty.",
            "Client fills the account and tries again.",
        )
    },
    is_feed_source=True,
)
