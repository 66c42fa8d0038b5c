"""Internal notes."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render

from accounts.access import BrandRequest, brand_view
from core.forms import show_errors
from workorders.domain import notes
from workorders.forms import NoteForm
from workorders.views.jobs import job_or_404, to_job


@brand_view()
def note_add(request: BrandRequest, number: str) -> HttpResponse:
    """Write something down that only staff see."""
    job = job_or_404(request, number)
    form = NoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            notes.add_note(
                request.brand, job.pk, form.cleaned_data["text"], author=str(request.user)
            )
        except ValidationError as error:
            show_errors(form, error)
        else:
            messages.success(request, "The note is added.")
            return to_job(request, job)
    return render(request, "workorders/note_add.html", {"form": form, "job": job})
