"""Bodies of the certification system. People, roles and access come with their own issue."""

from typing import Self

from django.db import models
from django.db.models import Q

LA_POSTE = "356000000"
DOUBLED = {str(digit): sum(divmod(2 * digit, 10)) for digit in range(10)}


def has_valid_key(siret: str) -> bool:
    """Luhn key of a SIRET; the establishments of La Poste, save its head office, follow the sum of digits modulo 5."""
    if len(siret) != 14 or not (siret.isascii() and siret.isdigit()):
        return False
    if siret.startswith(LA_POSTE) and siret != "35600000000048":
        return sum(map(int, siret)) % 5 == 0
    # The length is even: the first digit, the third… are doubled, and the digits of the double added.
    return (sum(map(DOUBLED.__getitem__, siret[::2])) + sum(map(int, siret[1::2]))) % 10 == 0


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def with_siret(self, siret: str) -> Self:
        return self.filter(siret=siret)


class Organisation(models.Model):
    """An establishment known by its SIRET, or, when the source gives none, by its name alone.

    `siret` is kept as published: a number whose key is wrong is flagged (`has_valid_siret`), never refused.
    """

    siret = models.CharField("SIRET", max_length=14, null=True, blank=True, unique=True)
    siren = models.CharField("SIREN", max_length=9, blank=True, db_index=True)
    has_valid_siret = models.BooleanField("SIRET à clé exacte", default=False)
    name = models.CharField("dénomination", max_length=300)
    commercial_name = models.CharField("nom commercial", max_length=300, blank=True)
    website = models.CharField("site internet", max_length=500, blank=True)
    address = models.CharField("adresse", max_length=300, blank=True)
    postal_code = models.CharField("code postal", max_length=5, blank=True)
    city = models.CharField("ville", max_length=120, blank=True)
    department = models.CharField("département", max_length=3, blank=True, db_index=True)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = "organisme"
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(siret__isnull=True), name="organisation_one_per_name_without_siret"
            ),
        ]

    def __str__(self) -> str:
        return self.name
