"""What invoicing hangs into the verbs of jobs."""


def register() -> None:
    """Fill the hook lists of ``workorders``."""
