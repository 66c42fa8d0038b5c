"""Background work: what could not be done when a fact came in is tried again."""

from celery import shared_task

from payments.ingest import waiting


@shared_task(ignore_result=True)
def sweep() -> int:
    """Fold what could not be folded, match what had no job; answers how many orders moved."""
    return waiting.retry_unfolded() + waiting.match_waiting()
