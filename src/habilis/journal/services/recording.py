"""Write an act in the transaction of the change that it tells."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import connection, models

from habilis.common.actors import Actor
from habilis.common.workflow import Stateful, Workflow
from habilis.journal.enums import EntryKind
from habilis.journal.models import Entry, history_of
from habilis.journal.services.commitments import commit
from habilis.journal.services.guard import check_digest, check_payload, check_reference


class OutsideTransaction(RuntimeError):
    """An entry was about to be written alone: without the change that it tells, or surviving its rollback."""


def reference(row: models.Model) -> str:
    """The opaque reference of a row: `app.model:pk`."""
    return f"{row._meta.label_lower}:{row.pk}"


def record(
    kind: EntryKind,
    *,
    by: Actor,
    on: date,
    about: models.Model | str,
    payload: Mapping[str, Any] | None = None,
    subjects: Mapping[str, Mapping[str, Any]] | None = None,
    evidence: Sequence[str] = (),
    prev_state_commit: str = "",
) -> Entry:
    """Write one entry; one query, and one to three more for the commitments to `subjects`, whatever their number.

    `subjects` gives, for the reference of each person, the facts to commit to. `evidence` are SHA-256 of documents that
    hold at least 128 unpredictable bits; of any other one, commit instead. Raises `OutsideTransaction`, `PersonalData`.
    """
    if not connection.in_atomic_block:
        raise OutsideTransaction("record() must be called in the transaction of the change that it tells")
    object_ref = about if isinstance(about, str) else reference(about)
    check_reference("about", object_ref)
    payload = dict(payload or {})
    check_payload(payload)
    for digest in (*evidence, *([prev_state_commit] if prev_state_commit else [])):
        check_digest("evidence", digest)
    for subject in subjects or {}:
        check_reference("subjects", subject)
    actor_ref, org_ref = actor_references(by)
    return Entry.objects.create(
        kind=kind,
        effective_on=on,
        actor_ref=actor_ref,
        org_ref=org_ref,
        object_ref=object_ref,
        payload=payload,
        subject_commits=list(commit(subjects).values()) if subjects else [],
        evidence=list(evidence),
        prev_state_commit=prev_state_commit,
    )


def actor_references(by: Actor) -> tuple[str, str]:
    """Who acts and for whom, as opaque references."""
    actor = "system" if by.user_id is None else f"user:{by.user_id}"
    body = "" if by.organisation_id is None else f"organisation:{by.organisation_id}"
    check_reference("by", actor)
    if body:
        check_reference("by", body)
    return actor, body


def transition(
    workflow: Workflow,
    row: Stateful,
    name: str,
    /,
    *,
    kind: EntryKind,
    by: Actor,
    on: date,
    reason: str = "",
    note: str = "",
    evidence: str = "",
    subjects: Mapping[str, Mapping[str, Any]] | None = None,
    **fields: Any,
) -> Entry:
    """Move a row through its workflow, with its history and its entry, in the caller's transaction.

    The guarded update comes first: a stale caller writes nothing. The note stays in the history; the entry commits to
    it under a key of the row, which `erase(reference=reference(row))` destroys. Raises `NotAvailable`, `Stale`.
    """
    if not connection.in_atomic_block:
        raise OutsideTransaction("transition() must be called in the transaction of the act")
    source = row.state
    workflow.move(row, name, **fields)
    payload = {"transition": name, "source": source, "target": row.state, "version": row.version, "role": by.role}
    payload |= {"reason": reason} if reason else {}
    if note:
        payload["note_commit"] = commit({reference(row): {"note": note}})[reference(row)]
    files = [evidence] if evidence else []
    entry = record(kind, by=by, on=on, about=row, payload=payload, subjects=subjects, evidence=files)
    told = {"name": name, "source": source, "target": row.state, "reason": reason, "note": note, "evidence": evidence}
    who = {"actor_ref": entry.actor_ref, "org_ref": entry.org_ref, "role": by.role}
    history_of(row)._base_manager.create(row=row, entry=entry, effective_on=on, **told, **who)
    return entry
