"""Put a village's list up: a record of what hangs where, from which day until which."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.kernel import audit, clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, Invalid

from ..models import Publication
from ..policies import ensure_may_publish
from ..queries.publications import owed_in, village_list_for
from ..rules.publication import publication_rule_on
from ..states import PublicationKind


@transaction.atomic
def post_publication(
    *, actor: Actor, publication_id: UUID, area_code: int, programme: str, month: date, kind: str
) -> Publication:
    """Today's list of the village. A repeat of the same id answers with the first.

    Raises NotAllowed, NotFound, Invalid (nobody to publish, not a village), Conflict when the list and what it withholds
    are not what the runs owe.
    """
    ensure_may_publish(actor, area_code)
    there = Publication.objects.filter(id=publication_id).first()
    if there is not None:
        return there
    listed = village_list_for(actor, area_code=area_code, programme=programme, month=month)
    if not listed.rows:
        raise Invalid(_("这个村这个月没有可以张榜的对象"), reason="publication.empty")
    owed_fen = owed_in(actor, area_code=area_code, programme=programme, month=month)
    if owed_fen != listed.amount_fen + listed.withheld_fen:
        raise Conflict(_("名单合计与清册不一致，没有张贴。请联系系统管理员。"), reason="publication.sums")
    today = clock.today()
    is_notice = PublicationKind(kind) == PublicationKind.NOTICE
    made = Publication.objects.create(
        id=publication_id,
        area_code=area_code,
        programme=programme,
        benefit_month=month,
        kind=kind,
        posted_on=today,
        take_down_on=publication_rule_on(today).take_down_on(today) if is_notice else None,
        row_count=len(listed.rows),
        person_count=listed.person_count,
        amount_fen=listed.amount_fen,
        withheld_count=listed.withheld_count,
        withheld_fen=listed.withheld_fen,
        recorded_at=clock.now(),
        recorded_by=actor.user_id,
        actor_name=actor.name,
    )
    audit.record(
        actor=actor,
        action="publication.post",
        subject=f"publication:{made.id}",
        area_code=area_code,
        data={"kind": kind, "programme": programme, "month": f"{month:%Y-%m}", "rows": made.row_count},
    )
    return made
