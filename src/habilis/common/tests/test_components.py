"""Components: their contracts, and the rules that pictures, filters and forms follow."""

from datetime import date
from pathlib import Path

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, RequestContext, Template
from django.template.loader import get_template
from lxml import html

from habilis.common.components import Bars, Facet, FacetOption, Lines, ValidityBar

COMPONENTS = Path(__file__).parent.parent / "templates" / "components"
NAMES = sorted(path.stem for path in COMPONENTS.glob("*.html"))
TODAY = date(2026, 11, 12)


def render(source: str, **context: object) -> str:
    return Template(source).render(Context(context))


def ask(rf, address: str, source: str, **context: object) -> html.HtmlElement:
    return html.fromstring(f"<div>{Template(source).render(RequestContext(rf.get(address), context))}</div>")


@pytest.mark.parametrize("name", NAMES)
def test_component_opens_with_its_contract(name):
    first = (COMPONENTS / f"{name}.html").read_text().split("\n", 1)[0]
    usage, _, rule = first.removeprefix("{# ").partition(" — ")
    assert name in usage and len(rule) > 20 and rule.endswith(" #}"), first
    get_template(f"components/{name}.html")


# Badges and verdicts


@pytest.mark.parametrize(
    ("state", "text"),
    [
        ("active", "Active"),
        (True, "Active"),
        (False, "Inactive"),
        (None, "Non renseigné"),
        ("", "Non renseigné"),
        ("removed", "Supprimée"),
    ],
)
def test_state_is_said_in_words(state, text):
    assert html.fromstring(render("{% state_badge s %}", s=state)).text_content().strip() == text


def test_unknown_state_of_a_programme_is_refused():
    with pytest.raises(KeyError):
        render('{% state_badge "nonsense" %}')


def test_unknown_verdict_is_not_taken_for_a_no():
    assert "Inconnu" in render('{% verdict "unknown" "?" %}{% endverdict %}')


@pytest.mark.parametrize("source", ['{% alert "info" t %}{{ t }}{% endalert %}', "{% card t %}{{ t }}{% endcard %}"])
def test_text_of_users_is_escaped(source):
    assert "<b>" not in render(source, t="<b>x</b>")


# Lists


def test_sort_header_reverses_keeps_filters_and_leaves_the_page(rf):
    source = '<table><tr>{% sort_header "Titre" "title" %}</tr></table>'
    first = ask(rf, "/?q=a&page=3", source).find(".//th")
    assert (first.get("aria-sort"), first.find("a").get("href")) == (None, "?q=a&sort=title")
    second = ask(rf, "/?q=a&sort=title", source).find(".//th")
    assert (second.get("aria-sort"), second.find("a").get("href")) == ("ascending", "?q=a&sort=-title")
    third = ask(rf, "/?q=a&sort=-title", source).find(".//th")
    assert (third.get("aria-sort"), third.find("a").get("href")) == ("descending", "?q=a&sort=title")


def test_pagination_keeps_the_query_and_marks_its_page(rf):
    page = Paginator(range(40_000), 20).page(1500)
    nav = ask(rf, "/?q=a%26b&page=1500", "{% pagination page %}", page=page).find("nav")
    assert nav.xpath(".//a[@aria-current]/@href") == ["?q=a%26b&page=1500"]
    assert nav.xpath(".//a[@rel]/@href") == ["?q=a%26b&page=1499", "?q=a%26b&page=1501"]


def test_single_page_has_no_pagination(rf):
    assert ask(rf, "/", "{% pagination page %}", page=Paginator([1], 20).page(1)).find("nav") is None


def levels(*chosen: str, size: int = 3) -> list[Facet]:
    options = [FacetOption(str(n), f"Niveau {n}", n * 10, str(n) in chosen) for n in range(1, size + 1)]
    return [Facet("level", "Niveau", options)]


def test_facet_adds_its_value_and_leaves_the_page(rf):
    links = ask(rf, "/?q=a&page=2", "{% facets groups %}", groups=levels()).xpath(".//li/a/@href")
    assert links == ["?q=a&level=1", "?q=a&level=2", "?q=a&level=3"]


def test_chosen_facet_comes_first_and_its_link_removes_it_alone(rf):
    tree = ask(rf, "/?q=a&level=2&level=3&sort=end", "{% facets groups %}", groups=levels("2", "3"))
    chosen = tree.xpath(".//li/a[@aria-current]/@href")
    assert chosen == ["?q=a&level=3&sort=end", "?q=a&level=2&sort=end"]
    assert tree.xpath(".//a[@class='hab-clear']/@href") == ["?q=a&sort=end"]
    assert "Retirer les 2 filtres" in tree.text_content()


