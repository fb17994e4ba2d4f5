"""Pages that belong to no business app: how far a long job is."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from habilis.common.models import JobProgress


# Public: the random id of the job is the key.
def progress(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The page of a job, or its moving part alone when the page asks again."""
    job = get_object_or_404(JobProgress, pk=pk)
    is_part = request.headers.get("HX-Request") == "true"
    template = "common/progress_part.html" if is_part else "common/progress.html"
    response = render(request, template, {"job": job})
    response.headers["Cache-Control"] = "no-store"
    return response
