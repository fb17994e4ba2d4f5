"""Organisations: which numbers are exact, and which rows the database refuses."""

import pytest
from django.db import IntegrityError, transaction

from habilis.organisations.models import Organisation, has_valid_key


@pytest.mark.parametrize(
    ("siret", "expected"),
    [
        ("99900000100013", False),
        ("99900001600017", True),
        ("99900001600013", False),
        ("9990000160001", False),
        ("999000016000170", False),
        ("9990000160001X", False),
        ("９９９００００１６０００１７", False),
        ("", False),
        ("35600000000048", True),
        ("35600000012342", False),
        ("35600000012341", True),
    ],
    ids=lambda value: str(value).encode("unicode_escape").decode(),
)
def test_siret_key_is_checked(siret, expected):
    """Luhn, save for the post: the sum of the digits of its establishments is a multiple of five."""
    assert has_valid_key(siret) is expected


@pytest.mark.django_db
def test_siret_is_unique():
    Organisation.objects.create(siret="99900001600017", name="Atelier des Essais")
    with pytest.raises(IntegrityError), transaction.atomic():
        Organisation.objects.create(siret="99900001600017", name="Autre nom")


@pytest.mark.django_db
def test_name_is_unique_among_bodies_without_siret_only():
    Organisation.objects.create(name="Atelier des Essais")
    Organisation.objects.create(name="Atelier des Essais", siret="99900001600017")
    Organisation.objects.create(name="Atelier des Essais", siret="99900001600013")
    with pytest.raises(IntegrityError), transaction.atomic():
        Organisation.objects.create(name="Atelier des Essais")


@pytest.mark.django_db
def test_body_is_found_by_its_siret():
    body = Organisation.objects.create(siret="99900001600017", name="Atelier des Essais")
    Organisation.objects.create(name="Sans numéro")
    assert list(Organisation.objects.with_siret("99900001600017")) == [body]
    assert str(body) == "Atelier des Essais"


@pytest.mark.django_db
def test_bodies_come_by_name():
    for name in ("Carrefour des essais", "Atelier des essais", "Bureau des essais"):
        Organisation.objects.create(name=name)
    assert [body.name[0] for body in Organisation.objects.all()] == ["A", "B", "C"]
