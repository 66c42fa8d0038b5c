"""The one error that verbs raise for bad input or a refused wish."""


class PaymentError(ValueError):
    """What was asked cannot be done; ``field`` names the input that is wrong ("" for none)."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message
