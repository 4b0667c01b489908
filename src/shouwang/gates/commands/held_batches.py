"""What a revoked phone still sends: held as it came, sealed, until a person takes it in or leaves it out.

Guarantees: nothing of it counts anywhere before that; taken in, its scans go the way of all scans; left out, the batch
stays as it came, with who decided and why. Refuses to hold more than HELD_MAX batches of one phone: a stolen key
must not fill the disk.
"""

from __future__ import annotations

import hashlib
from typing import Final
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from shouwang.kernel import audit, clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Invalid, NotFound
from shouwang.kernel.ids import new_id
from shouwang.kernel.scope import use_scope

from ..models import HeldBatch
from ..policies import require_keeper
from ..queries.devices import held_batches_for
from ..queries.phones import Phone
from ..rules.batches import NoBatch, TooManyItems, read_batch
from ..states import AlarmKind
from .devices import scope_of
from .observations import raise_alarms, sealed_visitors
from .writer import TAKE, Member, parameters_of

HELD_MAX: Final = 100


def hold_batch(*, phone: Phone, body: bytes) -> bool:
    """Whether it is held now. Sent again it is the one that is there; what is no batch is not held."""
    try:
        batch = read_batch(body)
    except (NoBatch, TooManyItems):
        return False
    if not batch.items:
        return False
    now = clock.now()
    digest = hashlib.sha256(batch.raw).digest()[:16]
    with use_scope(scope_of(phone.area_code)):
        held = HeldBatch.objects.filter(device_id=phone.id)
        if held.filter(digest=digest).exists():
            return True
        if held.count() >= HELD_MAX:
            return False
        try:
            with transaction.atomic():
                HeldBatch.objects.create(
                    device_id=phone.id,
                    digest=digest,
                    item_count=len(batch.items),
                    body=body.decode(),
                    area_code=phone.area_code,
                    received_at=now,
                )
        except IntegrityError:  # the same batch, sent twice at once
            return True
    alarm = {
        "id": new_id(),
        "device": phone.id,
        "kind": str(AlarmKind.REVOKED_DEVICE),
        "seq": None,
        "details": {},
        "area": phone.area_code,
        "at": now,
    }
    raise_alarms([alarm])
    return True


@transaction.atomic
def judge_held_batch(*, actor: Actor, batch_id: UUID, is_taken: bool, note: str) -> HeldBatch:
    """Take its scans in, or leave them out, with a word why. Raises NotFound for one that is judged or elsewhere."""
    if held_batches_for(actor).filter(id=batch_id).first() is None:
        raise NotFound(_("没有找到这批记录，或者已有人处理"), batch_id=batch_id)
    held = HeldBatch.objects.select_for_update().get(id=batch_id)
    require_keeper(actor, held.area_code)
    if held.judged_at is not None:
        raise NotFound(_("没有找到这批记录，或者已有人处理"), batch_id=batch_id)
    if not note.strip():
        raise Invalid(_("请写明处理的理由"), reason="held.note_missing")
    if is_taken:
        _take(held)
    held.judged_at, held.judged_by, held.is_taken = clock.now(), actor.user_id, is_taken
    held.judged_note = note.strip()[:200]
    held.save(update_fields=["judged_at", "judged_by", "is_taken", "judged_note"])
    data = {"taken": is_taken, "count": held.item_count}
    subject = f"device:{held.device_id}"
    audit.record(actor=actor, action="device.judge", subject=subject, area_code=held.area_code, data=data)
    return held


def _take(held: HeldBatch) -> None:
    """On Django's connection, so that it is one transaction with the judgement."""
    batch = read_batch(held.body.encode())
    phone = Phone(held.device_id, b"", held.device.profile, held.device.gate_id, held.area_code, True, False)
    member = Member(phone, batch, held.received_at, sealed_visitors(phone, batch))
    with connection.cursor() as cursor:
        for day in sorted(member.believed_days):
            cursor.execute("select gates_make_day(%s)", [day])
        cursor.cursor.execute(TAKE, parameters_of([member], batch.raw, by_judgement=True))
