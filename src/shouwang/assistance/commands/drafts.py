"""Lines of a list that a run has just drafted, made smaller or taken off before anybody has seen the list.

Inside the run's own transaction: nothing has been confirmed and nothing is held back. A list that loses its last line is
void.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.kernel.actor import Actor

from ..models import BatchPart, PaymentAttempt, PaymentBatch
from ..states import VOIDS
from .batches import audit_step, move_batch, moves_of


def shorten_lines(*, actor: Actor, lines: Sequence[tuple[PaymentAttempt, int]]) -> None:
    """Each line pays the given fen from now on; none at all takes it off its list."""
    batches: dict[UUID, PaymentBatch] = {}
    parts: dict[UUID, BatchPart] = {}
    for line, fen in lines:
        assert line.batch_id is not None, "a line of a drafted list has its place"
        assert line.part_id is not None
        batch = batches.setdefault(line.batch_id, PaymentBatch.objects.get(pk=line.batch_id))
        part = parts.setdefault(line.part_id, BatchPart.objects.get(pk=line.part_id))
        for counted in (batch, part):
            counted.amount_fen -= line.amount_fen - fen
            counted.line_count -= fen == 0
        if fen == 0:
            line.delete()
        else:
            line.amount_fen = fen
            line.save(update_fields=["amount_fen"])
    BatchPart.objects.bulk_update(parts.values(), ["line_count", "amount_fen"])
    PaymentBatch.objects.bulk_update(batches.values(), ["line_count", "amount_fen"])
    for batch in batches.values():
        if batch.line_count == 0:
            note = _("没有可以发放的明细")
            move_batch(
                actor=actor, batch=batch, moves=moves_of(batch), verb=VOIDS.verb, to_state=VOIDS.to_state, note=note
            )
            audit_step(actor, batch, VOIDS.verb)
