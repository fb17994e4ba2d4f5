"""What every public page shares: reading only, caching until the next import, the source, downloads."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, wraps
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import Max, QuerySet, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.timezone import localdate
from django.utils.translation import get_language, gettext
from django.views.decorators.http import condition, require_safe

from habilis.common.exports import csv_chunks, xlsx_chunks
from habilis.registers.models import ImportRun
from habilis.registers.queries.changes import Source, freshness

View = Callable[..., HttpResponseBase]
PAGE = 25
Chunks = Callable[[Sequence[str], Iterable[Sequence[Any]]], Iterator[bytes]]
EXPORTS: dict[str, tuple[Chunks, str]] = {
    "csv": (csv_chunks, "text/csv; charset=utf-8"),
    "xlsx": (xlsx_chunks, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


def public(view: View) -> View:
    """A page that anybody may read: GET only, answered 304 until an import, the date, the language or the code changes.

    The browser asks again each time (`no-cache`): an import shows at once, and an unchanged page costs one small query.
    Pages are `private`: they carry the CSRF token of their reader. Feeds and files may be kept by shared caches.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = condition(etag_func=etag)(view)(request, *args, **kwargs)
        kept_by = "private" if request.path.endswith("/") else "public"
        patch_cache_control(response, **{kept_by: True, "no_cache": True})
        patch_vary_headers(response, ["Accept-Language", "Cookie", "HX-Target"])
        return response

    return require_safe(answer)


def etag(request: HttpRequest, *args: Any, **kwargs: Any) -> str | None:
    """One query. None (no cache) while developing."""
    if settings.DEBUG:
        return None
    runs = ImportRun.objects.aggregate(Max("id"), Max("heartbeat_at"), Max("finished_at"), Sum("position"))
    parts = [*runs.values(), localdate(), get_language(), request.headers.get("HX-Target"), built_at()]
    digest = sha256("|".join(map(str, parts)).encode()).hexdigest()[:24]
    return f'"{digest}"'


@cache
def built_at() -> float:
    """When the code that draws the pages last changed: an upgrade must not leave yesterday's pages in the caches."""
    files = (file for kind in ("*.html", "*.py", "*.mo") for file in settings.PACKAGE.rglob(kind))
    return max(file.stat().st_mtime for file in files)


def show(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    sources: Sequence[Source] | None = None,
    status: int = 200,
) -> HttpResponse:
    """A page with its sources: those of the answer, or else the last exports of both registers."""
    if sources is None:
        sources = last_sources()
    return render(request, template, {"sources": sources, "today": localdate(), **context}, status=status)


def last_sources() -> list[Source]:
    """The last export of each register, once when both come from one import (two queries)."""
    return list(dict.fromkeys(row.source for row in freshness() if row.source))


def page_of(request: HttpRequest, rows: QuerySet[Any] | Sequence[Any], size: int = PAGE) -> Page[Any]:
    """The page asked; a number out of range gives the nearest."""
    return Paginator(rows, size).get_page(request.GET.get("page"))


def download(name: str, extension: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """A table streamed to a file; each row carries its source, since files travel without their page."""
    chunks, content_type = EXPORTS[extension]
    sources = last_sources()
    origin = (
        "; ".join(source.name for source in sources),
        max((source.export_date for source in sources), default=None),
    )
    licence = "; ".join(sorted({source.licence for source in sources}))
    full_header = [*header, gettext("Source"), gettext("Date de l’export"), gettext("Licence")]
    response = StreamingHttpResponse(
        chunks(full_header, ([*row, *origin, licence] for row in rows)), content_type=content_type
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{extension}"'
    return response
