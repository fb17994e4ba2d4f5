"""The synthetic register: it is what the format allows, it shows every branch, and the same arguments give the same files."""

import csv
import json
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from lxml import etree

from habilis.registers.exchange.synthetic import evolve, generate
from habilis.registers.exchange.synthetic.anchors import ANCHORS
from habilis.registers.exchange.synthetic.bodies import luhn
from habilis.registers.exchange.synthetic.evolution import Differences, Evolution, copy
from habilis.registers.exchange.synthetic.register import SyntheticRegister, curiosities
from habilis.registers.exchange.synthetic.words import fields, labels
from habilis.registers.exchange.xml_reader import read_fiche
from habilis.registers.records import Fiche

TODAY = date(2026, 9, 1)
SCHEMA = Path(__file__).parents[1] / "exchange" / "schema" / "rncp-rs-v4.1.rng"
SIZE = 300

Table = list[dict[str, str]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("register")
    generate(path, fiches=SIZE, today=TODAY)
    return path


@pytest.fixture(scope="module")
def root(folder: Path) -> etree._Element:
    """Both XML files under one root."""
    root = etree.Element("ALL")
    root.extend(etree.parse(path).getroot() for path in sorted(folder.glob("*.xml")))
    return root


@pytest.fixture(scope="module")
def fiches() -> list[Fiche]:
    return list(SyntheticRegister(SIZE, 1, TODAY))


def table(folder: Path, name: str) -> Table:
    [path] = (
        p
        for p in folder.glob("*.csv")
        if unicodedata.normalize("NFC", p.name).startswith(f"export_fiches_CSV_{name}_2")
    )
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def schema() -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(SCHEMA))


def test_writes_the_names_of_the_national_files(folder: Path) -> None:
    names = {unicodedata.normalize("NFC", path.name) for path in folder.iterdir()}
    tables = ["Ancienne_Nouvelle_Certification", "Blocs_De_Compétences", "CCN", "Certificateurs", "Formacode", "Nsf"]
    tables += ["Partenaires", "Rome", "Standard", "VoixdAccès"]
    assert names == {
        "export_fiches_RNCP_V4_1_2026-09-01.xml",
        "export_fiches_RS_V4_1_2026-09-01.xml",
        "organismes.csv",
        *(f"export_fiches_CSV_{name}_2026_09_01.csv" for name in tables),
    }


@pytest.mark.parametrize("register", ["RNCP", "RS"])
def test_xml_follows_the_schema(folder: Path, register: str) -> None:
    schema().assertValid(etree.parse(folder / f"export_fiches_{register}_V4_1_2026-09-01.xml"))


def test_schema_refuses_a_missing_or_misplaced_element(folder: Path) -> None:
    document = etree.parse(folder / "export_fiches_RS_V4_1_2026-09-01.xml")
    fiche = document.find("FICHE")
    title = fiche.find("INTITULE")
    fiche.remove(title)
    assert not schema().validate(document)
    fiche.append(title)
    assert not schema().validate(document)


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["fiches-v4.1-rncp.xml", "fiches-v4.1-rs.xml"])
def test_schema_accepts_real_fiches(real_data: Path, name: str) -> None:
    schema().assertValid(etree.parse(real_data / "register" / name))


def test_same_arguments_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    again = generate(tmp_path, fiches=SIZE, today=TODAY)
    assert all(path.read_bytes() == (folder / path.name).read_bytes() for path in again)


def test_seed_changes_generic_fiches_and_spares_the_others(fiches: list[Fiche]) -> None:
    fixed = len(ANCHORS) + len(curiosities())
    other = list(SyntheticRegister(SIZE + 40, 2, TODAY))
    assert other[:fixed] == fiches[:fixed]
    assert [fiche.texts for fiche in other[fixed:SIZE]] != [fiche.texts for fiche in fiches[fixed:]]


def test_anchors_are_150_and_come_first(fiches: list[Fiche]) -> None:
    assert len(ANCHORS) == len({anchor.number for anchor in ANCHORS}) == 150
    assert [(fiche.number, fiche.fields["title"]) for fiche in fiches[:150]] == [(a.number, a.title) for a in ANCHORS]


