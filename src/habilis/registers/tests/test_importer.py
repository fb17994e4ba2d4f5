"""Imports, judged by the synthetic register, by its published evolution, and by faults."""

import json
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from habilis.registers.enums import ChangeKind, ChangeVerb, RunState
from habilis.registers.exchange.exporter import export
from habilis.registers.exchange.importer import Report, import_files
from habilis.registers.exchange.synthetic import evolve, generate
from habilis.registers.models import (
    Block,
    Certification,
    CertificationVersion,
    CertifierLink,
    Change,
    ImportRun,
    PublishedHabilitation,
    SearchEntry,
)
from habilis.registers.records import Refused

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
TODAY = date(2026, 11, 10)
pytestmark = pytest.mark.django_db

FICHE = """<FICHE><ID_FICHE>1</ID_FICHE><NUMERO_FICHE>{number}</NUMERO_FICHE><INTITULE>{title}</INTITULE>
<CERTIFICATEURS><CERTIFICATEUR><NOM_CERTIFICATEUR>Maison des métiers</NOM_CERTIFICATEUR>
<ETAT_CERTIFICATEUR>Actif</ETAT_CERTIFICATEUR></CERTIFICATEUR></CERTIFICATEURS>{more}<ACTIF>Oui</ACTIF></FICHE>"""
PARTNER = """<PARTENAIRES><PARTENAIRE><NOM_PARTENAIRE>Atelier neuf</NOM_PARTENAIRE>
<SIRET_PARTENAIRE>99900001700016</SIRET_PARTENAIRE><HABILITATION_PARTENAIRE>{role}</HABILITATION_PARTENAIRE>
<ETAT_HABILITATION>{state}</ETAT_HABILITATION></PARTENAIRE></PARTENAIRES>"""


def a_file(folder: Path, *fiches: str, name: str = "export.xml", prolog: str = "", root: str = "FICHES") -> Path:
    path = folder / name
    path.write_text(
        f'<?xml version="1.0" encoding="UTF-8"?>\n{prolog}<{root}><VERSION_FLUX>4.1</VERSION_FLUX>\n'
        + "\n".join(fiches)
        + f"\n</{root}>",
        encoding="utf-8",
    )
    return path


def a_fiche(number: str = "RNCP1", title: str = "Boulanger", more: str = "") -> str:
    return FICHE.format(number=number, title=title, more=more)


def apply(*paths: Path, complete: bool = False, on: date | None = None) -> Report:
    return import_files(paths, apply=True, complete=complete, export_date=on, now=NOW)


def counted(report: Report, verb: str) -> tuple[int, ...]:
    return tuple(report.counts[kind][verb] for kind in ("fiches", "blocks", "habilitations", "certifiers"))


def snapshot() -> dict[str, int]:
    models = (Certification, CertificationVersion, Block, CertifierLink, PublishedHabilitation, Change, ImportRun)
    return {model.__name__: model._default_manager.count() for model in models}


@pytest.fixture(scope="module")
def synthetic(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("synthetic")
    return [path for path in generate(folder, fiches=200, seed=3, today=TODAY) if path.suffix == ".xml"]


@pytest.fixture(scope="module")
def evolved(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], dict[str, dict[str, int]]]:
    folder = tmp_path_factory.mktemp("evolved")
    paths = evolve(folder, fiches=200, seed=3, today=TODAY, days_later=9)
    expected = json.loads((folder / "expected.json").read_text())
    return [path for path in paths if path.suffix == ".xml"], expected


def test_diff_writes_nothing(synthetic: list[Path]) -> None:
    report = import_files(synthetic, apply=False, now=NOW)
    assert report.counts["fiches"]["added"] == 200
    assert not Certification.objects.exists()
    assert not ImportRun.objects.exists()


def test_import_stores_every_row_it_counts(synthetic: list[Path]) -> None:
    report = apply(*synthetic)
    stored = (
        Certification.objects.count(),
        Block.objects.count(),
        PublishedHabilitation.objects.count(),
        CertifierLink.objects.count(),
    )
    assert counted(report, "added") == stored
    assert SearchEntry.objects.count() == stored[0]
    assert report.run is not None
    assert (report.run.state, report.run.position, report.run.registers) == (RunState.APPLIED, 200, "RNCP RS")


