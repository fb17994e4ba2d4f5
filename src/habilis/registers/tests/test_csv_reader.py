"""The CSV package: what is read, what is corrected, what is refused. Every name and number is invented."""

import csv
import io
import unicodedata
from collections import Counter
from datetime import date
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habilis.registers.exchange import csv_reader, csv_sheets
from habilis.registers.exchange.csv_reader import CsvPackage, read_csv_package
from habilis.registers.exchange.csv_tables import PACKAGE, guarded, unguarded
from habilis.registers.records import Fiche, Refused, Rejected
from habilis.registers.tests.factories import a_siret

TABLES = {table.kind: table for table in PACKAGE}
STANDARD = (
    ["901", "RNCP90001", "Fabricant d’essais", "TP", "Titre d’essai", "NIV5", "Niveau 5", "Oui", "Non", "02/03/2020"]
    + ["15/01/2025", "15/01/2028", "", "Enregistrement sur demande", "", "ACTIVE"],
    ["902", "RS9002", "Essayer\nen sécurité", "", "", "", "", "", "", "", "", "", "01/09/2024"]
    + ["Enregistrement de droit", "Oui", "INACTIVE"],
)
A, B = a_siret(1), a_siret(2)


def content(header: list[str], rows: list[list[str]], delimiter: str = ";") -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([header, *rows])
    return out.getvalue()


def a_file(
    folder: Path, kind: str, rows: list[list[str]], *, name: str = "", encoding: str = "utf-8", **options
) -> Path:
    table = TABLES[kind]
    path = folder / (name or f"export_fiches_CSV_{table.name}_2026_02_01.csv")
    path.write_bytes(content(list(table.columns), rows, **options).encode(encoding))
    return path


def read(*paths: Path) -> list[Fiche | Rejected]:
    with TemporaryDirectory() as workdir:
        return list(read_csv_package(paths, Path(workdir)).fiches)


def opened(*paths: Path, workdir: Path) -> CsvPackage:
    return read_csv_package(paths, workdir)


def refusal(*paths: Path) -> str:
    with pytest.raises(Refused) as caught:
        read(*paths)
    return str(caught.value)


# What is read


def ten_files(folder: Path) -> list[Path]:
    rows = {
        "standard": STANDARD,
        "certifiers": [["RNCP90001", f"\t{A}", "ÉCOLE D’ESSAI"], ["RNCP90001", f"\t{B}", "SECONDE"]],
        "partners": [["RNCP90001", "CENTRE D’ESSAI", f"\t{B}", "HABILITATION_ORGA_FORM"]],
        "blocks": [["RNCP90001", "RNCP90001BC01", "Essayer"], ["RNCP90001", "01", "Vérifier"]],
        "formacode": [["RNCP90001", "90001", "90001 : Essai"], ["RS9002", "90002", "Mesure : essai"]],
        "nsf": [["RNCP90001", "900t", "900t : Études et essais"]],
        "rome": [["RNCP90001", "Z9001", "Conduite d''engins d''essai"]],
        "ccn": [["RNCP90001", "", "", "3005T1", "Essais", "454", "Mesures"]],
        "routes": [["RNCP90001", "Par expérience"], ["RNCP90001", "En contrat d'apprentissage"]],
        "lineage": [["RNCP90001", "RNCP80001", "RNCP95001"], ["RNCP90001", "RS8002", ""]],
    }
    return [a_file(folder, kind, found) for kind, found in rows.items()]


def test_merges_the_ten_files_into_one_record_per_fiche(tmp_path):
    package = opened(*ten_files(tmp_path), workdir=tmp_path)

    assert (package.total, package.export_date) == (2, date(2026, 2, 1))
    assert set(package.kinds) == set(TABLES)
    assert [fiche.number for fiche in package.fiches] == ["RNCP90001", "RS9002"]


def test_reads_the_fields_of_standard(tmp_path):
    first, second = read(*ten_files(tmp_path))

    assert first.fields == {
        "fiche_id": 901,
        "title": "Fabricant d’essais",
        "abbreviation": "TP",
        "abbreviation_label": "Titre d’essai",
        "level": 5,
        "level_code": "NIV5",
        "level_label": "Niveau 5",
        "in_new_caledonia": True,
        "in_french_polynesia": False,
        "last_official_journal_date": date(2020, 3, 2),
        "decision_date": date(2025, 1, 15),
        "end_date": date(2028, 1, 15),
        "effect_date": None,
        "kind": "on_request",
        "partial_validation": None,
        "is_active": True,
    }
    assert second.fields["title"] == "Essayer\nen sécurité"
    assert (second.fields["level"], second.fields["is_active"]) == (None, False)


