"""Two fiches side by side: fields, texts, routes, blocks, codes, certifiers; and what it costs."""

import time
from datetime import date

import pytest

from habilis.registers.enums import AccessRoute, CodeSystem
from habilis.registers.models import Block
from habilis.registers.queries import fiches
from habilis.registers.queries.compare import BLOCKS, Side, alike, compare, match_blocks
from habilis.registers.tests.factories import EXPORT, a_body, a_certification, a_certifier, a_version

LATER = date(2026, 9, 1)


def side(number, on=None):
    certification = fiches.find(number)
    return Side(certification, fiches.version_on(certification, on), on)


def differing(pairs):
    return [(pair.name, pair.left, pair.right) for pair in pairs if not pair.same]


@pytest.mark.django_db
def test_compares_two_fiches_part_by_part():
    body = a_body("Commun fictif")
    left = a_certification(
        "RNCP90001",
        title="Développeur web",
        level=5,
        texts={"activities": "Concevoir un site"},
        routes={AccessRoute.VAE: "Trois jurés"},
        codes=[(CodeSystem.ROME, "M1805", "Développement"), (CodeSystem.NSF, "326t", "Informatique")],
        blocks=["Concevoir une interface web", "Gérer un projet"],
    )
    right = a_certification(
        "RNCP90002",
        title="Développeuse web",
        level=6,
        texts={"activities": "Concevoir une application"},
        routes={AccessRoute.VAE: None},
        codes=[(CodeSystem.ROME, "M1805", "Développement"), (CodeSystem.ROME, "M1806", "Conseil")],
        blocks=["Piloter une équipe", "Concevoir une interface Web."],
    )
    a_certifier(left, body)
    a_certifier(right, body)
    a_certifier(right, a_body("Seul fictif", siret=None))

    found = compare(side("RNCP90001"), side("RNCP90002"))

    assert differing(found.fields) == [("title", "Développeur web", "Développeuse web"), ("level", 5, 6)]
    assert [(pair.name, pair.score) for pair in found.texts if not pair.same] == [("activities", 33)]
    assert differing(found.routes) == [("VAE", True, False)]
    assert [(p.left and p.left.title, p.right and p.right.title, p.score) for p in found.blocks] == [
        ("Concevoir une interface web", "Concevoir une interface Web.", 100),
        ("Gérer un projet", None, 0),
        (None, "Piloter une équipe", 0),
    ]
    rome = next(shared for shared in found.codes if shared.name == CodeSystem.ROME)
    assert (rome.both, rome.left, rome.right) == ([("M1805", "Développement")], [], [("M1806", "Conseil")])
    assert found.certifiers.both == [(body.siret, "Commun fictif")]
    assert found.certifiers.right == [("Seul fictif", "Seul fictif")]


@pytest.mark.django_db
def test_compares_one_fiche_on_two_days():
    certification = a_certification("RNCP90001", until=LATER, blocks=["Gérer un projet"], end_date=date(2027, 1, 1))
    a_version(certification, since=LATER, blocks=["Gérer un projet"], end_date=date(2030, 1, 1))
    found = compare(side("RNCP90001", EXPORT), side("RNCP90001", LATER))
    assert differing(found.fields) == [("end_date", date(2027, 1, 1), date(2030, 1, 1))]
    assert [(pair.score, pair.skills) for pair in found.blocks] == [(100, 100)]


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [1, 3])
def test_takes_ten_queries_whatever_the_fiches_hold(rows, django_assert_num_queries):
    for number in ("RNCP90001", "RNCP90002"):
        certification = a_certification(
            number,
            blocks=[f"Bloc {rank}" for rank in range(rows)],
            codes=[(CodeSystem.ROME, f"A110{rank}", "Métier") for rank in range(rows)],
        )
        for _ in range(rows):
            a_certifier(certification)
    with django_assert_num_queries(10):
        found = compare(side("RNCP90001"), side("RNCP90002"))
        assert len(found.blocks) == rows


def blocks_of(*titles, codes=()):
    codes = codes or [f"BC{rank}" for rank in range(len(titles))]
    return [Block(title=title, code=code) for title, code in zip(titles, codes, strict=True)]


def test_gives_each_block_to_its_best_match_only():
    left = blocks_of("Conduire un projet de développement", "Conduire un projet")
    right = blocks_of("Conduire un projet")
    assert [(pair.left.title, pair.right and pair.right.title) for pair in match_blocks(left, right)] == [
        ("Conduire un projet de développement", None),
        ("Conduire un projet", "Conduire un projet"),
    ]


def test_prefers_the_same_code_between_equal_titles():
    left = blocks_of("Langue vivante", "Langue vivante", codes=["A", "B"])
    right = blocks_of("Langue vivante", "Langue vivante", codes=["B", "A"])
    assert [(pair.left.code, pair.right.code) for pair in match_blocks(left, right)] == [("A", "A"), ("B", "B")]


def test_reads_titles_whatever_their_order_case_and_signs():
    (pair,) = match_blocks(blocks_of("PROJET : gérer, piloter"), blocks_of("Gérer - piloter (projet)"))
    assert pair.score == 100


def test_leaves_apart_what_only_small_words_bring_together():
    pairs = match_blocks(blocks_of("Assurer la gestion de la paie"), blocks_of("Souder des pièces de métal"))
    assert [(pair.score, pair.left is None, pair.right is None) for pair in pairs] == [
        (0, False, True),
        (0, True, False),
    ]


def test_calls_two_empty_texts_equal():
    assert (alike("", ""), alike("a b", ""), alike("un deux trois", "un deux quatre")) == (100, 0, 67)


def test_bounds_its_work_on_the_largest_fiches():
    titles = [f"Mettre en œuvre la compétence numéro {rank} du référentiel" for rank in range(BLOCKS)]
    text = " ".join(f"mot{rank % 700}" for rank in range(12_000))
    started = time.perf_counter()
    pairs = match_blocks(blocks_of(*titles), blocks_of(*reversed(titles)))
    for _ in range(12):
        alike(text, text[::-1])
    assert all(pair.left and pair.right for pair in pairs)
    assert time.perf_counter() - started < 5  # about 0.4 s; a product of both sizes would take minutes
