"""Search over a synthetic register of 2,000 fiches and over small ones: meaning, order, facets, both engines alike."""

from datetime import date, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test import TestCase
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from habilis.registers.enums import CodeSystem, LinkState
from habilis.registers.exchange.importer import import_files
from habilis.registers.models import Certification, CertificationVersion, Organisation, SearchEntry
from habilis.registers.queries import engine
from habilis.registers.queries.ranking import holds
from habilis.registers.queries.search import Filters, facets, highlight, search
from habilis.registers.queries.snapshot import snapshot
from habilis.registers.queries.stored import stored_by_number
from habilis.registers.queries.understanding import understand
from habilis.registers.queries.words import search_document
from habilis.registers.services.search_index import compact_index
from habilis.registers.tests.factories import EXPORT, a_body, a_certification, a_certifier, a_partner, a_siret
from habilis.registers.tests.questions import TODAY, load_register, questions, questions_on_bodies, score, told

FLOOR = 0.95  # asked of this register by the project; 0.97 was measured when the set was closed, failures included


class QuestionTests(TestCase):
    """One register for all of them: it takes seconds to write."""

    @classmethod
    def setUpTestData(cls):
        load_register(2000)

    def test_questions_find_their_fiche_among_the_first_five(self):
        found = score(questions() + questions_on_bodies(), TODAY)
        assert found.recall >= FLOOR, "\n".join(told(found))
        assert len(questions()) >= 60

    def test_engine_finds_exactly_the_fiches_that_hold_the_words(self):
        """The same sets as a search by hand in the stemmed texts: hence equal totals on both engines."""
        entries = {
            pk: (frozenset(f"{title} {keywords} {body}".split()), frozenset(title.split()))
            for pk, title, keywords, body in SearchEntry.objects.values_list("pk", "title", "keywords", "body")
        }
        for asked in questions():
            wanted = understand(asked.text).required
            for in_title in (False, True):
                by_hand = {
                    pk
                    for pk, words in entries.items()
                    if wanted
                    and all(any(holds(words[in_title], phrase) for phrase in group.phrases) for group in wanted)
                }
                assert not wanted or set(engine.matching([wanted], in_title=in_title)) == by_hand, asked.text

    def test_facets_count_what_the_filters_would_leave(self):
        for text in ("gestion", "CAP boulanger", ""):
            for facet in facets(text, on=TODAY, filters=Filters(level=5)):
                for value in facet.values[:3]:
                    asked = {"level": 5} | {facet.name: typed(facet.name, value.value)}
                    total = search(text, on=TODAY, filters=Filters(**asked), limit=1).total
                    assert total == value.count, (text, facet.name, value)

    def test_pages_cover_all_the_hits_once(self):
        total = search("gestion", on=TODAY).total
        assert total > 250  # beyond those that are ranked
        numbers = []
        for offset in range(0, total, 50):
            numbers += [hit.number for hit in search("gestion", on=TODAY, limit=50, offset=offset).hits]
        assert len(numbers) == len(set(numbers)) == total
        assert search("gestion", on=TODAY, offset=total + 5).hits == ()

    def test_order_does_not_depend_on_the_page(self):
        whole = [hit.number for hit in search("gestion", on=TODAY, limit=230).hits]
        parts = [
            hit.number
            for start in range(0, 230, 23)
            for hit in search("gestion", on=TODAY, limit=23, offset=start).hits
        ]
        assert parts == whole

    def test_hostile_texts_are_harmless(self):
        for text in HOSTILE:
            assert search(text, on=TODAY).total >= 0
            facets(text, on=TODAY)
            assert "".join(part for _, part in highlight("Développeur web", text)) == "Développeur web"

    def test_hostile_texts_do_not_reach_the_syntax_of_the_engine(self):
        words = search("boulanger couture", on=TODAY)
        for sign in (" | ", "' & '", ":*", ") (", '" "', "!", "* <-> "):
            found = search(f"boulanger{sign}couture", on=TODAY)
            assert [hit.number for hit in found.hits] == [hit.number for hit in words.hits], sign


HOSTILE = (
    "a" * 2000, "boulanger " * 250, '"', "'", "\0", "*", "boul*", "title:boulanger", "NEAR(boulanger pain)", "^boulanger",
    "boulanger AND", "(((((", "boulanger\\", "%", "_", "😀 boulanger", "\ud800", "' OR 1=1 --", "$1", "%s", "{0}", "<script>",
    "boulanger:*&!|<->", "RNCP99999999999999", "rncp", "9" * 400, "é" * 400, " ".join(f"mot{n}" for n in range(300)),
)  # fmt: skip


def typed(name, value):
    return {"active": bool, "level": int, "certifier": int}.get(name, str)(value)


@pytest.mark.django_db
@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_search_never_fails_whatever_the_text(text):
    search(text, on=EXPORT)


