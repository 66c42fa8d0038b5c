"""Made-up threads for the style guide: one of every state.

The data classes have the shape that ``console.feed.build`` gives to the same templates.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

Detail = tuple[str, str, str]


@dataclass(frozen=True)
class SampleRow:
    """One step, as ``console.feed.build.RowView``."""

    id: int
    headline: str
    occurred_at: datetime
    source: str = "Guardian"
    source_kind: str = "provider"
    label: str = ""
    second: str = ""
    state: str = "neutral"
    state_word: str = ""
    imported: bool = False
    show_date: bool = False
    folded_count: int = 1
    details: tuple[Detail, ...] = ()
    technical: bool = False

    @property
    def url(self) -> str:
        return f"#e-{self.id}"


@dataclass(frozen=True)
class SampleThread:
    """One thing and its steps, as ``console.feed.build.ThreadView``."""

    id: int
    kind: str
    title: str
    icon: str
    rows: tuple[SampleRow, ...]
    state: str = "neutral"
    state_word: str = ""
    subtitle: str = ""
    hidden_rows: int = 0
    more_url: str = "#"
    children: tuple["SampleThread", ...] = ()
    hot: bool = False
    day_differs: bool = False

    @property
    def tone(self) -> str:
        return self.state

    @property
    def last_at(self) -> datetime:
        return self.rows[0].occurred_at


def _at(month: int, day: int, hour: int, minute: int) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


DECLINED = SampleRow(
    14,
    "$340.52 by Visa •4242",
    _at(5, 4, 14, 12),
    "Guardian",
    label="Attempt 1",
    state="failed",
    state_word="declined",
    second="Bank said: insufficient funds. The client may retry or use another card.",
    details=(
        ("Decline code", "insufficient_funds", "code"),
        ("Reference", "ch_3Nq8aV2eZvKYlo2C1x", "ref"),
        ("Provider’s answer", '{\n  "status": "declined",\n  "code": "51"\n}', "json"),
    ),
)
REFUND = SampleThread(
    21,
    "refund",
    "Refund R-1 · $211.14 to Visa •4242",
    "arrow-uturn-left",
    (
        SampleRow(
            23,
            "Completed",
            _at(5, 4, 21, 42),
            state="refunded",
            details=(
                ("Reference", "rf_88213", "ref"),
                ("Event", "evt_7f31, signed, received 0.4 s later", "text"),
            ),
        ),
        SampleRow(
            22,
            "Accepted, waiting for settlement",
            _at(5, 4, 21, 31),
            state="pending",
            folded_count=7,
        ),
        SampleRow(
            21, "Requested with the cancellation", _at(5, 4, 21, 30), "Dana Whitfield", "staff"
        ),
    ),
    state="refunded",
    state_word="refunded",
    subtitle="Services 204.00 + fee 7.14. Returned what was paid above the new bill.",
)
PAYMENT = SampleThread(
    1,
    "payment",
    "Payment P-1 · $340.52 by Visa •4242",
    "credit-card",
    (
        SampleRow(
            16,
            "captured, $340.52",
            _at(5, 4, 14, 14),
            label="Attempt 2",
            state="succeeded",
            details=(
                ("Reference", "ch_3Nq8", "ref"),
                ("Open in Guardian", "https://example.com/ch", "link"),
            ),
        ),
        DECLINED,
        SampleRow(
            13,
            "Priya Raman opened the payment page",
            _at(5, 2, 16, 10),
            "Priya Raman",
            "client",
            show_date=True,
        ),
        SampleRow(
            12,
            "Provider facts folded again",
            _at(5, 4, 14, 14),
            "System",
            "system",
            technical=True,
        ),
    ),
    state="partially_refunded",
    state_word="partly refunded",
    day_differs=True,
    subtitle="From Priya Raman. Services 329.00 + technology fee 11.52 (3.5 %).",
    hidden_rows=3,
    children=(REFUND,),
)
BOOKS = SampleThread(
    3,
    "provider_order",
    "QuickBooks agrees with invoice FHI624 and its money",
    "book-open",
    (
        SampleRow(
            31,
            "Read back and compared, to the cent",
            _at(5, 4, 21, 47),
            "System",
            "system",
            state="succeeded",
        ),
        SampleRow(
            30,
            "Expense 211.14, payment relinked, invoice updated to 129.38",
            _at(5, 4, 21, 46),
            "QuickBooks",
            "quickbooks",
        ),
    ),
    state="verified",
    state_word="verified",
    subtitle="Invoice 129.38 · payment 340.52 · expense 211.14 · unapplied 0.00",
)
BILL = SampleThread(
    4,
    "charge",
    "Bill changed",
    "pencil-square",
    (
        SampleRow(
            41,
            "Bill changed: $329.00 → $125.00",
            _at(5, 4, 21, 30),
            "Dana Whitfield",
            "staff",
            second="Work order cancelled. “Same Day Cancelation - HI NOT Done” $125.00 "
            "replaces General Home Inspection.",
        ),
    ),
)
# A job that was paid, cancelled and partly refunded.
PAYMENT_DAY = [BOOKS, PAYMENT, BILL]

# One thread of every other state.
OPEN_DAY = [
    SampleThread(
        5,
        "attempt",
        "Attempt 3",
        "credit-card",
        (
            SampleRow(
                51,
                "$95.00 by Mastercard •5454",
                _at(11, 20, 18, 50),
                "Priya Raman",
                "client",
                label="Attempt 3",
                state="failed",
                state_word="declined",
                second="Bank said: card expired. Next: ask the client for another card.",
                details=(("Reference", "pi_3Q0x", "ref"),),
            ),
        ),
        state="failed",
        state_word="declined",
        hot=True,
    ),
    SampleThread(
        6,
        "payment",
        "Payment P-2 · $500.00 by bank transfer",
        "building-library",
        (
            SampleRow(
                62,
                "On its way; expected Tue 24 Nov 2026",
                _at(11, 20, 17, 5),
                "Stripe",
                state="pending",
            ),
            SampleRow(61, "Submitted, account •6789", _at(11, 20, 17, 4), "Client", "client"),
        ),
        state="pending",
        state_word="processing",
        subtitle="Not counted as received until the bank confirms it.",
    ),
    SampleThread(
        7,
        "attempt",
        "",
        "question-mark-circle",
        (
            SampleRow(
                71,
                "No answer from Stripe for $120.00",
                _at(11, 20, 16, 0),
                "Stripe",
                state="unknown",
                state_word="unknown",
                second="Do not charge again: we ask Stripe every minute until we know.",
            ),
        ),
        state="attention",
        state_word="unknown",
    ),
    SampleThread(
        8,
        "payment",
        "",
        "flag",
        (
            SampleRow(
                81,
                "Client disputed $340.52",
                _at(11, 20, 15, 0),
                "Stripe",
                state="disputed",
                state_word="disputed",
                second="Answer with the signed agreement by Fri 27 Nov 2026.",
            ),
        ),
        state="disputed",
        state_word="disputed",
        hot=True,
    ),
    SampleThread(
        9,
        "payment",
        "",
        "no-symbol",
        (
            SampleRow(
                91,
                "Payment P-3 · $75.00 by check 1042 voided",
                _at(11, 20, 14, 0),
                "Dana Whitfield",
                "staff",
                state="voided",
                state_word="voided",
                second="Reason: entered on the wrong job.",
            ),
        ),
        state="voided",
        state_word="voided",
    ),
    SampleThread(
        10,
        "note",
        "",
        "chat-bubble-left-ellipsis",
        (
            SampleRow(
                101,
                "Note: client will pay at closing",
                _at(11, 20, 13, 0),
                "Dana Whitfield",
                "staff",
                imported=True,
            ),
        ),
    ),
    SampleThread(
        11,
        "job",
        "",
        "calendar",
        (SampleRow(111, "Work order confirmed", _at(11, 20, 12, 0), "psql: reports", "database"),),
    ),
]
