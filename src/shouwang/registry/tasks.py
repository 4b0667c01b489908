"""Imports too large for a request, and the purge of what they leave behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from uuid import UUID

from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from shouwang.accounts.public import as_post, as_system
from shouwang.kernel import deployment
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import DomainError

from .commands.import_files import purge_expired_files
from .commands.import_progress import visible_progress
from .commands.imports import check_import, fail_import, load_import, reset_stuck, start_load
from .models import ImportBatch
from .policies import can_import
from .states import ImportState

INLINE_ROWS: Final = 5_000
"""Rows that a request may work on while the person waits: about a second."""

QUEUE: Final = "imports"


@app.task(queue=QUEUE, name="registry.check_import")
def check_import_task(post_id: str, batch_id: str) -> None:
    _as_uploader(post_id, batch_id, check_import)


@app.task(queue=QUEUE, name="registry.load_import")
def load_import_task(post_id: str, batch_id: str) -> None:
    _as_uploader(post_id, batch_id, load_import)


@app.periodic(cron="17 * * * *", periodic_id="purge_import_files")
@app.task(queue="system", name="registry.purge_import_files", queueing_lock="registry.purge_import_files")
def purge_import_files(timestamp: int) -> int:  # noqa: ARG001  # the worker says for which hour it asks
    """Every hour: workbooks that nobody came back for."""
    deployment.load()
    with as_system("清除过期的导入文件"):
        return purge_expired_files()


def check_or_queue(actor: Actor, batch: ImportBatch) -> None:
    """Check a small file now, a large one in the background."""
    if batch.layout["height"] <= INLINE_ROWS:
        check_import(actor=actor, batch_id=batch.id)
    else:
        check_import_task.defer(post_id=str(actor.post_id), batch_id=str(batch.id))


def load_or_queue(actor: Actor, batch: ImportBatch) -> None:
    """Load a small file now, a large one in the background."""
    if batch.layout["height"] <= INLINE_ROWS:
        load_import(actor=actor, batch_id=batch.id)
    else:
        start_load(actor=actor, batch_id=batch.id)
        load_import_task.defer(post_id=str(actor.post_id), batch_id=str(batch.id))


def revive(actor: Actor, batch: ImportBatch) -> ImportBatch:
    """The batch, put back when it says that somebody is at it while no task waits and no process holds it."""
    if batch.state not in (ImportState.CHECKING, ImportState.LOADING) or not can_import(actor):
        return batch
    waiting = ProcrastinateJob.objects.filter(status="todo", queue_name=QUEUE, args__batch_id=str(batch.id))
    return batch if waiting.exists() else reset_stuck(actor=actor, batch_id=batch.id)


def _as_uploader(post_id: str, batch_id: str, step: Callable[..., ImportBatch]) -> None:
    deployment.load()
    with as_post(UUID(post_id)) as actor:
        batch = ImportBatch.objects.get(id=batch_id)
        try:
            with visible_progress(batch) as progress:
                step(actor=actor, batch_id=batch.id, progress=progress)
        except DomainError as refusal:
            fail_import(actor=actor, batch_id=batch.id, reason=refusal.message)
