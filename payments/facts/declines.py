"""Why a card or a bank declined, in plain words. Pure: two tables, no rules.

Card codes are the common decline codes of card processors, bank codes are Nacha return codes.
A provider's own codes are in its folder (``ProviderKind.decline_codes``).
What we do not know we do not explain: an unknown code is shown as it came.
"""

from collections.abc import Mapping
from dataclasses import dataclass

# A code's meaning, what to tell the client, and what to do next.
DeclineWords = tuple[str, str, str]


@dataclass(frozen=True)
class Decline:
    """What a code means, what staff may tell the client, and what to do next."""

    code: str
    meaning: str
    tell_client: str
    next_step: str
    known: bool = True


_OTHER_CARD = "Ask for another card, or offer bank debit, a check or pay-at-close."
_CALL_BANK = "The client calls the number on the back of the card, then tries again."
_SILENT = "Their bank declined the card and gave no reason that we may pass on."

_CARD: dict[str, DeclineWords] = {
    "insufficient_funds": (
        "insufficient funds",
        "Their bank says that there is not enough money or credit for this amount.",
        "Client may retry or use another card.",
    ),
    "card_declined": (
        "declined, without a reason",
        "Their bank declined the card without saying why.",
        _CALL_BANK,
    ),
    "generic_decline": (
        "declined, without a reason",
        "Their bank declined the card without saying why.",
        _CALL_BANK,
    ),
    "do_not_honor": (
        "do not honor: the bank refuses without a reason",
        "Their bank declined the card without saying why.",
        _CALL_BANK,
    ),
    "call_issuer": (
        "the bank wants to speak to the client",
        "Their bank would like them to call before it allows this payment.",
        _CALL_BANK,
    ),
    "expired_card": (
        "the card has expired",
        "The card has expired.",
        "Ask for the new card's number and expiry date.",
    ),
    "incorrect_cvc": (
        "the security code is wrong",
        "The three or four digits of the security code did not match.",
        "Client enters the card again with the right security code.",
    ),
    "invalid_cvc": (
        "the security code is wrong",
        "The three or four digits of the security code did not match.",
        "Client enters the card again with the right security code.",
    ),
    "incorrect_number": (
        "the card number is wrong",
        "The card number was mistyped.",
        "Client enters the card number again.",
    ),
    "invalid_number": (
        "the card number is wrong",
        "The card number was mistyped.",
        "Client enters the card number again.",
    ),
    "invalid_expiry_month": (
        "the expiry date is wrong",
        "The expiry date did not match.",
        "Client enters the expiry date again.",
    ),
    "invalid_expiry_year": (
        "the expiry date is wrong",
        "The expiry date did not match.",
        "Client enters the expiry date again.",
    ),
    "incorrect_zip": (
        "the postal code does not match",
        "The postal code did not match the one their bank has.",
        "Client enters the billing address as it is on the statement.",
    ),
    "authentication_required": (
        "the bank asked for 3-D Secure, and it was not completed",
        "Their bank asked them to confirm the payment, and that was not finished.",
        "Client tries again and confirms in their banking app or by the code they are sent.",
    ),
    "authentication_failed": (
        "3-D Secure failed",
        "Their bank could not confirm that it was really them.",
        "Client tries again and confirms in their banking app, or uses another card.",
    ),
    "three_d_secure_failed": (
        "3-D Secure failed",
        "Their bank could not confirm that it was really them.",
        "Client tries again and confirms in their banking app, or uses another card.",
    ),
    "card_velocity_exceeded": (
        "over the card's limit for amount or number of payments",
        "The card's limit for now is used up.",
        "Client waits a day, asks the bank to raise the limit, or uses another card.",
    ),
    "withdrawal_count_limit_exceeded": (
        "over the card's limit",
        "The card's limit for now is used up.",
        "Client waits a day, asks the bank to raise the limit, or uses another card.",
    ),
    "card_not_supported": (
        "the card does not allow this kind of payment",
        "This card does not work for payments like this one.",
        _OTHER_CARD,
    ),
    "currency_not_supported": (
        "the card does not allow this currency",
        "This card does not work in this currency.",
        _OTHER_CARD,
    ),
    "transaction_not_allowed": (
        "the bank does not allow this kind of payment",
        "Their bank does not allow this payment with this card.",
        _CALL_BANK,
    ),
    "not_permitted": (
        "the bank does not allow this kind of payment",
        "Their bank does not allow this payment with this card.",
        _CALL_BANK,
    ),
    "restricted_card": ("the card is restricted", _SILENT, _OTHER_CARD),
    "lost_card": (
        "reported lost; do not tell the client why",
        _SILENT,
        f"Do not retry this card. {_OTHER_CARD}",
    ),
    "stolen_card": (
        "reported stolen; do not tell the client why",
        _SILENT,
        f"Do not retry this card. {_OTHER_CARD}",
    ),
    "pickup_card": (
        "the bank wants the card back; do not tell the client why",
        _SILENT,
        f"Do not retry this card. {_OTHER_CARD}",
    ),
    "fraudulent": (
        "suspected fraud; do not tell the client why",
        _SILENT,
        f"Do not retry this card. {_OTHER_CARD}",
    ),
    "merchant_blacklist": (
        "blocked by our own rules; do not tell the client why",
        _SILENT,
        "Ask billing to look at the block before anybody tries again.",
    ),
    "duplicate_transaction": (
        "the same amount was just charged to this card",
        "The same payment was made a moment ago.",
        "Look for the earlier payment before anybody tries again.",
    ),
    "processing_error": (
        "an error while processing, not the client's fault",
        "Something went wrong on the way to their bank. They were not charged.",
        "Client tries again in a few minutes.",
    ),
    "issuer_not_available": (
        "the bank could not be reached",
        "Their bank did not answer. They were not charged.",
        "Client tries again in a few minutes.",
    ),
    "try_again_later": (
        "the bank asks to try later",
        "Their bank asked to try again later.",
        "Client tries again in an hour.",
    ),
    "invalid_account": (
        "the account behind the card does not exist any more",
        "The card or its account does not work any more.",
        _CALL_BANK,
    ),
    "invalid_amount": (
        "the bank does not accept this amount",
        "Their bank does not accept this amount on this card.",
        _CALL_BANK,
    ),
    "pin_try_exceeded": (
        "too many wrong PINs",
        "The card is locked after too many wrong PINs.",
        _OTHER_CARD,
    ),
}  # fmt: skip