def test_anchors_and_curiosities_fit_in_250_fiches() -> None:
    assert len(ANCHORS) + len(curiosities()) <= 250


def test_numbers_are_unique_and_the_size_is_exact(root: etree._Element) -> None:
    numbers = root.xpath("FICHES/FICHE/NUMERO_FICHE/text()")
    assert len(numbers) == len(set(numbers)) == SIZE


@pytest.mark.parametrize("size", [1, 12, 151, 260])
def test_small_sizes_are_complete_registers(tmp_path: Path, size: int) -> None:
    paths = generate(tmp_path, fiches=size, today=TODAY)
    documents = [etree.parse(path) for path in paths if path.suffix == ".xml"]
    assert sum(len(document.findall("FICHE")) for document in documents) == size
    assert all(schema().validate(document) for document in documents)


def test_proportions_are_those_of_the_national_register() -> None:
    """A fifth of the national size: counted through, not written."""
    counts: Counter[str] = Counter()
    for fiche in SyntheticRegister(6100, 1, TODAY):
        counts[fiche.register] += 1
        counts["active"] += fiche.fields["is_active"]
        counts["blocks"] += len(fiche.lists["blocks"])
        counts["certifiers"] += len(fiche.certifiers)
        counts["nameless"] += sum(not row[0] for row in fiche.certifiers)
        counts["partners"] += len(fiche.habilitations)
        counts["active partners"] += sum(row[3] == "active" for row in fiche.habilitations)
    assert (counts["RNCP"], counts["RS"]) == (5132, 968)
    assert counts["active"] == pytest.approx(1_398, rel=0.01)
    assert counts["blocks"] == pytest.approx(11_200, rel=0.1)
    assert counts["certifiers"] == pytest.approx(13_200, rel=0.1)
    assert counts["nameless"] / counts["certifiers"] == pytest.approx(0.31, abs=0.05)
    assert counts["partners"] == pytest.approx(79_600, rel=0.25)  # a few long lists decide
    assert counts["active partners"] / counts["partners"] == pytest.approx(0.766, abs=0.06)


