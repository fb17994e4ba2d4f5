"""Keys of the numbers that name a body; plain functions, no number is refused here."""

import re

LA_POSTE = "356000000"
DOUBLED = {str(digit): sum(divmod(2 * digit, 10)) for digit in range(10)}
UAI_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"  # I, O and Q read like digits
# \A and \Z mean the same to Python, which checks for SQLite, and to PostgreSQL.
NDA_PATTERN = r"\A[0-9]{11}\Z"
UAI_PATTERN = rf"\A[0-9]{{7}}[{UAI_LETTERS}]\Z"


def has_valid_key(siret: str) -> bool:
    """Luhn key of a SIRET; the establishments of La Poste, save its head office, follow the sum of digits modulo 5."""
    if len(siret) != 14 or not (siret.isascii() and siret.isdigit()):
        return False
    if siret.startswith(LA_POSTE) and siret != "35600000000048":
        return sum(map(int, siret)) % 5 == 0
    # The length is even: the first digit, the third… are doubled, and the digits of the double added.
    return (sum(map(DOUBLED.__getitem__, siret[::2])) + sum(map(int, siret[1::2]))) % 10 == 0


def has_valid_siren_key(siren: str) -> bool:
    """Luhn key of a SIREN. La Poste has no exception here: its own number passes."""
    if len(siren) != 9 or not (siren.isascii() and siren.isdigit()):
        return False
    return (sum(map(int, siren[::2])) + sum(map(DOUBLED.__getitem__, siren[1::2]))) % 10 == 0


def has_valid_uai_key(uai: str) -> bool:
    """The letter of a UAI is the rank, modulo 23, of its seven digits among the letters in use."""
    return bool(re.search(UAI_PATTERN, uai)) and UAI_LETTERS[int(uai[:7]) % 23] == uai[7]


def is_nda(number: str) -> bool:
    """Shape of a declaration of activity, 11 digits; no public text gives it a key."""
    return bool(re.search(NDA_PATTERN, number))