def test_reads_the_lists_and_the_bodies_with_what_each_file_covers(tmp_path):
    first, second = read(*ten_files(tmp_path))

    assert first.lists == {
        "blocks": [("RNCP90001BC01", "Essayer", None, None, None, None), ("01", "Vérifier", None, None, None, None)],
        "codes": [
            ("FORMACODE", "90001", "Essai", 1),
            ("NSF", "900t", "Études et essais", 1),
            ("ROME", "Z9001", "Conduite d'engins d'essai", 1),
            ("CCN", "3005T1", "Essais", 2),
            ("CCN", "454", "Mesures", 3),
        ],
        "routes": [(route, route in ("CA", "VAE"), None, None) for route in ("FI", "CA", "FC", "CQ", "CL", "VAE")],
        "lineage": [("replaced_by", "RNCP95001"), ("replaces", "RNCP80001"), ("replaces", "RS8002")],
    }
    assert first.certifiers == [(A, "ÉCOLE D’ESSAI", None, None, None, None), (B, "SECONDE", None, None, None, None)]
    assert first.habilitations == [(B, "CENTRE D’ESSAI", "both", None, None, None)]
    assert first.covers == {
        "certifiers": ("siret", "name"),
        "habilitations": ("siret", "name", "role"),
        "blocks": ("code", "title"),
        "routes": ("route", "is_open"),
    }
    assert set(first.code_systems) == {"FORMACODE", "NSF", "ROME", "CCN"}
    assert second.lists["codes"] == [("FORMACODE", "90002", "Mesure : essai", 1)]


def test_a_fiche_that_standard_lists_has_nothing_where_it_has_no_row(tmp_path):
    _, fiche = read(*ten_files(tmp_path))

    assert (fiche.certifiers, fiche.habilitations, fiche.lists["blocks"], fiche.lists["lineage"]) == ([], [], [], [])
    # The RS has no apprenticeship route.
    assert [row[:2] for row in fiche.lists["routes"]] == [(route, False) for route in ("FI", "FC", "CQ", "CL", "VAE")]


def test_without_standard_covers_only_the_files_that_name_the_fiche(tmp_path):
    rome = a_file(tmp_path, "rome", [["RNCP90001", "Z9001", "Essais"]])
    certifiers = a_file(tmp_path, "certifiers", [["RS9002", f"\t{A}", "ÉCOLE"]])

    first, second = read(rome, certifiers)

    assert (first.fields, first.certifiers, first.code_systems) == ({}, None, ("ROME",))
    assert (second.lists, second.code_systems) == ({}, None)


def test_a_file_without_rows_says_nothing(tmp_path):
    standard = a_file(tmp_path, "standard", STANDARD[:1])
    partners = a_file(tmp_path, "partners", [])

    (fiche,) = read(standard, partners)

    assert fiche.habilitations is None


def test_orders_fiches_by_register_then_number(tmp_path):
    path = a_file(tmp_path, "nsf", [[number, "900", "Essais"] for number in ("RS2", "RNCP100", "RS10", "RNCP9")])

    assert [fiche.number for fiche in read(path)] == ["RNCP9", "RNCP100", "RS2", "RS10"]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_reads_the_same_whatever_the_order_of_fiches_in_a_file(seed):
    rows = [[f"RNCP{1 + rank // 3}", f"Z{rank:04}", f"Essai {rank}"] for rank in range(30)]
    numbers = list({row[0]: None for row in rows})
    Random(seed).shuffle(numbers)
    shuffled = [row for number in numbers for row in rows if row[0] == number]
    with TemporaryDirectory() as folder:
        expected = read(a_file(Path(folder), "rome", rows))
        assert read(a_file(Path(folder), "rome", shuffled)) == expected


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("export_fiches_CSV_Nsf_2026_02_01.csv", {"encoding": "utf-8-sig"}),
        ("export_fiches_CSV_Nsf_2026_02_01.csv", {"encoding": "cp1252"}),
        ("EXPORT_FICHES_CSV_NSF_2026-02-01.CSV", {}),
        ("mon fichier.csv", {}),
        ("nsf.csv", {"delimiter": ","}),
        ("nsf.csv", {"delimiter": "\t"}),
    ],
)
def test_recognises_a_file_by_name_or_header_in_any_encoding(tmp_path, name, options):
    path = a_file(tmp_path, "nsf", [["RNCP90001", "900t", "900t : Études d’été"]], name=name, **options)

    assert read(path)[0].lists["codes"] == [("NSF", "900t", "Études d’été", 1)]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_recognises_accented_names_composed_or_not(tmp_path, form):
    name = unicodedata.normalize(form, "export_fiches_CSV_VoixdAccès_2026_02_01.csv")
    path = a_file(tmp_path, "routes", [["RS9002", "Par expérience"]], name=name)

    assert opened(path, workdir=tmp_path).kinds == ("routes",)
    assert opened(path, workdir=tmp_path).export_date == date(2026, 2, 1)


