"""What was last imported of each job, to compare the next line of it with."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from accounts.models import Brand
from workorders.models import WorkOrder, of_work_order


class ImportedJob(models.Model):
    """The line that a job was last imported from.

    A later line changes what differs from this one, and nothing else: what staff changed in
    Paystory meanwhile stays. Not tracked: it is the import's memory, no fact about the job.
    """

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    work_order = models.OneToOneField(WorkOrder, on_delete=models.CASCADE, related_name="+")
    # As validated, without defaults; amounts are strings.
    line = models.JSONField(encoder=DjangoJSONEncoder)
    imported_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [of_work_order("importing_job_work_order")]


class LegacyFigures(models.Model):
    """The figures of an older system for a job or one of its documents, stored as they came.

    Compared with the settlement, never read by it. Not tracked: like the line above it is the
    import's memory; the documents and credits made of it are tracked.
    """

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    work_order = models.ForeignKey(
        WorkOrder, on_delete=models.CASCADE, related_name="legacy_figures"
    )
    # The number of the document; "" is the job as a whole.
    document = models.CharField(max_length=60, blank=True)
    # As given, amounts as text: ``format.documents.LegacyIn``.
    row = models.JSONField(encoder=DjangoJSONEncoder)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["work_order", "document"], name="importing_legacy_figures_once"
            ),
            of_work_order("importing_legacy_figures_work_order"),
        ]
        indexes = [
            models.Index(fields=["brand", "work_order"], name="importing_legacy_figures_job")
        ]