# Every branch of the format, as an XPath over the two files that must find something.
BRANCHES = {
    "published": "FICHES/FICHE[ETAT_FICHE='Publiée']",
    "archived": "FICHES/FICHE[ETAT_FICHE='Dépubliée/Archivée']",
    "active with changes to validate": "FICHES/FICHE[ETAT_FICHE='Modifications à valider'][ACTIF='Oui']",
    "changes at the ministry": "FICHES/FICHE[ETAT_FICHE='Modifications à valider par le ministère']",
    "active partner": "//PARTENAIRE[ETAT_HABILITATION='Actif'][DATE_ACTIF]",
    "active partner without a start": "//PARTENAIRE[ETAT_HABILITATION='Actif'][not(DATE_ACTIF)]",
    "partner of a closed fiche": "FICHES/FICHE[ACTIF='Non']/PARTENAIRES/PARTENAIRE[ETAT_HABILITATION='Inactif']",
    "withdrawn partner": "//PARTENAIRE[ETAT_HABILITATION='Supprimé']",
    "trains": "//PARTENAIRE[HABILITATION_PARTENAIRE='HABILITATION_FORMER']",
    "assesses": "//PARTENAIRE[HABILITATION_PARTENAIRE='HABILITATION_ORGANISER']",
    "trains and assesses": "//PARTENAIRE[HABILITATION_PARTENAIRE='HABILITATION_ORGA_FORM']",
    "partner without SIRET": "//PARTENAIRE[not(SIRET_PARTENAIRE)]",
    "partner without date of state": "//PARTENAIRE[not(DATE_DERNIERE_MODIFICATION_ETAT)]",
    "471 partners": "FICHES/FICHE[count(PARTENAIRES/PARTENAIRE)=471]",
    "one body twice": "//PARTENAIRE[SIRET_PARTENAIRE=preceding-sibling::PARTENAIRE/SIRET_PARTENAIRE]",
    "no partner": "FICHES/FICHE[EXISTENCE_PARTENAIRES='Non'][not(PARTENAIRES)]",
    "113 certifiers": "FICHES/FICHE[count(CERTIFICATEURS/CERTIFICATEUR)=113]",
    "certifier without SIRET": "//CERTIFICATEUR[not(SIRET_CERTIFICATEUR)]",
    "inactive certifier": "//CERTIFICATEUR[ETAT_CERTIFICATEUR='Inactif']",
    "trade name and site": "//CERTIFICATEUR[NOM_COMMERCIAL][SITE_INTERNET]",
    "certifier without date of state": "//CERTIFICATEUR[not(DATE_DERNIERE_MODIFICATION_ETAT)]",
    "post office": "//SIRET_CERTIFICATEUR[starts-with(.,'356000000')]",
    "fan-out of 15": "FICHES/FICHE[count(NOUVELLES_CERTIFICATIONS/*)=15]",
    "fan-in of 22": "FICHES/FICHE[count(ANCIENNES_CERTIFICATIONS/*)=22]",
    "from RNCP to RS": "FICHES/FICHE[starts-with(NUMERO_FICHE,'RNCP')]/NOUVELLES_CERTIFICATIONS/*/ID_FICHE_NOUVELLE_CERTIFICATION[starts-with(.,'RS')]",
    "two blocks 01": "FICHES/FICHE[BLOCS_COMPETENCES/*/CODE='01'][following-sibling::FICHE/BLOCS_COMPETENCES/*/CODE='01']",
    "blocks numbered by another version": "FICHES/FICHE[NUMERO_FICHE='RNCP97007']/BLOCS_COMPETENCES/*/CODE[.='RNCP96000BC05']",
    "block prerequisites": "//BLOC_COMPETENCES[PREREQUIS_ENTREE_FORMATION_BLOC][PREREQUIS_VALIDATION_BLOC]",
    "correspondence of blocks": "//CORRESPONDANCE[SOURCE][count(DESTINATION/BLOC_COMPETENCES)=2]",
    "correspondence without source": "//CORRESPONDANCE[not(SOURCE)]",
    "correspondence with a whole fiche": "//CORRESPONDANCE[count(SOURCE/*)>1][not(DESTINATION/BLOC_COMPETENCES)]",
    **{f"level {level}": f"FICHES/FICHE[NOMENCLATURE_EUROPE/NIVEAU='NIV{level}']" for level in range(3, 9)},
    "level none": "FICHES/FICHE[NOMENCLATURE_EUROPE/NIVEAU='AUCUN']",
    "no level": "FICHES/FICHE[starts-with(NUMERO_FICHE,'RS')][not(NOMENCLATURE_EUROPE)]",
    "no abbreviation": "FICHES/FICHE[not(ABREGE)]",
    "NSF of two digits": "//NSF[string-length(CODE)=2]",
    "NSF with a letter": "//NSF[string-length(CODE)=4]",
    "old ROME group": "//ROME[CODE='M18']",
    "five ROME codes": "FICHES/FICHE[count(CODES_ROME/ROME)=5]",
    "IDCC with a leading zero": "//IDCC[CODE='0478']",
    "brochure with a letter": "//CCN_1[NUMERO='3005T1']",
    "brochure of three digits, slot 1 empty": "FICHES/FICHE[CCN_2/NUMERO='454'][CCN_3][not(CCN_1)]",
    "RS validity and renewal": "FICHES/FICHE[DUREE_VALIDITE][MODALITES_RENOUVELLEMENT][NIVEAU_MAITRISE_COMPETENCES]",
    "RS partial validation": "FICHES/FICHE[VALIDATION_PARTIELLE='Oui'][VALIDATION_PARTIELLE_PERIMETRE]",
    "no partial validation": "FICHES/FICHE[VALIDATION_PARTIELLE='Non']",
    "prerequisites": "FICHES/FICHE[PREREQUIS_ENTREE_FORMATION][PREREQUIS_VALIDATION_CERTIFICATION]",
    "regulated activity": "FICHES/FICHE[REGLEMENTATIONS_ACTIVITES]",
    "decree with a date": "//PUBLICATION_DECRET_GENERAL/PUBLICATION_JO[DATE_PUBLICATION_JO]",
    "decree without a date": "//PUBLICATION_DECRET_GENERAL/PUBLICATION_JO[not(DATE_PUBLICATION_JO)]",
    "decree of creation": "//PUBLICATION_DECRET_CREATION/PUBLICATION_JO",
    "other decree": "//PUBLICATION_DECRET_AUTRE/PUBLICATION_JO",
    "date of the last journal": "FICHES/FICHE[DATE_DERNIER_JO]",
    "full statistics": "//STATISTIQUES_PROMOTION[count(*)=5]",
    "bare statistics": "//STATISTIQUES_PROMOTION[count(*)=2]",
    "years at the level": "//ANNEES_PROMOTIONS_NIVEAU/ANNEE",
    "as of right": "FICHES/FICHE[TYPE_ENREGISTREMENT='Enregistrement de droit'][DATE_EFFET][DATE_DE_PUBLICATION]",
    "on request": "FICHES/FICHE[TYPE_ENREGISTREMENT='Enregistrement sur demande'][DATE_DECISION][DUREE_ENREGISTREMENT]",
    "closed without an end": "FICHES/FICHE[ACTIF='Non'][TYPE_ENREGISTREMENT='Enregistrement de droit'][not(DATE_FIN_ENREGISTREMENT)]",
    "limit of issue": "FICHES/FICHE[DATE_LIMITE_DELIVRANCE]",
    "open route with a jury": "//SI_JURY_VAE[ACTIF='Oui'][COMPOSITION][DATE_DERNIERE_MODIFICATION]",
    "closed route": "//SI_JURY_CL[ACTIF='Non'][not(COMPOSITION)]",
    "overseas": "FICHES/FICHE[ACCESSIBLE_NOUVELLE_CALEDONIE='Oui']",
    "url": "FICHES/FICHE[contains(LIEN_URL_DESCRIPTION,'&')]",
    "short number": "FICHES/FICHE[NUMERO_FICHE='RNCP7']",
    "long title": "FICHES/FICHE[string-length(INTITULE)>500]",
    "long text": "FICHES/FICHE[string-length(CAPACITES_ATTESTEES)>63000]",
    "end of CDATA in a text": "//ACTIVITES_VISEES[contains(.,']]>')]",
    "signs of XML": "//INTITULE[contains(.,'<B>') and contains(.,'&')]",
    "typographic apostrophe": "//INTITULE[contains(.,'’')]",
    "straight apostrophe": '//INTITULE[contains(.,"\'")]',
    "non-breaking space": "//ACTIVITES_VISEES[contains(.,'\u00a0')]",
    "several lines": "//CAPACITES_ATTESTEES[contains(.,'\n')]",
}