_NEW_ACCOUNT = "Ask for the bank details again, or for another way to pay."
_STOPPED = "Do not debit this account again without a new written authorization."

_ACH: dict[str, DeclineWords] = {
    "R01": (
        "insufficient funds in the bank account",
        "There was not enough money in the bank account.",
        "Client may retry when the account is funded, or pay by card.",
    ),
    "R02": ("the bank account is closed", "The bank account is closed.", _NEW_ACCOUNT),
    "R03": (
        "no such account, or the name does not match",
        "The bank could not find the account under that name.",
        _NEW_ACCOUNT,
    ),
    "R04": ("the account number is not valid", "The account number is not valid.", _NEW_ACCOUNT),
    "R05": (
        "an unauthorized debit to a consumer account",
        "The bank returned the debit as not authorized.",
        _STOPPED,
    ),
    "R06": (
        "returned at the request of our own bank",
        "The debit was taken back by our bank.",
        "Ask billing; the client need not do anything yet.",
    ),
    "R07": (
        "the client withdrew the authorization",
        "The authorization for this debit was withdrawn.",
        _STOPPED,
    ),
    "R08": (
        "the client stopped this payment",
        "A stop payment was placed on this debit.",
        "Ask the client why, and for another way to pay.",
    ),
    "R09": (
        "the money in the account was not yet available",
        "The money in the account was not yet available.",
        "Client may retry in a few days, or pay by card.",
    ),
    "R10": (
        "the client says that the debit was not authorized",
        "The bank returned the debit as not authorized.",
        _STOPPED,
    ),
    "R11": (
        "the debit does not match what was authorized",
        "The bank says that the debit does not match what was agreed.",
        "Check amount and date against the authorization, then ask for a new one.",
    ),
    "R13": ("the routing number is not valid", "The routing number is not valid.", _NEW_ACCOUNT),
    "R14": ("the account's holder or agent has died", _SILENT, "Ask billing before any contact."),
    "R15": ("the account's holder has died", _SILENT, "Ask billing before any contact."),
    "R16": (
        "the bank account is frozen",
        "The bank does not allow debits from this account.",
        "Ask for another way to pay.",
    ),
    "R17": ("the bank suspects the details", _SILENT, _NEW_ACCOUNT),
    "R20": (
        "not an account that may be debited (often savings)",
        "This kind of account does not allow debits.",
        "Ask for a checking account, or another way to pay.",
    ),
    "R23": (
        "the receiver refused the entry",
        "The payment was refused at the bank.",
        "Ask the client why, and for another way to pay.",
    ),
    "R24": (
        "the bank took it for a duplicate",
        "The bank took this for a second debit of the same payment.",
        "Look for the earlier payment before anybody tries again.",
    ),
    "R29": (
        "a company account that does not authorize the debit",
        "Their company's bank blocks debits that it does not know.",
        "Client asks the bank to allow our company id, or pays another way.",
    ),
}  # fmt: skip

COMMON = {**_CARD, **_ACH}


def explain(code: str, own: Mapping[str, DeclineWords] | None = None) -> Decline:
    """What ``code`` means; ``own`` codes of a provider come before the common ones.

    Codes are read in any case. An unknown or empty code gives words that blame nobody.
    """
    plain = code.strip()
    for table in (own or {}, COMMON):
        for key in (plain, plain.lower(), plain.upper()):
            if key in table:
                return Decline(key, *table[key])
    meaning = f"code “{plain}”" if plain else "no reason given"
    return Decline(
        plain,
        meaning,
        "The payment did not go through; the reason is not known to us.",
        "Client may retry or pay another way; ask the provider what the code means."
        if plain
        else "Client may retry or pay another way.",
        known=False,
    )