def test_import_again_changes_nothing(synthetic: list[Path]) -> None:
    first = apply(*synthetic)
    before = snapshot()
    second = apply(*synthetic)
    assert counted(second, "unchanged") == counted(first, "added")
    assert {**snapshot(), "ImportRun": 1} == {**before, "ImportRun": 1}


def test_import_of_a_later_state_counts_what_the_generator_changed(
    synthetic: list[Path], evolved: tuple[list[Path], dict[str, dict[str, int]]]
) -> None:
    paths, expected = evolved
    apply(*synthetic)
    assert import_files(paths, apply=False, complete=True, now=NOW).counts == expected
    assert apply(*paths, complete=True).counts == expected
    again = apply(*paths, complete=True)
    assert sum(counted(again, "added") + counted(again, "updated") + counted(again, "removed")) == 0


def test_import_reads_changed_fiches_even_without_digests(
    synthetic: list[Path], evolved: tuple[list[Path], dict[str, dict[str, int]]]
) -> None:
    """Negative control of the short way: when no digest is known, the full comparison finds the same."""
    paths, expected = evolved
    apply(*synthetic)
    Certification.objects.update(digest="")
    assert apply(*paths, complete=True).counts == expected


def test_import_of_our_export_changes_nothing(synthetic: list[Path], tmp_path: Path) -> None:
    apply(*synthetic)
    export("xml", tmp_path / "out", register=None, on=TODAY)
    report = import_files(sorted((tmp_path / "out").glob("*.xml")), apply=False, complete=True, now=NOW)
    assert counted(report, "unchanged")[0] == 200
    assert sum(counted(report, "added") + counted(report, "updated") + counted(report, "removed")) == 0


def test_import_of_the_csv_of_the_same_day_changes_nothing(tmp_path: Path) -> None:
    paths = generate(tmp_path, fiches=120, seed=5, today=TODAY)
    apply(*(path for path in paths if path.suffix == ".xml"))
    tables = [path for path in paths if path.name.startswith("export_fiches_CSV")]
    report = import_files(tables, apply=False, now=NOW)
    assert [change for change in report.counts["fiches"].items() if change[1]] == [("unchanged", 120)]


def test_import_keeps_the_previous_version(tmp_path: Path) -> None:
    apply(a_file(tmp_path, a_fiche()), on=date(2026, 9, 1))
    apply(a_file(tmp_path, a_fiche(title="Boulangère ou boulanger")), on=date(2026, 9, 5))
    versions = CertificationVersion.objects.order_by("valid_from").values_list("title", "valid_from", "valid_to")
    assert list(versions) == [
        ("Boulanger", date(2026, 9, 1), date(2026, 9, 5)),
        ("Boulangère ou boulanger", date(2026, 9, 5), None),
    ]
    change = Change.objects.get(verb=ChangeVerb.UPDATED)
    assert (change.field, change.before, change.after, change.is_key) == (
        *("title", "Boulanger", "Boulangère ou boulanger"),
        True,
    )


def test_import_ignores_white_space(tmp_path: Path) -> None:
    apply(a_file(tmp_path, a_fiche(more="<OBJECTIFS_CONTEXTE>Faire  du pain\n</OBJECTIFS_CONTEXTE>")))
    other = a_file(tmp_path, a_fiche(more="<OBJECTIFS_CONTEXTE>Faire du\n pain</OBJECTIFS_CONTEXTE>"))
    report = apply(other)
    assert counted(report, "unchanged")[0] == 1
    assert CertificationVersion.objects.count() == 1
    assert Certification.objects.get().digest  # the new bytes are remembered: next time, no reading
    assert counted(apply(other), "unchanged")[0] == 1


def test_import_twice_on_one_day_leaves_an_empty_period(tmp_path: Path) -> None:
    day = date(2026, 9, 1)
    apply(a_file(tmp_path, a_fiche()), on=day)
    apply(a_file(tmp_path, a_fiche(title="Pâtissier")), on=day)
    assert list(CertificationVersion.objects.valid_at(day).values_list("title", flat=True)) == ["Pâtissier"]


