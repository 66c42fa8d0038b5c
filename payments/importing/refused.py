"""Why something of a line cannot be imported."""


class Refused(Exception):
    """The line cannot be imported; says where and why."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}" if path else reason)
        self.path = path
        self.reason = reason