def test_reads_a_cp1252_file_in_which_a_line_happens_to_be_utf8(tmp_path):
    rows = [["RNCP90001", "900", "Été"], ["RNCP90002", "901", "«QUALITÉ»"], ["RNCP90003", "902", "Relevé"]]
    path = a_file(tmp_path, "nsf", rows, encoding="cp1252")

    assert [fiche.lists["codes"][0][2] for fiche in read(path)] == ["Été", "«QUALITÉ»", "Relevé"]


def test_replaces_stray_control_characters_by_a_blank(tmp_path):
    path = a_file(tmp_path, "nsf", [["RNCP90001", "900", "Essais\x0bet\x1fmesures"]])

    assert read(path)[0].lists["codes"] == [("NSF", "900", "Essais et mesures", 1)]


def test_reads_the_layout_of_2021(tmp_path):
    info = "CodeRNCP;intituleDiplome;date_fin_validite_enregistrement;ActiveInactive;EtatFiche;NiveauEurope;"
    info += "CodeTypeCertif;TypeCertif;AncienneFiche;NouvelleFiche;TypeEnregistrement\r\n"
    row = 'RNCP90001;"Fabricant d’été\r\n";8/31/16;INACTIVE;Publiée;niveau5;TP;Titre;{};RNCP95001;Enregistrement de droit\r\n'
    (tmp_path / "rncp_info.csv").write_text(info + row.format("RNCP1") + row.format("RNCP2"), "cp1252", newline="")
    nsf = "CodeRNCP;code;Libelle;;\r\n" + "RNCP90001;900;Études;;\r\n" * 3
    (tmp_path / "rncp_nsf.csv").write_text(nsf, "cp1252", newline="")

    (fiche,) = read(tmp_path / "rncp_info.csv", tmp_path / "rncp_nsf.csv")

    assert fiche.fields["title"] == "Fabricant d’été"
    assert (fiche.fields["end_date"], fiche.fields["level"]) == (date(2016, 8, 31), 5)
    assert fiche.lists["codes"] == [("NSF", "900", "Études", 1)]
    assert fiche.lists["lineage"] == [("replaced_by", "RNCP95001"), ("replaces", "RNCP1"), ("replaces", "RNCP2")]


# What is rejected: one fiche, never the file


def test_rejects_numbers_that_are_not_fiches_once_each(tmp_path):
    path = a_file(tmp_path, "nsf", [[n, "900", "Essais"] for n in ("NR", "NR", "RNCP0", "RNCP1", "RS٣", "")])

    found = read(path)

    assert found[-1].number == "RNCP1"
    assert {item.number: str(item.reason) for item in found[:-1]} == {
        "NR": "numéro de fiche absent ou mal formé « NR » (lignes : 2)",
        "RNCP0": "numéro de fiche absent ou mal formé « RNCP0 » (lignes : 1)",
        "RS٣": "numéro de fiche absent ou mal formé « RS٣ » (lignes : 1)",
        "": "numéro de fiche absent ou mal formé «  » (lignes : 1)",
    }


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("Date_Decision", "31/02/2025", "date illisible « 31/02/2025 », attendu JJ/MM/AAAA"),
        ("Actif", "PEUT-ÊTRE", "« PEUT-ÊTRE » au lieu de ACTIVE ou INACTIVE"),
        ("Validation_Partielle", "X", "« X » au lieu de Oui ou Non"),
        ("Type_Enregistrement", "Inconnu", "valeur inconnue « Inconnu »"),
        ("Id_Fiche", "x", "nombre illisible « x »"),
        ("Intitule", "", "intitulé absent"),
    ],
)
def test_rejects_a_fiche_with_an_unreadable_cell_naming_file_and_line(tmp_path, column, value, reason):
    row = list(STANDARD[0])
    row[list(TABLES["standard"].columns).index(column)] = value
    path = a_file(tmp_path, "standard", [STANDARD[1], row])

    rejected, other = read(path)

    # The first fiche takes lines 2 and 3.
    assert (rejected.number, str(rejected.reason)) == ("RNCP90001", f"{path.name}, ligne 4 : {reason}")
    assert isinstance(other, Fiche)


