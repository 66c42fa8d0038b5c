"""What was last imported of each job, so that a line is compared with its predecessor."""

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