def test_long_facet_folds_but_never_hides_a_choice(rf):
    tree = ask(rf, "/?level=9", "{% facets groups shown=4 %}", groups=levels("9", size=9))
    assert [a.get("aria-current") for a in tree.xpath(".//section/ul/li/a")] == ["true", None, None, None]
    assert "5 autres" in tree.find(".//section/details/summary").text


# Forms


class Question(forms.Form):
    siret = forms.CharField(label="SIRET", help_text="14 chiffres", min_length=14)
    role = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    active = forms.BooleanField(required=False)


def test_field_links_its_help_and_errors_to_the_control():
    tree = html.fromstring(render("<div>{{ form }}</div>", form=Question({"siret": "123", "role": "a"})))
    control = tree.get_element_by_id("id_siret")
    assert control.get("aria-invalid") == "true"
    described = [tree.get_element_by_id(name).text_content() for name in control.get("aria-describedby").split()]
    assert described[0] == "14 chiffres"
    assert "14 caractères" in described[1]
    assert tree.xpath("//label[@for='id_siret']/text()")[0].strip() == "SIRET"


def test_error_summary_leads_to_each_field():
    tree = html.fromstring(render("<div>{{ form }}</div>", form=Question({})))
    assert tree.xpath("//*[@role='alert']//a/@href") == ["#id_siret", "#id_role"]
    assert tree.get_element_by_id("id_role").tag == "div"


def test_sound_form_has_no_summary():
    assert html.fromstring(render("<div>{{ form }}</div>", form=Question())).xpath("//*[@role='alert']") == []


# Pictures


def test_validity_bar_places_dates_in_order():
    bar = ValidityBar(date(2024, 1, 1), date(2026, 1, 1), date(2025, 1, 1), date(2027, 1, 1))
    assert 0 < bar.left < bar.now < bar.tail_start < bar.last < 1000
    assert bar.elapsed == pytest.approx(bar.now - bar.left)
    assert bar.tail == pytest.approx(bar.last - bar.tail_start)


@pytest.mark.parametrize(
    ("start", "end", "today", "elapsed"),
    [
        (date(2026, 1, 1), date(2027, 1, 1), date(2025, 1, 1), 0),  # not begun
        (None, None, TODAY, 500),  # nothing known: today in the middle
        (TODAY, TODAY, TODAY, 0),
    ],
)
def test_validity_bar_holds_at_the_edges(start, end, today, elapsed):
    bar = ValidityBar(start, end, today)
    assert bar.elapsed == elapsed
    assert 0 <= bar.left <= bar.left + bar.width <= 1000


def test_validity_bar_past_its_end_is_wholly_elapsed():
    bar = ValidityBar(date(2020, 1, 1), date(2023, 1, 1), TODAY)
    assert bar.elapsed == bar.width
    assert bar.tail == 0


def test_open_end_is_said_in_words():
    assert "Sans fin connue" in render("{% validity_bar s None t %}", s=date(2023, 9, 1), t=TODAY)


def test_bars_are_percents_of_the_longest():
    assert [bar.width for bar in Bars("", [("a", 50), ("b", 200), ("c", 0)]).bars] == [25, 100, 0]
    assert [bar.width for bar in Bars("", [("a", 0)]).bars] == [0]


def test_missing_value_breaks_its_line():
    (line,) = Lines("", ["1", "2", "3", "4"], [("a", [1, None, 3, 4])]).lines
    assert [(a.label, b.label) for a, b in line.segments] == [("3", "4")]


def test_axis_keeps_at_most_six_labels():
    for size in (1, 2, 6, 7, 11, 40):
        assert 1 <= len(Lines("", [str(n) for n in range(size)], []).ticks) <= 6


@pytest.mark.parametrize("chart", [Bars("Par an", [("2024", 12.5)]), Bars("Par an", [])])
def test_chart_has_its_table_or_says_that_it_is_empty(chart):
    tree = html.fromstring(f"<div>{render('{% bars_chart chart %}', chart=chart)}</div>")
    assert [td.text for td in tree.findall(".//td")] == (["12,5"] if chart.rows else [])
    assert ("Aucune valeur" in tree.text_content()) == (not chart.rows)


def test_diff_is_marked_in_words_too():
    tree = html.fromstring(render("{% diff 'un deux' 'un trois' %}"))
    assert [tree.find(f".//{tag}").text_content().strip() for tag in ("del", "ins")] == [
        "[retiré\xa0:  deux]",
        "[ajouté\xa0:  trois]",
    ]