def test_rejects_two_different_standard_rows_of_one_fiche(tmp_path):
    other = [*STANDARD[0][:2], "Autre intitulé", *STANDARD[0][3:]]

    assert isinstance(read(a_file(tmp_path, "standard", [STANDARD[0], STANDARD[0]]))[0], Fiche)
    assert "différente de la première" in str(read(a_file(tmp_path, "standard", [STANDARD[0], other]))[0].reason)


def test_rejects_an_unknown_route(tmp_path):
    (rejected,) = read(a_file(tmp_path, "routes", [["RS9002", "Par hasard"]]))

    assert str(rejected.reason).endswith("voie d’accès inconnue « Par hasard »")


def test_rejects_a_fiche_with_endless_rows_without_keeping_them(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_reader, "ROWS_OF_A_FICHE", 5)
    path = a_file(tmp_path, "nsf", [["RNCP1", str(n), "Essais"] for n in range(9)] + [["RNCP2", "900", "Essais"]])

    rejected, fiche = read(path)

    assert str(rejected.reason).endswith("plus de 5 lignes pour une fiche")
    assert fiche.number == "RNCP2"


# What is refused: the file, naming it, the line when known, and the remedy


ROWS = [["RNCP90001", "900", "Études d’essai"], ["RNCP90002", "901", "Études"]]
HEADER = list(TABLES["nsf"].columns)
SOUND = content(HEADER, ROWS).encode()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "le fichier est vide"),
        (b"\xef\xbb\xbf\r\n", "le fichier est vide"),
        (SOUND.replace(b'tudes"', b'tu\0es"'), "ligne 3 : octet nul"),
        (SOUND.decode().encode("utf-16"), "ligne 1 : octet nul"),
        (SOUND.replace(b"Nsf_Code", b"Nsf_Intitule"), "ligne 1 : colonne « nsf_intitule » en double"),
        (SOUND.replace(b"Nsf_Code", b"Code"), "ligne 1 : colonne « code » inconnue du fichier Nsf"),
        (SOUND.replace(b'"Nsf_Code";', b""), "ligne 1 : colonne « nsf_code » absente du fichier Nsf"),
        (SOUND.replace(b'"901";', b""), "ligne 3 : 2 colonnes au lieu de 3"),
        (SOUND.replace(b'"901"', b'"901";"902"'), "ligne 3 : 4 colonnes au lieu de 3"),
        (SOUND[:-4], "ligne 3 : guillemet jamais refermé"),
        (SOUND[: SOUND.rindex(b";") + 1], "dernière ligne coupée"),
        (SOUND.replace(b'"901"', b'"9"01"'), "ligne 3 : guillemets mal placés"),
        (SOUND.replace(b"901", b"9" * 200_000), "ligne 3 : cellule de plus de 131072 caractères"),
        (SOUND + b"9" * (3 << 20), "ligne 4 : ligne de plus de 1048576 octets"),
        (SOUND.replace(b'\xc3\x89tudes"', b'\xc3"', 1), "ligne 3 : UTF-8 abîmé"),
        (content(HEADER, ROWS).encode("cp1252").replace(b"900", b"\x81"), "ligne 2 : ni UTF-8 ni Windows-1252"),
        (b";".join([b"x"] * 101) + b"\r\n", "ligne 1 : plus de 100 colonnes"),
    ],
)
def test_refuses_a_hostile_or_damaged_file_in_one_sentence(tmp_path, data, message):
    path = tmp_path / "export_fiches_CSV_Nsf_2026_02_01.csv"
    path.write_bytes(data)

    found = refusal(path)

    place = ", " if message.startswith("ligne") else " : "
    assert found.startswith(f"{path.name}{place}{message}")
    assert " ; " in found
    assert found.endswith(".")


def test_refuses_a_file_that_is_not_of_the_package(tmp_path):
    path = tmp_path / "codes.csv"
    path.write_text("CodeDiplome;Intitule\r\n1;Essai\r\n")

    assert refusal(path) == (
        "codes.csv, ligne 1 : colonnes inconnues (codediplome, intitule) ;"
        " donnez un fichier du paquet CSV des répertoires."
    )


