"""The life of an import: start or resume a run, apply its batches, withdraw what disappeared, finish."""

import os
import socket
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from habilis.common.bulk import update
from habilis.registers.enums import ChangeKind, ChangeVerb, RunState
from habilis.registers.models import (
    Block,
    Certification,
    CertificationVersion,
    CertifierLink,
    Change,
    ImportRun,
    PublishedHabilitation,
)
from habilis.registers.records import Refused, Rejected
from habilis.registers.services.differences import Counts, Plan
from habilis.registers.services.loading import Loader

SILENCE = timedelta(minutes=10)  # after which a run of another machine is held for dead
KINDS = ("fiches", "blocks", "habilitations", "certifiers")
VERBS = ("added", "updated", "removed", "unchanged")


def no_counts() -> dict[str, dict[str, int]]:
    return {kind: dict.fromkeys(VERBS, 0) for kind in KINDS}


def add_counts(total: dict[str, dict[str, int]], more: Counts) -> None:
    for (kind, verb), number in more.items():
        total[kind][verb] += number


def start_run(
    *,
    digest: str,
    source: str,
    format: str,
    export_date: date,
    is_complete: bool,
    total: int,
    licence: str,
    actor: str,
    now: datetime,
) -> ImportRun:
    """Open a run, or take up the one that was killed on the same files. Raises `Refused` while another one lives."""
    with transaction.atomic():
        resumed = None
        for run in ImportRun.objects.filter(state=RunState.RUNNING):
            if is_alive(run, now):
                raise Refused(
                    _("Un autre import est en cours (%(source)s) ; attendez sa fin.") % {"source": run.source}
                )
            if (run.digest, run.export_date, run.is_complete) == (digest, export_date, is_complete):
                resumed = run
            else:
                run.state = RunState.INTERRUPTED
                run.save(update_fields=["state"])
        run = resumed or ImportRun(
            digest=digest, source=source[:200], format=format, export_date=export_date, is_complete=is_complete
        )
        run.total, run.licence, run.actor = total, licence, actor
        run.host, run.pid = socket.gethostname()[:100], os.getpid()
        run.counts = run.counts or no_counts()
        run.save()
    return run


def is_alive(run: ImportRun, now: datetime) -> bool:
    """Does the process of a run still exist? On this machine the system says so; elsewhere its last sign does."""
    if run.host != socket.gethostname()[:100]:
        return now - run.heartbeat_at < SILENCE
    if run.pid == os.getpid():
        return False
    try:
        os.kill(run.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def apply_batch(
    run: ImportRun,
    loader: Loader,
    *,
    plans: Sequence[Plan],
    counts: Counts,
    rejected: Sequence[Rejected],
    digests: Mapping[int, str],
    registers: Collection[str],
    position: int,
) -> None:
    """Write the plans and the progress of the run in one transaction: a kill leaves both or neither.

    `digests` are those of fiches read in full and found equal, by certification id.
    """
    with transaction.atomic():
        if plans:
            loader.write(plans)
        if digests:
            update(Certification, ("digest",), ((digest, key) for key, digest in digests.items()))
        add_counts(run.counts, counts)
        run.rejected += rejected_rows(rejected)
        run.registers = " ".join(sorted({*run.registers.split(), *registers}))
        run.position = position
        run.save(update_fields=["counts", "rejected", "registers", "position", "heartbeat_at"])


def rejected_rows(rejected: Iterable[Rejected]) -> list[dict[str, str]]:
    return [{"numero": one.number, "reason": str(one.reason)} for one in rejected]


def missing_certifications(seen: Collection[str], registers: Collection[str]) -> dict[int, str]:
    """Listed certifications of the registers that a complete export no longer holds: id to number."""
    listed = Certification.objects.listed().filter(register__in=registers).order_by().values_list("pk", "number")
    return {key: number for key, number in listed.iterator() if number not in seen}


def count_removed(missing: Collection[int]) -> Counts:
    keys = list(missing)
    counts: Counts = Counts()
    counts["fiches", "removed"] = len(keys)
    counts["blocks", "removed"] = Block.objects.filter(
        version__certification__in=keys, version__valid_to__isnull=True
    ).count()
    for name, model in (("certifiers", CertifierLink), ("habilitations", PublishedHabilitation)):
        rows = model._default_manager.filter(certification__in=keys, valid_to__isnull=True)
        counts[name, "removed"] = rows.count()
    return counts


def withdraw_missing(run: ImportRun, missing: Mapping[int, str]) -> None:
    """End what a complete export no longer holds: the certifications, their versions, their bodies. Nothing is erased."""
    keys, on = list(missing), run.export_date
    if not keys:
        return
    with transaction.atomic():
        add_counts(run.counts, count_removed(keys))
        Certification.objects.filter(pk__in=keys).update(withdrawn_on=on, digest="")
        for model in (CertificationVersion, CertifierLink, PublishedHabilitation):
            model._default_manager.filter(certification__in=keys, valid_to__isnull=True).update(valid_to=on)
        Change.objects.bulk_create(
            Change(
                run=run,
                certification_id=key,
                on=on,
                kind=ChangeKind.FICHE,
                verb=ChangeVerb.REMOVED,
                before=number,
                is_key=True,
            )
            for key, number in missing.items()
        )
        run.save(update_fields=["counts", "heartbeat_at"])


def finish_run(run: ImportRun) -> None:
    ImportRun.objects.filter(pk=run.pk).update(state=RunState.APPLIED, finished_at=Now())
    run.refresh_from_db()