@pytest.mark.parametrize("xpath", BRANCHES.values(), ids=BRANCHES.keys())
def test_shows_the_branch(root: etree._Element, xpath: str) -> None:
    assert root.xpath(xpath)


def test_two_certifier_keys_are_wrong_and_no_other(root: etree._Element) -> None:
    sirets = set(root.xpath("//SIRET_CERTIFICATEUR/text() | //SIRET_PARTENAIRE/text()"))
    wrong = {siret for siret in sirets if luhn(siret[:-1]) != siret}
    assert wrong == {"99943785199117", "35600000098766"}
    assert sum(map(int, "35600000098766")) % 5 == 0
    assert all(luhn(siret[:8]) == siret[:9] for siret in sirets - wrong)


def successors(fiches: list[Fiche]) -> Iterator[tuple[str, str]]:
    for fiche in fiches:
        for direction, number in fiche.lists["lineage"]:
            yield (fiche.number, number) if direction == "replaced_by" else (number, fiche.number)


def test_lineage_has_a_chain_of_eight_links_and_no_cycle(fiches: list[Fiche]) -> None:
    links = set(successors(fiches))
    paths, longest = {start for start, _ in links}, 0
    while paths := {end for start, end in links if start in paths}:
        longest += 1
        assert longest < 100, "a cycle"
    assert longest == 8