def test_import_follows_a_habilitation(tmp_path: Path) -> None:
    role, day = "HABILITATION_FORMER", date(2026, 9, 1)
    apply(a_file(tmp_path, a_fiche(more=PARTNER.format(role=role, state="Actif"))), on=day)
    apply(a_file(tmp_path, a_fiche(more=PARTNER.format(role=role, state="Supprimé"))), on=day + timedelta(5))
    report = apply(a_file(tmp_path, a_fiche()), on=day + timedelta(9))
    assert (report.counts["habilitations"]["removed"], report.counts["fiches"]["updated"]) == (1, 1)
    rows = PublishedHabilitation.objects.order_by("valid_from").values_list("state", "valid_from", "valid_to")
    assert list(rows) == [
        ("active", day, day + timedelta(5)),
        ("removed", day + timedelta(5), day + timedelta(9)),
    ]
    assert CertificationVersion.objects.count() == 1  # bodies have a history of their own


def test_import_withdraws_only_when_told(tmp_path: Path) -> None:
    apply(a_file(tmp_path, a_fiche("RNCP1"), a_fiche("RNCP2"), a_fiche("RS3")), on=date(2026, 9, 1))
    one = a_file(tmp_path, a_fiche("RNCP1"))
    assert apply(one, on=date(2026, 9, 2)).counts["fiches"]["removed"] == 0
    report = apply(one, complete=True, on=date(2026, 9, 3))
    assert counted(report, "removed") == (1, 0, 0, 1)  # RS3 is of another register
    gone = Certification.objects.get(number="RNCP2")
    assert gone.withdrawn_on == date(2026, 9, 3)
    assert not gone.versions.filter(valid_to=None).exists()
    assert not gone.certifier_links.filter(valid_to=None).exists()


def test_import_brings_back_a_withdrawn_fiche(tmp_path: Path) -> None:
    both = a_file(tmp_path, a_fiche("RNCP1"), a_fiche("RNCP2"), name="both.xml")
    one = a_file(tmp_path, a_fiche("RNCP1"), name="one.xml")
    apply(both, on=date(2026, 9, 1))
    apply(one, complete=True, on=date(2026, 9, 2))
    report = apply(both, complete=True, on=date(2026, 9, 3))
    assert (report.counts["fiches"]["added"], report.counts["fiches"]["removed"]) == (1, 0)
    back = Certification.objects.get(number="RNCP2")
    assert (back.withdrawn_on, back.versions.count(), back.certifier_links.count()) == (None, 2, 2)


def test_import_leaves_what_a_later_export_said(tmp_path: Path) -> None:
    apply(a_file(tmp_path, a_fiche(title="Nouveau"), name="b.xml"), on=date(2026, 9, 9))
    older = a_file(tmp_path, a_fiche(title="Ancien"), a_fiche("RNCP7"), name="a.xml")
    report = apply(older, on=date(2026, 9, 1))
    assert (report.stale, report.counts["fiches"]["added"], report.counts["fiches"]["updated"]) == (1, 1, 0)
    assert CertificationVersion.objects.get(certification__number="RNCP1").title == "Nouveau"
    with pytest.raises(Refused, match="plus récent"):
        apply(older, complete=True, on=date(2026, 9, 1))


def test_import_rejects_a_fiche_and_takes_the_others(tmp_path: Path) -> None:
    bad_date = a_fiche("RNCP2", more="<DATE_DECISION>2026-01-01</DATE_DECISION>")
    report = apply(a_file(tmp_path, a_fiche("NR"), bad_date, a_fiche("RNCP3"), a_fiche("RNCP3")))
    assert report.counts["fiches"]["added"] == 1
    assert [row["numero"] for row in report.rejected] == ["NR", "RNCP2", "RNCP3"]
    assert "JJ/MM/AAAA" in report.rejected[1]["reason"]


def test_import_reads_archives(tmp_path: Path) -> None:
    path = a_file(tmp_path, a_fiche(), name="export_fiches_RNCP_V4_1_2026-08-16.xml")
    archive = tmp_path / "export.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.write(path, path.name)
    report = apply(archive)
    assert (report.counts["fiches"]["added"], report.export_date) == (1, date(2026, 8, 16))