def indexed(certification: Certification, **texts: str) -> Certification:
    """Writes the search entry of a fiche as an import does."""
    fiche = stored_by_number([certification.number])[certification.number].fiche
    fiche.texts |= texts
    SearchEntry(certification.pk, *search_document(fiche)).save(force_insert=True)
    return certification


def a_fiche(number: str, title: str, certifier: Organisation | None = None, **version) -> Certification:
    certification = a_certification(number, title=title, **version)
    if certifier:
        a_certifier(certification, certifier)
    return indexed(certification)


def numbers(text: str, on: date = EXPORT, **filters) -> list[str]:
    return [hit.number for hit in search(text, on=on, filters=Filters(**filters)).hits]


@pytest.mark.django_db
def test_order_puts_fiches_in_force_first():
    a_fiche("RNCP1", "Boulanger", end_date=EXPORT - timedelta(1))
    a_fiche("RNCP2", "Boulanger en alternance", end_date=EXPORT)
    assert numbers("boulanger") == ["RNCP2", "RNCP1"]
    assert numbers("boulanger", on=EXPORT - timedelta(1)) == ["RNCP1", "RNCP2"]


@pytest.mark.django_db
def test_order_puts_the_number_asked_first_even_when_it_is_closed():
    a_fiche("RNCP10", "Boulanger", is_active=False)
    a_fiche("RS10", "Anglais 10")
    a_fiche("RNCP11", "Les 10 gestes du boulanger")
    assert numbers("rncp 10") == ["RNCP10"]
    assert numbers("10") == ["RS10", "RNCP10", "RNCP11"]


@pytest.mark.django_db
def test_order_puts_the_exact_title_before_longer_ones_and_newer_before_older():
    a_fiche("RNCP1", "Développeur web et web mobile", decision_date=date(2026, 5, 1))
    a_fiche("RNCP2", "Développeur web", decision_date=date(2024, 5, 1))
    a_fiche("RNCP3", "Développeur web", decision_date=date(2025, 5, 1))
    assert numbers("développeur web") == ["RNCP3", "RNCP2", "RNCP1"]


@pytest.mark.django_db
def test_order_prefers_the_title_to_the_body():
    body = a_certification("RNCP1", title="Employé polyvalent", decision_date=date(2026, 5, 1))
    indexed(body, objectives="Seconder le boulanger.")
    a_fiche("RNCP2", "Boulanger", decision_date=date(2024, 5, 1))
    assert numbers("boulanger") == ["RNCP2", "RNCP1"]


@pytest.mark.django_db
def test_abbreviation_of_the_fiche_is_found_by_its_letters_and_its_words():
    a_fiche("RNCP1", "Tourisme", abbreviation="BTS", abbreviation_label="Brevet de technicien supérieur")
    a_fiche("RNCP2", "Tourisme")
    assert numbers("BTS tourisme") == numbers("brevet de technicien supérieur tourisme") == ["RNCP1"]
    assert set(numbers("tourisme")) == {"RNCP1", "RNCP2"}


@pytest.mark.django_db
def test_level_in_words_filters_unless_nothing_has_it():
    a_fiche("RNCP1", "Comptable", level=5)
    a_fiche("RNCP2", "Comptable", level=6)
    assert numbers("comptable bac+2") == numbers("comptable niveau 5") == ["RNCP1"]
    assert set(numbers("comptable niveau 3")) == {"RNCP1", "RNCP2"}


@pytest.mark.django_db
def test_unknown_word_is_corrected_and_said():
    a_fiche("RNCP1", "Boulanger")
    found = search("boulnger", on=EXPORT)
    assert [hit.number for hit in found.hits] == ["RNCP1"]
    assert found.understood == "boulanger"
    assert found.ignored == ()


@pytest.mark.django_db
def test_known_word_is_never_corrected():
    a_fiche("RNCP1", "Boulanger")
    a_fiche("RNCP2", "Boulonnage")  # one letter away from "boulannage", and known
    found = search("boulonnage", on=EXPORT)
    assert [hit.number for hit in found.hits] == ["RNCP2"]
    assert found.understood is None


@pytest.mark.django_db
def test_word_that_nothing_resembles_is_left_out_and_said():
    a_fiche("RNCP1", "Boulanger")
    found = search("boulanger xkcdqz", on=EXPORT)
    assert [hit.number for hit in found.hits] == ["RNCP1"]
    assert found.ignored == ("xkcdqz",)
    assert search("xkcdqz", on=EXPORT).total == 0


@pytest.mark.django_db
def test_words_that_no_fiche_holds_together_give_partial_answers():
    a_fiche("RNCP1", "Boulanger")
    a_fiche("RNCP2", "Couture flou")
    found = search("boulanger couture", on=EXPORT)
    assert {hit.number for hit in found.hits} == {"RNCP1", "RNCP2"}
    assert found.partial


