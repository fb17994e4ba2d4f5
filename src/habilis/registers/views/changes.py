"""What imports changed in the registers: a page, and the same news as RSS, Atom and JSON Feed."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed
from django.utils.translation import get_language, gettext, ngettext

from habilis.registers.forms import ChangesForm
from habilis.registers.queries.changes import COUNTED, ChangeFilter, ChangeGroup, grouped, latest_changes
from habilis.registers.records import labelled
from habilis.registers.templatetags.registers import change_title, value_label
from habilis.registers.views.public import last_sources, public, show

PAGE = 60
NEWS = 50  # entries of a feed: one per fiche and import
READ = 500  # changes read to make them


def asked_of(form: ChangesForm) -> ChangeFilter:
    form.is_valid()  # a wrong value asks for nothing; the page shows its error
    asked = form.cleaned_data
    return ChangeFilter(
        since=asked.get("since"),
        register=asked.get("register", ""),
        kind=asked.get("kind", ""),
        key_only=asked.get("key", False),
        number=asked.get("fiche", ""),
    )


@public
def changes(request: HttpRequest) -> HttpResponse:
    form = ChangesForm(request.GET)
    before = request.GET.get("before", "")
    page = latest_changes(asked_of(form), before=int(before) if before.isdecimal() else None, limit=PAGE)
    query = request.GET.copy()
    query.pop("before", None)
    context = {
        "form": form,
        "groups": list(grouped(page.changes)),
        "total": min(page.total, COUNTED),
        "is_capped": page.total > COUNTED,
        "query": query.urlencode(),
        "cursor": page.cursor,
        "is_first": not before,
    }
    return show(request, "registers/changes.html", context)


def news(request: HttpRequest) -> tuple[str, list[ChangeGroup]]:
    """Title of the feed asked and its entries, newest first."""
    asked = asked_of(ChangesForm(request.GET))
    page = latest_changes(asked, limit=READ)
    groups = list(islice(grouped(page.changes), NEWS))
    title = gettext("Changements des répertoires nationaux")
    return (f"{title} – {asked.number}" if asked.number else title), groups


def absolute(path: str) -> str:
    return settings.PUBLIC_URL.rstrip("/") + path


def address(group: ChangeGroup) -> str:
    return absolute(reverse("registers:fiche", args=[group.certification.number])) + "#historique"


def identity(group: ChangeGroup) -> str:
    """Never reused: the run that made the changes, and the fiche."""
    return absolute(reverse("registers:run", args=[group.run.pk])) + f"#{group.certification.number}"


def headline(group: ChangeGroup) -> str:
    version = group.certification.current_version
    names = list(dict.fromkeys(str(change_title(change)) for change in group.changes))
    told = ", ".join(names[:3]) + ("…" if len(names) > 3 else "")
    return str(labelled(f"{group.certification.number} {version.title if version else ''}".strip(), told))


def lines(group: ChangeGroup) -> Iterable[str]:
    for change in group.changes[:20]:
        key = f" {change.key}" if change.key and change.kind != "fiche" else ""
        before, after = (str(value_label(text[:200], change.field)) for text in (change.before, change.after))
        yield str(labelled(f"{change_title(change)}{key}", f"{before} → {after}"))
    if (more := len(group.changes) - 20) > 0:
        yield ngettext("et %(n)d autre changement", "et %(n)d autres changements", more) % {"n": more}


def published(group: ChangeGroup) -> datetime:
    return group.run.finished_at or group.run.started_at


def feed(request: HttpRequest, kind: type[SyndicationFeed]) -> HttpResponse:
    title, groups = news(request)
    result = kind(
        title=title,
        link=absolute(reverse("registers:changes")),
        description=gettext("Ce que chaque import des répertoires a ajouté, modifié ou retiré."),
        language=get_language(),
        feed_url=absolute(request.get_full_path()),
        feed_copyright=licences(),
    )
    for group in groups:
        result.add_item(
            title=headline(group),
            link=address(group),
            description="\n".join(lines(group)),
            unique_id=identity(group),
            unique_id_is_permalink=False,
            pubdate=published(group),
            updateddate=published(group),
        )
    response = HttpResponse(content_type=result.content_type)  # type: ignore[attr-defined]  # set by each kind
    result.write(response, "utf-8")
    return response


def licences() -> str:
    return "; ".join(f"{source.name}, {source.export_date:%d/%m/%Y}, {source.licence}" for source in last_sources())


@public
def rss(request: HttpRequest) -> HttpResponse:
    return feed(request, Rss201rev2Feed)


@public
def atom(request: HttpRequest) -> HttpResponse:
    return feed(request, Atom1Feed)


@public
def json_feed(request: HttpRequest) -> HttpResponse:
    """JSON Feed 1.1; `_source` names the exports and their licence."""
    title, groups = news(request)
    items: list[dict[str, Any]] = [
        {
            "id": identity(group),
            "url": address(group),
            "title": headline(group),
            "content_text": "\n".join(lines(group)),
            "date_published": published(group).isoformat(),
            "tags": sorted({change.kind for change in group.changes}),
        }
        for group in groups
    ]
    body = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": title,
        "home_page_url": absolute(reverse("registers:changes")),
        "feed_url": absolute(request.get_full_path()),
        "language": get_language(),
        "_source": [source.as_dict() for source in last_sources()],
        "items": items,
    }
    return JsonResponse(body, content_type="application/feed+json", json_dumps_params={"ensure_ascii": False})
