"""An import step by step: open, correct the columns, check, decide, load.

Guarantees: a check writes nothing but its report; a load is one transaction, so after a kill -9 it is either done or
never was; equal rows write nothing; every step leaves one audit entry with counts. Refuses: a step out of its state, two
processes at one batch, areas and roles that may not write.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import date
from itertools import islice
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO, Any, BinaryIO
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.kernel import audit, clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Invalid, StateConflict
from shouwang.kernel.ids import new_id
from shouwang.kernel.requests import digest_of, take_turns
from shouwang.kernel.spreadsheets import Book, Sheet, open_book

from ..importing.columns import HOUSEHOLDS
from ..importing.layout import Layout, find_layout
from ..importing.villages import Villages
from ..models import ImportBatch
from ..policies import require_importer
from ..queries.imports import get_import_for
from ..states import ImportFileRole, ImportQuestion, ImportState
from .import_files import drop_file, has_file, open_file, store_file
from .import_progress import take_turn
from .import_run import NEW_PERSON, UNDECIDED_KEPT, WRONG_NUMBER, Run, refused_workbook, run_import
from .load_rows import Outcome
from .writing import REQUEST, ensure_same_request, refuse_future

Progress = Callable[[int, int], None]

_SKIPPED_KEPT = 20
_CHECKABLE = (ImportState.CHECKING, ImportState.CHECKED, ImportState.FAILED)
_FILE_NAME_MAX = 200
_PIECE_BYTES = 64 << 10


def open_import(
    *,
    actor: Actor,
    area_code: int,
    file_name: str,
    file: BinaryIO,
    since: date | None = None,
    batch_id: UUID | None = None,
    mapping: Mapping[str, int] | None = None,
) -> ImportBatch:
    """Take a workbook in: find its header, keep it sealed. It is checked next.

    `area_code` is a township, or a village when every row lives there; `since` is the day from which the rows hold
    (today). A repeat with the same `batch_id` is the same import. Raises Invalid for a file that cannot be read.
    """
    batch, _book = _open(actor, area_code, file_name, file, since, batch_id, mapping)
    return batch


@transaction.atomic
def _open(
    actor: Actor,
    area_code: int,
    file_name: str,
    file: BinaryIO,
    since: date | None,
    batch_id: UUID | None,
    mapping: Mapping[str, int] | None,
) -> tuple[ImportBatch, Book | None]:
    """The batch and the book, which a repeat does not open."""
    require_importer(actor, area_code)
    refuse_future(since or clock.today())
    digest = _digest_of(file)
    batch_id = batch_id or new_id()
    asked = digest_of(digest, area_code, since, file_name, sorted((mapping or {}).items()))
    take_turns([batch_id])
    repeated = ImportBatch.objects.filter(actor.scope.q(), id=batch_id).first()
    if repeated is not None:
        ensure_same_request(f"import:{batch_id}", "import.open", asked)
        return repeated, None
    Villages(area_code)
    book = open_book(file, filename=file_name)
    layout = find_layout(book)
    if mapping:  # what a person says takes the column from what was matched there
        chosen = set(mapping.values())
        matched = {key: position for key, position in layout.mapping.items() if position not in chosen}
        layout = layout.with_mapping({**matched, **mapping})
    batch = ImportBatch.objects.create(
        id=batch_id,
        kind=HOUSEHOLDS,
        file_name=file_name[-_FILE_NAME_MAX:],
        file_hash=digest,
        state=ImportState.CHECKING,
        area_code=area_code,
        since=since or clock.today(),
        created_by=actor.user_id,
        creator_name=actor.name,
        recorded_at=clock.now(),
        layout=layout.to_json(),
        decisions=_answers_given_before(actor, area_code, digest),
    )
    store_file(batch, ImportFileRole.SOURCE, file)
    _audit(actor, batch, "import.open", {"sha256": digest.hex(), "height": layout.height, REQUEST: asked.hex()})
    return batch, book


@transaction.atomic
def correct_columns(*, actor: Actor, batch_id: UUID, mapping: Mapping[str, int]) -> ImportBatch:
    """Another reading of the same file, as a person says. It is checked next."""
    batch = _locked(actor, batch_id)
    _require_state(batch, ImportState.CHECKED, ImportState.FAILED)
    batch.layout = Layout.from_json(batch.layout).with_mapping(mapping).to_json()
    batch.state, batch.report = ImportState.CHECKING, {}
    batch.save(update_fields=["layout", "state", "report"])
    _audit(actor, batch, "import.correct_columns", {"mapping": dict(mapping)})
    return batch


def check_import(*, actor: Actor, batch_id: UUID, progress: Progress | None = None) -> ImportBatch:
    """The dry run: the load itself, rolled back, so that its counts are true. Loads nothing."""
    batch = get_import_for(actor, batch_id)
    require_importer(actor, batch.area_code)
    _require_state(batch, *_CHECKABLE)
    run, workbook, report = _rehearse(actor, batch, progress)
    with transaction.atomic():
        batch = _locked(actor, batch_id)
        _require_state(batch, *_CHECKABLE)
        batch.state, batch.done_count = ImportState.CHECKED, 0
        _note(batch, run, report)
        _keep_refused(batch, workbook)
        _audit(actor, batch, "import.check", _counts(batch))
    return batch


@transaction.atomic
def start_load(*, actor: Actor, batch_id: UUID) -> ImportBatch:
    """Say that the load begins, so that everybody sees it while it is under way elsewhere."""
    batch = _locked(actor, batch_id)
    require_importer(actor, batch.area_code)
    _require_loadable(batch)
    batch.state, batch.done_count = ImportState.LOADING, 0
    batch.save(update_fields=["state", "done_count"])
    _audit(actor, batch, "import.start", {})
    return batch


def load_import(*, actor: Actor, batch_id: UUID, progress: Progress | None = None) -> ImportBatch:
    """Load the good rows. What nobody decided on yet waits, with the file, until somebody does."""
    return _load(actor, batch_id, None, progress)


@transaction.atomic
def _load(actor: Actor, batch_id: UUID, book: Book | None, progress: Progress | None) -> ImportBatch:
    """`book` is the file, when it is open already."""
    batch = get_import_for(actor, batch_id)
    require_importer(actor, batch.area_code)
    if not take_turn(batch):
        raise _busy()
    batch.refresh_from_db()
    _require_loadable(batch)
    book = book or _book_of(batch)
    run, sheet = run_import(actor=actor, batch=batch, book=book, progress=progress)
    report = run.report(batch.report.get("skipped", []))
    _loaded(actor, batch, run, report | {"without_id": run.without_id}, refused_workbook(sheet, run))
    return batch


@transaction.atomic
def decide_rows(*, actor: Actor, batch_id: UUID, decisions: Mapping[int, UUID | None]) -> ImportBatch:
    """Whom the rows asked about speak of: a record of the register, or (None) somebody else. Somebody else without ID
    number is registered anew; somebody else on a number that is taken has a wrong number, and the row goes back.

    A record that has the number under another name takes the sheet's name. Before the load the answers are kept for it; after
    it the rows concerned are loaded now.
    """
    batch = _locked(actor, batch_id)
    require_importer(actor, batch.area_code)
    _require_state(batch, ImportState.CHECKED, ImportState.LOADED)
    asked = {question["row"]: question for question in batch.report.get("undecided", [])}
    for row, person_id in decisions.items():
        if row not in asked or (person_id is not None and str(person_id) not in asked[row]["candidates"]):
            raise Invalid(_("第 %(row)s 行没有这个选项，请刷新后重选") % {"row": row}, reason="import.decision")
    answers = {str(row): str(person_id or _somebody_else(asked[row])) for row, person_id in decisions.items()}
    batch.decisions |= answers
    batch.save(update_fields=["decisions"])
    _audit(actor, batch, "import.decide", {"rows": sorted(decisions), "answers": answers})
    if batch.state == ImportState.LOADED:
        _load_decided(actor, batch, {number for row in decisions for number in asked[row]["rows"]})
    return batch


def _somebody_else(question: Mapping[str, Any]) -> str:
    return WRONG_NUMBER if question["kind"] == ImportQuestion.OTHER_NAME else NEW_PERSON


def import_content(
    *,
    actor: Actor,
    area_code: int,
    file_name: str,
    file: BinaryIO,
    since: date | None = None,
    mapping: Mapping[str, int] | None = None,
    progress: Progress | None = None,
    is_rehearsal: bool = False,
    refused_to: IO[bytes] | None = None,
) -> ImportBatch:
    """Open and load in one transaction: the command line's way. The workbook of refused rows, when there are any, is
    written to `refused_to` as well.

    A rehearsal leaves nothing behind. Raises Invalid when the columns do not suffice.
    """
    with transaction.atomic():
        batch, book = _open(actor, area_code, file_name, file, since, None, mapping)
        batch.state = ImportState.CHECKED
        batch.save(update_fields=["state"])
        batch = _load(actor, batch.id, book, progress)
        if refused_to is not None and has_file(batch, ImportFileRole.REFUSED):
            copyfileobj(open_file(batch, ImportFileRole.REFUSED), refused_to)
        if is_rehearsal:
            transaction.set_rollback(True)
        return batch


@transaction.atomic
def hand_out_refused(*, actor: Actor, batch_id: UUID) -> IO[bytes]:
    """The workbook of refused rows, as it was sent in but for the column of reasons. It holds whole numbers: logged."""
    batch = get_import_for(actor, batch_id)
    require_importer(actor, batch.area_code)
    with ExitStack() as if_it_fails:
        file = if_it_fails.enter_context(TemporaryFile())
        copyfileobj(open_file(batch, ImportFileRole.REFUSED), file)
        file.seek(0)
        _audit(actor, batch, "import.hand_out_refused", {"rows": batch.refused_count})
        if_it_fails.pop_all()  # from here on the answer that sends it closes it
    return file


@transaction.atomic
def fail_import(*, actor: Actor, batch_id: UUID, reason: str) -> ImportBatch:
    """A background step was refused: say why, where the person who waits can read it."""
    batch = _locked(actor, batch_id)
    batch.state = ImportState.CHECKED if batch.state == ImportState.LOADING else ImportState.FAILED
    batch.report = batch.report | {"missing": reason}
    batch.save(update_fields=["state", "report"])
    _audit(actor, batch, "import.fail", {"reason": reason})
    return batch


@transaction.atomic
def reset_stuck(*, actor: Actor, batch_id: UUID) -> ImportBatch:
    """After a crash: a batch that says somebody is at it while nobody is goes back to the step before."""
    batch = get_import_for(actor, batch_id)
    if batch.state not in (ImportState.CHECKING, ImportState.LOADING) or not take_turn(batch):
        return batch
    batch.refresh_from_db()
    if batch.state == ImportState.LOADING:
        batch.state = ImportState.CHECKED
    elif batch.state == ImportState.CHECKING:
        batch.state = ImportState.FAILED
        batch.report = {"missing": _("检查中断了，请再检查一次")}
    else:
        return batch
    batch.save(update_fields=["state", "report"])
    _audit(actor, batch, "import.reset", {"state": batch.state})
    return batch


def _rehearse(
    actor: Actor, batch: ImportBatch, progress: Progress | None
) -> tuple[Run, IO[bytes] | None, dict[str, Any]]:
    """A run that is rolled back; what a sheet lacks before its rows can be read is said in the report."""
    with transaction.atomic():
        if not take_turn(batch):
            raise _busy()
        try:
            run, sheet = run_import(actor=actor, batch=batch, book=_book_of(batch), progress=progress)
        except Invalid as refusal:
            transaction.set_rollback(True)
            return Run(), None, {"missing": refusal.message}
        workbook, report = refused_workbook(sheet, run), run.report(_skipped(sheet))
        transaction.set_rollback(True)
    return run, workbook, report


def _load_decided(actor: Actor, batch: ImportBatch, numbers: set[int]) -> None:
    run, _sheet = run_import(actor=actor, batch=batch, book=_book_of(batch), only=numbers)
    batch.created_count += run.rows[Outcome.CREATED]
    batch.changed_count += run.rows[Outcome.CHANGED]
    batch.equal_count += run.rows[Outcome.EQUAL]
    batch.refused_count += run.rows[Outcome.REFUSED]
    batch.undecided_count += run.rows["undecided"] - run.row_count
    households = batch.report.get("households", {})
    for outcome, count in run.households.items():
        households[outcome] = households.get(outcome, 0) + count
    households["undecided"] = households.get("undecided", 0) - sum(run.households.values())
    remaining = [one for one in batch.report["undecided"] if numbers.isdisjoint(one["rows"])] + run.undecided
    batch.report |= {
        "households": households,
        "undecided": remaining,
        "problems": batch.report["problems"] + run.problems(),
        "without_id": batch.report.get("without_id", {}) | run.without_id,
        "persons_created": batch.report["persons_created"] + run.persons_created,
        "rows_appended": batch.report["rows_appended"] + run.rows_appended,
    }
    batch.save()
    if run.reasons or (batch.undecided_count and not remaining):
        again, workbook, _report = _rehearse(actor, batch, None)
        _keep_refused(batch, workbook)  # the rows refused earlier come back with these
        batch.report |= {"undecided": remaining or again.undecided[:UNDECIDED_KEPT]}  # those that a page could not show
        batch.save(update_fields=["report"])
    if not remaining and not batch.undecided_count:
        drop_file(batch, ImportFileRole.SOURCE)
    _audit(actor, batch, "import.load_decided", _counts(batch))


def _loaded(actor: Actor, batch: ImportBatch, run: Run, report: dict[str, Any], workbook: IO[bytes] | None) -> None:
    batch.state, batch.finished_at = ImportState.LOADED, clock.now()
    batch.done_count = run.row_count
    _note(batch, run, report)
    _keep_refused(batch, workbook)
    if not run.rows["undecided"]:
        drop_file(batch, ImportFileRole.SOURCE)
    _audit(actor, batch, "import.load", _counts(batch) | {"rows_appended": run.rows_appended})


def _note(batch: ImportBatch, run: Run, report: dict[str, Any]) -> None:
    batch.row_count = run.row_count
    batch.created_count = run.rows[Outcome.CREATED]
    batch.changed_count = run.rows[Outcome.CHANGED]
    batch.equal_count = run.rows[Outcome.EQUAL]
    batch.refused_count = run.rows[Outcome.REFUSED]
    batch.undecided_count = run.rows["undecided"]
    batch.report = report
    batch.save()


def _keep_refused(batch: ImportBatch, workbook: IO[bytes] | None) -> None:
    if workbook is None:
        drop_file(batch, ImportFileRole.REFUSED)
    else:
        with workbook:
            store_file(batch, ImportFileRole.REFUSED, workbook)


def _digest_of(file: BinaryIO) -> bytes:
    digest = hashlib.sha256()
    file.seek(0)
    while piece := file.read(_PIECE_BYTES):
        digest.update(piece)
    return digest.digest()


def _book_of(batch: ImportBatch) -> Book:
    return open_book(open_file(batch, ImportFileRole.SOURCE), filename=batch.file_name)


def _answers_given_before(actor: Actor, area_code: int, digest: bytes) -> dict[str, str]:
    """The very same file, loaded here before: its people without ID number are those that load made or met."""
    before = ImportBatch.objects.filter(
        actor.scope.q(), area_code=area_code, file_hash=digest, state=ImportState.LOADED
    ).order_by("-recorded_at")
    latest = before.first()
    return dict(latest.report.get("without_id", {})) if latest else {}


def _locked(actor: Actor, batch_id: UUID) -> ImportBatch:
    batch = get_import_for(actor, batch_id)
    require_importer(actor, batch.area_code)
    return ImportBatch.objects.select_for_update().get(actor.scope.q(), id=batch.id)


def _require_state(batch: ImportBatch, *states: str) -> None:
    if batch.state not in states:
        label = ImportState(batch.state).label
        raise StateConflict(
            _("这次导入“%(state)s”，不能这样办理，请刷新页面") % {"state": label}, reason="import.state"
        )


def _require_loadable(batch: ImportBatch) -> None:
    _require_state(batch, ImportState.CHECKED, ImportState.LOADING)
    if batch.report.get("missing"):
        raise StateConflict(batch.report["missing"], reason="import.missing_columns")


def _busy() -> StateConflict:
    return StateConflict(_("这份表格正在处理，请稍候刷新"), reason="import.busy")


def _counts(batch: ImportBatch) -> dict[str, object]:
    return {
        "rows": batch.row_count,
        "created": batch.created_count,
        "changed": batch.changed_count,
        "equal": batch.equal_count,
        "refused": batch.refused_count,
        "undecided": batch.undecided_count,
    }


def _audit(actor: Actor, batch: ImportBatch, action: str, data: Mapping[str, object]) -> None:
    audit.record(actor=actor, action=action, subject=f"import:{batch.id}", area_code=batch.area_code, data=data)


def _skipped(sheet: Sheet) -> list[str]:
    """Totals and notes that are no data, so that a person can see that nothing else was left out."""
    return [
        _("第 %(row)s 行：%(text)s") % {"row": row.number, "text": row.text[:40]}
        for row in islice(sheet.skipped_rows(), _SKIPPED_KEPT)
    ]