@pytest.mark.django_db
def test_chance_meetings_in_the_body_do_not_hide_a_better_partial_answer():
    far = a_certification("RNCP1", title="Manager de la ville")
    indexed(far, objectives="Travailler avec un plombier et un chauffagiste.")
    a_certifier(far, a_body("Université de Lyon"))
    SearchEntry.objects.all().delete()
    indexed(far, objectives="Travailler avec un plombier et un chauffagiste.")
    a_fiche("RNCP2", "Plombier chauffagiste")
    found = search("plombier chauffagiste Lyon", on=EXPORT)
    assert [hit.number for hit in found.hits][0] == "RNCP2"
    assert found.partial


@pytest.mark.django_db
def test_synonyms_are_told():
    a_fiche("RNCP1", "Accompagnant éducatif petite enfance")
    found = search("nounou", on=EXPORT)
    assert [hit.number for hit in found.hits] == ["RNCP1"]
    assert "petite enfance" in found.understood


@pytest.mark.django_db
def test_body_is_found_by_siret_siren_and_name():
    body = a_body("École des métiers du Quercy", siret=a_siret(77))
    a_fiche("RNCP1", "Boulanger", certifier=body)
    a_partner(a_fiche("RNCP2", "Pâtissier"), body)
    a_fiche("RNCP3", "Couvreur")
    siret = a_siret(77)
    for text in (siret, f"{siret[:3]} {siret[3:6]} {siret[6:9]} {siret[9:]}", siret[:9], f"SIRET {siret}"):
        assert numbers(text) == ["RNCP1", "RNCP2"], text
    assert search(siret, on=EXPORT).understood == "École des métiers du Quercy"
    assert numbers("école du quercy") == ["RNCP1"]
    assert numbers(a_siret(78)) == []


@pytest.mark.django_db
def test_empty_text_browses_in_force_first_then_newest():
    a_fiche("RNCP1", "A", decision_date=date(2024, 1, 1))
    a_fiche("RNCP2", "B", decision_date=date(2025, 1, 1), is_active=False)
    a_fiche("RNCP3", "C", decision_date=date(2026, 1, 1))
    assert numbers("") == numbers("  ") == ["RNCP3", "RNCP1", "RNCP2"]
    assert numbers("", active=True) == ["RNCP3", "RNCP1"]


@pytest.mark.django_db
def test_filters_narrow_and_facets_ignore_their_own():
    body = a_body("École A")
    nsf = (CodeSystem.NSF, "326m", "Informatique")
    rome = (CodeSystem.ROME, "M1805", "Études et développement informatique")
    first = a_certification("RNCP1", title="Développeur", level=5, codes=[nsf, rome])
    a_certifier(first, body)
    a_partner(first, a_body("Partenaire", postal_code="34000"))
    a_partner(first, a_body("Retiré", postal_code="75001"), state=LinkState.REMOVED)
    indexed(first)
    a_fiche("RNCP2", "Développeur", level=6, is_active=False)
    a_fiche("RS3", "Développeur", level=None)
    asked = [
        {"register": "RS"}, {"level": 6}, {"nsf": "326"}, {"nsf": "326m"}, {"rome": "m1805"}, {"certifier": body.pk},
        {"department": "34"}, {"department": "75"}, {"active": True}, {"kind": "as_of_right"}, {"level": 5, "register": "RS"},
    ]  # fmt: skip
    expected = [["RS3"], ["RNCP2"], *[["RNCP1"]] * 5, [], ["RNCP1", "RS3"], [], []]
    assert [sorted(numbers("développeur", **filters)) for filters in asked] == expected
    found = {facet.name: facet for facet in facets("développeur", on=EXPORT, filters=Filters(level=5))}
    assert [(value.value, value.count, value.selected) for value in found["level"].values] == [
        ("5", 1, True),
        ("6", 1, False),
    ]
    assert [(value.value, value.count) for value in found["register"].values] == [("RNCP", 1)]
    assert [value.label for value in found["nsf"].values] == ["326 Informatique"]
    assert [value.label for value in found["department"].values] == ["34 Hérault"]
    assert [(value.value, value.label) for value in found["certifier"].values] == [(str(body.pk), "École A")]


@pytest.mark.django_db
def test_chosen_value_is_listed_even_when_nothing_has_it():
    a_fiche("RNCP1", "Développeur", level=5)
    (level,) = (one for one in facets("développeur", on=EXPORT, filters=Filters(level=8)) if one.name == "level")
    assert [(value.value, value.count, value.selected) for value in level.values] == [("5", 1, False), ("8", 0, True)]


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [1, 3])
def test_queries_do_not_grow_with_the_hits(rows, django_assert_num_queries):
    for rank in range(rows):
        certification = a_fiche(f"RNCP{rank + 1}", "Développeur web", certifier=a_body())
        a_partner(certification, a_body(postal_code="34000"))
    snapshot()
    with django_assert_num_queries(5):  # state of the register, words, ranking, page, certifiers
        search("développeur", on=EXPORT)
    facets("développeur", on=EXPORT)  # reads the columns of the facets, once for each state of the register
    with django_assert_num_queries(2):  # state, names of certifiers
        facets("développeur", on=EXPORT)