def test_some_links_lack_their_mirror(fiches: list[Fiche]) -> None:
    counts = Counter(successors(fiches))
    assert {link for link, count in counts.items() if count == 1} == {
        ("RNCP97013", "RNCP97199"),
        ("RNCP97198", "RNCP97014"),
    }


def test_dates_agree_with_the_state(fiches: list[Fiche]) -> None:
    for fiche in fiches:
        end = fiche.fields["end_date"]
        assert fiche.fields["is_active"] == bool(end and end >= TODAY), fiche.number


def test_records_read_back_as_they_were(root: etree._Element, fiches: list[Fiche]) -> None:
    """The files say what the generator meant, whoever reads them."""
    read = {record.number: record for record in map(read_fiche, root.iterfind("FICHES/FICHE"))}
    for fiche in fiches:
        assert read[fiche.number] == fiche


def test_csv_certifiers_are_those_with_a_siret(folder: Path, fiches: list[Fiche]) -> None:
    expected = [(fiche.number, f"\t{row[0]}", row[1]) for fiche in fiches for row in fiche.certifiers if row[0]]
    assert [tuple(row.values()) for row in table(folder, "Certificateurs")] == expected


def test_csv_counts_agree_with_the_xml(folder: Path, root: etree._Element) -> None:
    counts = {
        "Standard": "count(//FICHE)",
        "Partenaires": "count(//PARTENAIRE)",
        "Blocs_De_Compétences": "count(//BLOCS_COMPETENCES/BLOC_COMPETENCES)",
        "Rome": "count(//ROME)",
        "Nsf": "count(//NSF)",
        "Formacode": "count(//FORMACODE)",
        "CCN": "count(//FICHE[CCN_1 or CCN_2 or CCN_3])",
        "VoixdAccès": "count(//FICHE/*[starts-with(name(),'SI_JURY_')][ACTIF='Oui'])",
    }
    assert {name: len(table(folder, name)) for name in counts} == {
        name: root.xpath(path) for name, path in counts.items()
    }


def test_csv_lineage_holds_the_links_of_the_xml(folder: Path, fiches: list[Fiche]) -> None:
    rows = table(folder, "Ancienne_Nouvelle_Certification")
    found = {(row["Numero_Fiche"], "replaces", row["Ancienne_Certification"]) for row in rows}
    found |= {(row["Numero_Fiche"], "replaced_by", row["Nouvelle_Certification"]) for row in rows}
    expected = {(fiche.number, *link) for fiche in fiches for link in fiche.lists["lineage"]}
    assert {row for row in found if row[2]} == expected


def test_csv_has_the_slips_of_the_national_files(folder: Path) -> None:
    assert all(row["Nsf_Intitule"].startswith(f"{row['Nsf_Code']} : ") for row in table(folder, "Nsf"))
    assert any("d''" in row["Codes_Rome_Libelle"] for row in table(folder, "Rome"))
    raw = next(folder.glob("*_Partenaires_*")).read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\r\n") == raw.count(b"\n")
    assert b';"\t999' in raw


def test_every_training_body_has_an_address(folder: Path, root: etree._Element) -> None:
    with (folder / "organismes.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    located = {
        row["siretEtablissementDeclarant"] for row in rows if row["adressePhysiqueOrganismeFormation.codePostal"]
    }
    assert set(root.xpath("//SIRET_PARTENAIRE/text()")) <= located
    assert len({row["adressePhysiqueOrganismeFormation.codePostal"][:2] for row in rows}) > 90


