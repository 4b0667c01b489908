"""Issuing a bulletin: figures of a settled cut-off, kept as they were printed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from shouwang.kernel import audit, clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, NotAllowed

from .models import Bulletin
from .policies import may_issue
from .queries import area_in_scope, figures_for, printed

_NUMBER_LOCK = 0x53_57_42_55


@transaction.atomic
def issue_bulletin(
    *, actor: Actor, bulletin_id: UUID, area_code: int, since: date, as_of: datetime, title: str
) -> Bulletin:
    """Number and keep a bulletin. `bulletin_id` is client-made: sent again with the same content it is the bulletin
    that is there.

    Raises NotAllowed, NotFound for an area outside the scope, Conflict while the cut-off is not settled
    (bulletin.unsettled) and for the id of another bulletin (bulletin.differs).
    """
    if not may_issue(actor):
        raise NotAllowed(_("只有县区或市局经办人员可以签发快报"), reason="bulletin.role")
    area_in_scope(actor, area_code)
    # One bulletin of an area at a time, from the first look on: the open transaction of another would leave the
    # cut-off unsettled, and numbers have no gap.
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", [_NUMBER_LOCK, area_code % 2**31])
    content = {"area_code": area_code, "since_on": since, "as_of": as_of, "title": title.strip()}
    issued = _repeated(bulletin_id, content)
    if issued is not None:
        return issued
    table = figures_for(actor, area_code=area_code, since=since, as_of=as_of)
    if not table.is_settled:
        raise Conflict(_("截止时间未到，或仍有业务正在写入，请稍后再签发"), reason="bulletin.unsettled", as_of=as_of)
    last = Bulletin.objects.filter(area_code=area_code).aggregate(last=Max("number"))["last"] or 0
    seal = audit.last_anchor()
    bulletin = Bulletin(
        id=bulletin_id,
        number=last + 1,
        values=printed(table),
        issued_at=clock.now(),
        issued_by=actor.user_id,
        issuer_name=actor.name,
        seal_number=seal.number if seal else None,
        seal_digest=seal.digest if seal else "",
        **content,
    )
    try:
        with transaction.atomic():
            bulletin.save(force_insert=True)
    except IntegrityError:
        # The id stands under another area, committed since or outside our scope.
        if (issued := _repeated(bulletin_id, content)) is None:
            raise _differs(bulletin_id) from None
        return issued
    audit.record(
        actor=actor,
        action="bulletin.issue",
        subject=f"bulletin:{bulletin.id}",
        area_code=area_code,
        data={"number": bulletin.number, "since": since, "as_of": as_of},
    )
    return bulletin


def _repeated(bulletin_id: UUID, content: Mapping[str, object]) -> Bulletin | None:
    """The bulletin that has the id, when it says the same. Raises Conflict when it does not."""
    issued = Bulletin.objects.filter(id=bulletin_id).first()
    if issued is not None and any(getattr(issued, field) != value for field, value in content.items()):
        raise _differs(bulletin_id)
    return issued


def _differs(bulletin_id: UUID) -> Conflict:
    message = _("这次签发的编号已经用于另一期快报，内容不同，未再签发。请重新打开快报页再签发。")
    return Conflict(message, reason="bulletin.differs", bulletin_id=bulletin_id)