@pytest.mark.django_db
def test_hit_says_what_a_list_shows():
    certification = a_certification(
        "RNCP1",
        title="Développeur web",
        abbreviation="TP",
        texts={"objectives": "Autre phrase. Il crée des sites web."},
    )
    for name in ("Un", "Deux", "Trois", "Quatre"):
        a_certifier(certification, a_body(name), position=len(name))
    indexed(certification)
    (hit,) = search("web", on=EXPORT).hits
    assert (hit.certification_id, hit.register, hit.level, hit.abbreviation) == (certification.pk, "RNCP", 5, "TP")
    assert (hit.is_active, hit.end_date) == (True, date(2028, 1, 15))
    assert (hit.certifiers, hit.certifier_count) == (("Un", "Deux", "Trois"), 4)
    assert hit.snippet == "Il crée des sites web."


@pytest.mark.django_db
def test_withdrawn_fiche_is_found_as_closed():
    a_fiche("RNCP1", "Boulanger", withdrawn_on=EXPORT)
    (hit,) = search("boulanger", on=EXPORT).hits
    assert hit.is_active is False


@pytest.mark.django_db
def test_index_follows_the_entries():
    certification = a_fiche("RNCP1", "Boulanger")
    words = understand("boulanger").required, understand("fleuriste").required
    assert [engine.matching([each]) for each in words] == [[certification.pk], []]
    SearchEntry.objects.update(title="fleurist")
    assert [engine.matching([each]) for each in words] == [[], [certification.pk]]
    SearchEntry.objects.all().delete()
    assert [engine.matching([each]) for each in words] == [[], []]
    compact_index()


@pytest.mark.django_db
def test_change_of_the_register_is_seen_at_once():
    a_fiche("RNCP1", "Boulanger")
    assert numbers("boulanger") == ["RNCP1"]
    a_fiche("RNCP2", "Boulanger")
    assert len(numbers("boulanger")) == 2
    certification = Certification.objects.get(number="RNCP1")
    CertificationVersion.objects.filter(certification=certification).update(is_active=False)
    certification.current_version.run.save()  # as each batch of an import does
    assert numbers("boulanger") == ["RNCP2", "RNCP1"]


@pytest.mark.django_db(transaction=True)
def test_migration_goes_back_and_forth():
    migration = import_module("habilis.registers.migrations.0002_search_index")
    a_fiche("RNCP1", "Boulanger")
    wanted = [understand("boulanger").required]
    (operation,) = migration.Migration.operations
    with connection.schema_editor() as editor:
        operation.reverse_code(apps, editor)
    with pytest.raises(Exception, match="registers_search|words"):
        engine.matching(wanted)
    with connection.schema_editor() as editor:
        operation.code(apps, editor)
    assert len(engine.matching(wanted)) == 1  # the entries that were there are indexed again


@pytest.mark.parametrize(
    ("text", "query", "marked"),
    [
        ("Boulangères et pâtissiers", "boulanger", ["Boulangères"]),
        ("Développeur web et web mobile", "dev web", ["Développeur", "web", "web"]),
        ("Conduite d’engins", "conduites", ["Conduite"]),
        ("Maîtriser C++", "c++", ["C++"]),
        ("Titre professionnel", "boulanger", []),
        ("L’œnologie", "oenologie", ["œnologie"]),
        ("", "boulanger", []),
    ],
)
def test_highlight_marks_the_words_of_the_same_stem(text, query, marked):
    parts = highlight(text, query)
    assert [part for is_marked, part in parts if is_marked] == marked
    assert "".join(part for _, part in parts) == text


@pytest.mark.real_data
@pytest.mark.django_db(transaction=True)
def test_real_fiches_answer_what_a_person_expects(real_data):
    paths = [real_data / "register" / f"fiches-v4.1-{name}.xml" for name in ("rncp", "rs")]
    import_files(paths, apply=True, now=timezone.now())
    first = {text: numbers(text, on=date(2026, 8, 16))[0] for text in REAL}
    assert first["dwwm"] == first["rncp 37674"] == "RNCP37674"
    assert first["dev web"] in ("RNCP35959", "RNCP37674")
    assert first["celta"] == "RS6547"
    assert first["blockchain"] == "RS6604"
    assert first["gestes de premiers secours"] == "RS5719"


REAL = ("dev web", "dwwm", "celta", "blockchain", "rncp 37674", "gestes de premiers secours")
