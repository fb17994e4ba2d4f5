"""Pages that belong to no business app: how far a long job is, and the refusal of too many demands."""

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


# Public: the answer of any view that counts demands.
def too_many_requests(request: HttpRequest, seconds: int) -> HttpResponse:
    response = render(request, "429.html", {"seconds": seconds}, status=429)
    response.headers["Retry-After"] = str(seconds)
    return response