def test_refuses_two_files_of_one_kind_and_files_of_two_days(tmp_path):
    nsf = a_file(tmp_path, "nsf", ROWS)
    again = a_file(tmp_path, "nsf", ROWS, name="nsf.csv")
    rome = a_file(tmp_path, "rome", ROWS, name="export_fiches_CSV_Rome_2026_02_02.csv")

    assert refusal(nsf, again).startswith(f"nsf.csv : même contenu que {nsf.name} ; ")
    assert refusal(nsf, rome).startswith("Ces fichiers CSV ne sont pas du même jour (01/02/2026, 02/02/2026)")


def test_refuses_a_name_with_an_impossible_date(tmp_path):
    path = a_file(tmp_path, "nsf", ROWS, name="export_fiches_CSV_Nsf_2026_02_31.csv")

    assert "date impossible « 2026_02_31 »" in refusal(path)


@pytest.mark.parametrize(
    ("module", "limit", "value", "message"),
    [
        (csv_sheets, "SIZE", 50, "plus de 0 Mo"),
        (csv_reader, "ROWS_OF_A_PACKAGE", 1, "trop de lignes"),
        (csv_reader, "REJECTED_NUMBERS", 1, "plus de 1 numéros de fiche illisibles"),
    ],
)
def test_refuses_what_no_national_file_reaches(tmp_path, monkeypatch, module, limit, value, message):
    path = a_file(tmp_path, "nsf", [["RNCP1", "900", "A"], ["NR", "900", "A"], ["NC", "900", "A"], ["RNCP2", "9", "A"]])
    assert len(read(path)) == 4
    monkeypatch.setattr(module, limit, value)

    assert message in refusal(path)


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused(data):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "nsf.csv"
        for body in (data, SOUND + data):
            path.write_bytes(body)
            try:
                read(path)
            except Refused as problem:
                assert " ; " in str(problem)


@settings(max_examples=200, deadline=None)
@given(end=st.integers(0, len(SOUND) - 1))
def test_a_truncated_file_never_gives_a_truncated_value(end):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "export_fiches_CSV_Nsf_2026_02_01.csv"
        path.write_bytes(SOUND)
        whole = read(path)
        path.write_bytes(SOUND[:end])
        try:
            found = read(path)
        except Refused:
            return
        assert found == whole[: len(found)]


@given(text=st.text(alphabet=st.sampled_from("'’=+-@＝ \t\naé"), max_size=8).map(str.strip))
def test_the_guard_against_formulas_is_undone_exactly(text):
    cell = guarded(text)

    assert unguarded(cell) == text
    assert cell.lstrip()[:1] not in ("=", "+", "-", "@", "＝")


# The national files


@pytest.mark.real_data
def test_reads_the_six_national_files(real_data, tmp_path):
    package = read_csv_package(sorted((real_data / "register" / "csv-2026-02-01").glob("*.csv")), tmp_path)
    fiches = list(package.fiches)

    codes = Counter(row[0] for fiche in fiches for row in fiche.lists.get("codes", ()))
    certifiers = [row for fiche in fiches for row in fiche.certifiers or ()]
    assert package.export_date == date(2026, 2, 1)
    assert Counter(fiche.register for fiche in fiches) == {"RNCP": 24_757, "RS": 4_625}
    assert package.total == 29_382
    assert codes == {"NSF": 45_013, "ROME": 65_070, "FORMACODE": 32_506, "CCN": 1_200}
    assert sum("CCN" in (fiche.code_systems or ()) for fiche in fiches) == 1_146
    assert (len(certifiers), len({row[0] for row in certifiers})) == (39_298, 3_403)
    assert all(len(row[0]) == 14 for row in certifiers)
    assert sum(fiche.certifiers is not None for fiche in fiches) == 17_439
    assert max(len(fiche.certifiers or ()) for fiche in fiches) == 113
    assert not [
        row for fiche in fiches for row in fiche.lists.get("codes", ()) if "''" in row[2] or row[1] + " :" in row[2]
    ]


@pytest.mark.real_data
def test_reads_the_register_of_2021(real_data, tmp_path):
    package = read_csv_package(sorted((real_data / "register" / "csv-2021-01").glob("rncp_*.csv")), tmp_path)
    fiches = list(package.fiches)

    assert package.total == len(fiches) == 17_369
    assert all(isinstance(fiche, Fiche) for fiche in fiches)
    assert sum(len(fiche.lists["blocks"]) for fiche in fiches) == 16_455
    assert sum(row[0] == "NSF" for fiche in fiches for row in fiche.lists["codes"]) == 25_411
    assert sum(row[1] for fiche in fiches for row in fiche.lists["routes"]) == 74_633