def test_fields_use_known_codes_only() -> None:
    for field in fields().values():
        for system, codes in (("NSF", field.nsf), ("ROME", field.rome), ("FORMACODE", field.formacode)):
            assert set(codes) <= set(labels()[system]), field.key


def test_everyday_searches_have_an_answer(fiches: list[Fiche]) -> None:
    everything = " ".join(f"{fiche.fields['title']} {fiche.texts['objectives']}" for fiche in fiches).lower()
    for word in ("boulanger", "dwwm", "cda", "aide-soignant", "permaculture", "caces", "secourisme", "ssiap"):
        assert word in everything


# Some days later


@pytest.fixture(scope="module")
def evolution() -> Evolution:
    return Evolution(SyntheticRegister(SIZE, 1, TODAY), date(2026, 9, 11))


def test_evolution_shows_every_difference(tmp_path: Path) -> None:
    paths = evolve(tmp_path, fiches=2000, today=TODAY, days_later=10)
    counts = json.loads(paths[-1].read_text())
    assert paths[-1].name == "expected.json"
    assert (tmp_path / "export_fiches_RNCP_V4_1_2026-09-11.xml") in paths
    assert all(count > 0 for verbs in counts.values() for count in verbs.values())
    assert sum(counts["fiches"].values()) - counts["fiches"]["added"] == 2000
    assert schema().validate(etree.parse(paths[0]))


def test_evolution_without_days_expires_nothing(evolution: Evolution) -> None:
    same_day = Evolution(evolution.register, TODAY)
    expired = [
        before.number for before, after in same_day.pairs() if before and after and differs(before, after, "is_active")
    ]
    assert not expired


def test_evolution_closes_what_ended(evolution: Evolution) -> None:
    closed = [after for before, after in evolution.pairs() if before and after and differs(before, after, "is_active")]
    assert "RNCP97013" in [fiche.number for fiche in closed]
    assert all(fiche.fields["end_date"] < evolution.later for fiche in closed)
    assert not any(row[3] == "active" for fiche in closed for row in fiche.habilitations)


def differs(before: Fiche, after: Fiche, name: str) -> bool:
    return before.fields[name] != after.fields[name]


def test_white_space_alone_counts_as_unchanged(evolution: Evolution) -> None:
    pairs = [(before, after) for before, after in evolution.pairs() if before and after and before.texts != after.texts]
    counts = Differences()
    respaced = [
        (a, b) for a, b in pairs if " ".join(a.texts["objectives"].split()) == " ".join(b.texts["objectives"].split())
    ]
    for before, after in respaced:
        counts.add(before, after)
    assert respaced
    assert counts.counts["fiches"] == {"added": 0, "updated": 0, "removed": 0, "unchanged": len(respaced)}
    assert counts.counts["blocks"]["updated"] == 0


def test_differences_count_parts_by_key(fiches: list[Fiche]) -> None:
    before = next(fiche for fiche in fiches if len(fiche.lists["blocks"]) > 2 and len(fiche.habilitations) > 3)
    after = copy(before)
    after.lists["blocks"] = after.lists["blocks"][1:]
    first, second, *rest = after.habilitations
    after.habilitations = [*rest, (*first[:3], "removed", *first[4:])]
    counts = Differences()
    counts.add(before, after)
    blocks, rows = len(before.lists["blocks"]), len(before.habilitations)
    assert counts.counts["fiches"] == {"added": 0, "updated": 1, "removed": 0, "unchanged": 0}
    assert counts.counts["blocks"] == {"added": 0, "updated": 0, "removed": 1, "unchanged": blocks - 1}
    assert counts.counts["habilitations"] == {"added": 0, "updated": 1, "removed": 1, "unchanged": rows - 2}


def test_differences_of_a_removed_fiche_are_all_removals(fiches: list[Fiche]) -> None:
    counts = Differences()
    counts.add(fiches[0], None)
    assert counts.counts["fiches"]["removed"] == 1
    assert counts.counts["blocks"]["removed"] == len(fiches[0].lists["blocks"])
    assert counts.counts["certifiers"]["removed"] == len(fiches[0].certifiers)