def text(data: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = folder / "mauvais.xml"
        path.write_text(data, encoding="utf-8")
        return path

    return write


SOUND = '<?xml version="1.0"?>\n<FICHES>\n' + a_fiche() + "\n</FICHES>"
HOSTILE = {
    "truncated in a fiche": (text(SOUND[: len(SOUND) // 2]), "tronqué"),
    "truncated between fiches": (text(SOUND.removesuffix("</FICHES>")), "ligne 6"),
    "declared in another encoding": (text(SOUND.replace('"1.0"', '"1.0" encoding="ISO-8859-1"')), "UTF-8"),
    "doctype": (text(SOUND.replace("<FICHES>", "<!DOCTYPE FICHES>\n<FICHES>", 1)), "ligne 2 : une déclaration DOCTYPE"),
    "entity": (
        text(SOUND.replace("<FICHES>", '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><FICHES>', 1)),
        "DOCTYPE",
    ),
    "undeclared entity": (text(SOUND.replace("Boulanger", "&secret;")), "ligne 3"),
    "wrong root": (text(SOUND.replace("FICHES>", "LISTE>")), "racine <LISTE>"),
    "another version": (text(SOUND.replace("<FICHES>", "<FICHES><VERSION_FLUX>5.0</VERSION_FLUX>", 1)), "version 5.0"),
    "no fiche": (text("<FICHES/>"), "aucune fiche"),
    "fiche inside another element": (
        text(SOUND.replace("<FICHES>", "<FICHES><X>", 1).replace("</FICHES>", "</X></FICHES>")),
        "hors de sa place",
    ),
    "fiche in a comment": (text(SOUND.replace("<FICHE>", "<!--<FICHE>").replace("</FICHE>", "</FICHE>-->")), "hors de"),
    "not XML": (text("bonjour"), "ligne 1"),
    "empty": (text(""), "ligne 1"),
    "control character": (text(SOUND.replace("Boulanger", "Boulan\x01ger")), "XML incorrect"),
    "bad end tag": (text(SOUND.replace("</INTITULE>", "</INTITUL>")), "ligne 3"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_refuse_a_hostile_file_without_a_trace(name: str, tmp_path: Path) -> None:
    write, message = HOSTILE[name]
    apply(a_file(tmp_path, a_fiche("RNCP9")))
    before = snapshot()
    with pytest.raises(Refused, match=message) as refusal:
        apply(write(tmp_path), complete=True)
    assert snapshot() == before
    assert ";" in str(refusal.value)  # the remedy


def test_reject_a_fiche_of_endless_depth(tmp_path: Path) -> None:
    """The parser does not recurse: depth is no danger, only unreadable."""
    deep = "<a>" * 1_000_000 + "</a>" * 1_000_000
    report = apply(text(SOUND.replace("Boulanger", deep))(tmp_path))
    assert report.rejected == [{"numero": "RNCP1", "reason": "INTITULE absent"}]
    assert not Certification.objects.exists()


def test_speak_the_language_of_the_reader(tmp_path: Path) -> None:
    rejected = apply(a_file(tmp_path, a_fiche().replace("Oui", "Peut-être"))).rejected
    with translation.override("en"):
        in_english = apply(a_file(tmp_path, a_fiche().replace("Oui", "Peut-être"))).rejected
        with pytest.raises(Refused, match=r"^mauvais\.xml, line 6: incorrect or truncated XML"):
            apply(text(SOUND.removesuffix("</FICHES>"))(tmp_path))
    assert rejected[0]["reason"].endswith(" : « Peut-être » au lieu de Oui ou Non")
    assert in_english[0]["reason"].endswith(": “Peut-être” instead of “Oui” or “Non”")


def test_refuse_bytes_that_are_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "latin.xml"
    path.write_bytes(SOUND.replace("Boulanger", "Pâtissier").encode("latin-1"))
    with pytest.raises(Refused, match="ligne 3"):
        apply(path)
    path.write_bytes(SOUND.encode("utf-16"))
    with pytest.raises(Refused, match="ligne 1"):
        apply(path)
    assert not Certification.objects.exists()


def test_accept_the_sound_file_of_the_hostile_ones(tmp_path: Path) -> None:
    """Negative control: without its fault, the file passes."""
    assert apply(text(SOUND)(tmp_path)).counts["fiches"]["added"] == 1


def test_refuse_a_damaged_second_file_before_the_first_is_applied(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        apply(a_file(tmp_path, a_fiche()), text(SOUND[:-20])(tmp_path))
    assert snapshot()["Certification"] == 0


def test_refuse_an_export_of_the_future(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="futur"):
        apply(a_file(tmp_path, a_fiche(), name="export_fiches_RNCP_V4_1_2027-01-01.xml"))


def test_refuse_a_second_import_while_one_lives(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        run = ImportRun.objects.create(digest="x", source="autre", format="xml", export_date=TODAY, pid=other.pid)
        run.host = os.uname().nodename[:100]
        run.save()
        with pytest.raises(Refused, match="en cours"):
            apply(a_file(tmp_path, a_fiche()))
        other.kill()
    apply(a_file(tmp_path, a_fiche()))
    run.refresh_from_db()
    assert run.state == RunState.INTERRUPTED


def test_import_asks_as_many_queries_for_one_and_three_changed_fiches(tmp_path: Path) -> None:
    counts = []
    for number in (1, 3):
        names = [f"RNCP{number}{rank}" for rank in range(number)]
        apply(a_file(tmp_path, *map(a_fiche, names)))
        changed = a_file(tmp_path, *(a_fiche(name, "Autre titre") for name in names))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            apply(changed)
        counts.append(len(queries))
    assert counts[0] == counts[1]


KILLED = """
import os, signal, sys
import django
django.setup()
from datetime import UTC, datetime
from pathlib import Path
from habilis.registers.exchange import importer
importer.BATCH = 20
def stop(done, total):
    if done >= 60:
        os.kill(os.getpid(), signal.SIGKILL)
paths = [Path(name) for name in sys.argv[1:]]
importer.import_files(paths, apply=True, complete=True, now=datetime.now(UTC), progress=stop if os.environ.get("KILL") else lambda d, t: None)
"""


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="one engine is enough: the transaction is Django's")
@pytest.mark.django_db(databases=[])
def test_resume_after_a_kill_and_count_as_if_nothing_had_happened(synthetic: list[Path], tmp_path: Path) -> None:
    environment = {**os.environ, "HABILIS_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "habilis.config.settings"}
    environment.pop("HABILIS_DB", None)

    def run(*arguments: str, kill: bool = False) -> subprocess.CompletedProcess[str]:
        extra = {"KILL": "1"} if kill else {}
        return subprocess.run(
            [sys.executable, *arguments], env={**environment, **extra}, capture_output=True, text=True, check=False
        )

    habilis = ("-m", "habilis.config.cli")
    assert run(*habilis, "migrate", "-v0").returncode == 0
    names = [str(path) for path in synthetic]
    assert run("-c", KILLED, *names, kill=True).returncode == -signal.SIGKILL
    half = json.loads(run(*habilis, "register", "import", *names, "--json").stdout)
    assert 0 < half["fiches"]["unchanged"] < 200  # batches before the kill are there, later ones are not
    assert run("-c", KILLED, *names).returncode == 0
    after = json.loads(run(*habilis, "register", "import", *names, "--complete", "--json").stdout)
    assert (after["fiches"]["unchanged"], after["fiches"]["added"]) == (200, 0)
    script = "import django; django.setup(); from habilis.registers.models import ImportRun as R; print([(r.state, r.counts['fiches']['added'], r.position) for r in R.objects.all()])"
    assert run("-c", script).stdout.strip() == "[('applied', 200, 200)]"


@pytest.mark.real_data
def test_import_real_fiches(real_data: Path) -> None:
    paths = sorted((real_data / "register").glob("fiches-v4.1-*.xml"))
    report = apply(*paths)
    assert counted(report, "added") == (16, 39, 1463, 19)
    assert report.rejected == []
    assert counted(apply(*paths), "unchanged") == (16, 39, 1463, 19)


@pytest.mark.real_data
def test_import_national_csv_files(real_data: Path) -> None:
    report = apply(*sorted((real_data / "register" / "csv-2026-02-01").glob("*.csv")))
    assert counted(report, "added") == (29382, 0, 0, 39298)
    assert report.export_date == date(2026, 2, 1)
    assert Change.objects.filter(kind=ChangeKind.FICHE, verb=ChangeVerb.ADDED).count() == 29382
