"""Components of the interface, loaded in every template. The first line of each `components/*.html` is its contract."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from importlib.metadata import version as installed_version
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm, BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select
from django.template import RequestContext
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from habilis.common.components import Bars, Facet, FacetOption, Lines, Step, ValidityBar
from habilis.common.diff import words
from habilis.common.models import JobProgress

register = template.Library()

STATES: dict[Any, tuple[str, str, Any]] = {
    # value: tone, icon, label
    "active": ("good", "check", _("Active")),
    "inactive": ("neutral", "minus", _("Inactive")),
    "removed": ("bad", "cross", _("Supprimée")),
    "unknown": ("warn", "question", _("Non renseigné")),
    "yes": ("good", "check", _("Oui")),
    "no": ("bad", "cross", _("Non")),
}
ALIASES: dict[Any, str] = {True: "active", False: "inactive", None: "unknown", "": "unknown"}
TONE_ICONS = {"info": "info", "good": "ok", "warn": "warning", "bad": "stop", "neutral": "info"}


@register.simple_tag
def icon(name: str) -> SafeString:
    """A decorative picture: the text beside it says the same."""
    return format_html(
        '<svg class="hab-icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("habilis/icons.svg"),
        name,
    )


@register.simple_tag
@cache
def version() -> str:
    return installed_version("habilis")


@register.inclusion_tag("components/nav_link.html", takes_context=True)
def nav_link(context: RequestContext, name: str, label: str) -> dict[str, Any]:
    url = reverse(name)
    path = context.request.path if "request" in context else ""
    current = "page" if path == url else "true" if path.startswith(url) else ""
    return {"url": url, "label": label, "current": current}


@register.simple_block_tag
def page_title(
    content: SafeString, title: str, lead: str = "", kicker: str = "", crumbs: Iterable[tuple[str, str]] = ()
) -> SafeString:
    return render_to_string(
        "components/page_title.html",
        {"title": title, "lead": lead, "kicker": kicker, "crumbs": list(crumbs), "content": content},
    )


@register.inclusion_tag("components/badge.html")
def badge(label: str, tone: str = "neutral", icon: str = "") -> dict[str, Any]:
    return {"label": label, "tone": tone, "icon": icon}


@register.inclusion_tag("components/badge.html")
def state_badge(state: Any, label: str = "") -> dict[str, Any]:
    tone, icon_name, default = STATES[ALIASES.get(state, state)]
    return {"label": label or default, "tone": tone, "icon": icon_name}


@register.simple_block_tag
def alert(content: SafeString, tone: str = "info", title: str = "", live: bool = False) -> SafeString:
    return render_to_string(
        "components/alert.html",
        {"tone": tone, "icon": TONE_ICONS.get(tone, "info"), "title": title, "content": content, "live": live},
    )


@register.simple_block_tag
def card(content: SafeString, title: str = "", level: int = 2, id: str = "", hint: str = "") -> SafeString:
    return render_to_string(
        "components/card.html", {"title": title, "level": level, "id": id, "hint": hint, "content": content}
    )


@register.simple_block_tag
def empty_state(content: SafeString, title: str, icon: str = "folder", level: int = 2) -> SafeString:
    return render_to_string(
        "components/empty_state.html", {"title": title, "icon": icon, "level": level, "content": content}
    )


@register.simple_block_tag
def verdict(content: SafeString, answer: str, title: str) -> SafeString:
    tone, icon_name, label = STATES[answer]
    label = _("Inconnu") if answer == "unknown" else label
    context = {"tone": tone, "icon": icon_name, "label": label, "title": title, "content": content}
    return render_to_string("components/verdict.html", context)


@register.inclusion_tag("components/definitions.html")
def definitions(rows: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    return {"rows": list(rows)}


@register.inclusion_tag("components/figure.html")
def figure(value: Any, label: str, hint: str = "", url: str = "") -> dict[str, Any]:
    return {"value": value, "label": label, "hint": hint, "url": url}


@register.inclusion_tag("components/way.html")
def way(url: str, icon: str, title: str, text: str, action: str) -> dict[str, Any]:
    return {"url": url, "icon": icon, "title": title, "text": text, "action": action}


@register.inclusion_tag("components/source_note.html")
def source_note(source: str, date: date | None = None, licence: str = "") -> dict[str, Any]:
    return {"source": source, "date": date, "licence": licence}


@register.simple_block_tag
def table_area(content: SafeString, caption: str, hide_caption: bool = False) -> SafeString:
    return render_to_string(
        "components/table_area.html", {"caption": caption, "hide_caption": hide_caption, "content": content}
    )


@register.inclusion_tag("components/sort_header.html", takes_context=True)
def sort_header(context: RequestContext, label: str, key: str, numeric: bool = False) -> dict[str, Any]:
    current = context.request.GET.get("sort", "")
    direction = {key: "ascending", f"-{key}": "descending"}.get(current, "")
    query = context.request.GET.copy()
    query.pop("page", None)
    query["sort"] = f"-{key}" if direction == "ascending" else key
    return {"label": label, "direction": direction, "query": query.urlencode(), "numeric": numeric}


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context: RequestContext, page: Page[Any]) -> dict[str, Any]:
    query = context.request.GET.copy()
    query.pop("page", None)
    prefix = f"?{query.urlencode()}&" if query else "?"
    return {
        "page": page,
        "numbers": page.paginator.get_elided_page_range(page.number, on_each_side=1),
        "prefix": prefix,
    }


def _toggle(context: RequestContext, name: str, option: FacetOption) -> dict[str, Any]:
    query = context.request.GET.copy()
    query.pop("page", None)
    values = [value for value in query.getlist(name) if value != option.value]
    query.setlist(name, values if option.selected else [*values, option.value])
    return {"option": option, "query": query.urlencode()}


@register.inclusion_tag("components/facets.html", takes_context=True)
def facets(context: RequestContext, groups: Sequence[Facet], shown: int = 6) -> dict[str, Any]:
    rows = []
    kept = context.request.GET.copy()
    kept.pop("page", None)
    for group in groups:
        kept.pop(group.name, None)
        options = [_toggle(context, group.name, option) for option in group.options]
        # A selected option is never hidden behind "more".
        options.sort(key=lambda row: not row["option"].selected)
        rows.append({"group": group, "first": options[:shown], "more": options[shown:]})
    selected = [option for group in groups for option in group.options if option.selected]
    return {"groups": rows, "selected": selected, "clear": kept.urlencode()}


@register.inclusion_tag("components/tag_list.html")
def tag_list(tags: Iterable[Any], label: str = "") -> dict[str, Any]:
    """Each tag is a text, or a (text, address) pair."""
    return {"tags": [tag if isinstance(tag, tuple) else (tag, "") for tag in tags], "label": label}


@register.inclusion_tag("components/validity_bar.html")
def validity_bar(start: date | None, end: date | None, today: date, last_issue: date | None = None) -> dict[str, Any]:
    return {"bar": ValidityBar(start, end, today, last_issue)}


@register.inclusion_tag("components/steps.html")
def steps(items: Iterable[Step], label: str = "") -> dict[str, Any]:
    return {"items": list(items), "label": label}


@register.inclusion_tag("components/timeline.html")
def timeline(events: Iterable[Any]) -> dict[str, Any]:
    return {"events": list(events)}


@register.inclusion_tag("components/export_menu.html")
def export_menu(links: Iterable[tuple[str, str, str]], label: str = "") -> dict[str, Any]:
    return {"links": list(links), "label": label}


@register.inclusion_tag("components/copy_button.html")
def copy_button(value: str, label: str = "") -> dict[str, Any]:
    return {"value": value, "label": label}


@register.inclusion_tag("components/diff.html")
def diff(before: str, after: str) -> dict[str, Any]:
    return {"pieces": words(before, after)}


@register.inclusion_tag("components/progress.html")
def progress(job: JobProgress, url: str = "") -> dict[str, Any]:
    return {"job": job, "url": url}


@register.inclusion_tag("components/bars_chart.html")
def bars_chart(chart: Bars) -> dict[str, Any]:
    return {"chart": chart}


@register.inclusion_tag("components/line_chart.html")
def line_chart(chart: Lines) -> dict[str, Any]:
    return {"chart": chart}


@register.inclusion_tag("components/search_box.html")
def search_box(
    action: str, q: str = "", size: str = "", label: str = "", placeholder: str = "", id: str = "q"
) -> dict[str, Any]:
    return {"action": action, "q": q, "size": size, "label": label, "placeholder": placeholder, "id": id}


@register.inclusion_tag("components/field.html", name="field")
def form_field(field: BoundField) -> dict[str, Any]:
    return {"field": field}


@register.inclusion_tag("components/error_summary.html")
def error_summary(form: BaseForm) -> dict[str, Any]:
    return {"form": form, "fields": [field for field in form if field.errors]}


@register.filter
def control(field: BoundField) -> SafeString:
    """The widget of a field with the class that gives it its look."""
    widget = field.field.widget
    if isinstance(widget, CheckboxInput | RadioSelect | CheckboxSelectMultiple):
        return field.as_widget()
    look = "form-select" if isinstance(widget, Select) else "form-control"
    return field.as_widget(attrs={"class": f"{look} is-invalid" if field.errors else look})
