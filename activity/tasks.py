"""Background projection: on the doorbell, and on a sweep that needs no doorbell."""

from celery import shared_task

from activity import projection


@shared_task(ignore_result=True)
def project_pending() -> int:
    """Somebody rang: project what is pending. Answers the number of feeds."""
    return projection.project_pending()


@shared_task(ignore_result=True)
def sweep() -> int:
    """Every few seconds: whatever no ring announced (a lost broker, a psql session)."""
    return projection.project_pending()
