"""Background work: what is remembered for a while is forgotten."""

from celery import shared_task

from accounts import once


@shared_task(ignore_result=True)
def sweep() -> int:
    """Forget the tokens of old forms; answers how many."""
    return once.forget_old()
