"""Lists of groups that others pay, brought for the price subsidy of a month: checked, then taken by an officer.

Guarantees: a list speaks for a group, a month and the officer's area; only whom the register knows by number and name is
on it; of several lists the one taken last holds. Nobody is paid by a list: the month's run pays whoever is in a group,
once. Refuses: a list of a month whose run is there, and one without a document.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.areas.public import get_area
from shouwang.kernel import audit, clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, Invalid, NotFound

from ..group_list_file import read_group
from ..models import BenefitRun, GroupList, GroupListPerson
from ..policies import ensure_may_keep_grants
from ..queries.documents import get_document_of
from ..queries.group_lists import check_group
from ..queries.subjects import subject_areas
from ..rules.monthly import month_of
from ..states import CountyListState, ListedGroup, Programme
from .requests import digest_of, ensure_same, take_turns
from .staging import insert_rows, lock_months, with_ids


@dataclass(frozen=True, slots=True)
class SentGroup:
    """A workbook as it was sent, with the document it came with."""

    group: str
    month: date
    document_id: UUID
    file_name: str
    content: bytes


@transaction.atomic
def open_group_list(*, actor: Actor, list_id: UUID, sent: SentGroup) -> GroupList:
    """The list, checked; the same id and file again give the list that is there.

    Raises Invalid for a file as a whole, Conflict for the id with another file or a month that was run.
    """
    ensure_may_keep_grants(actor, [actor.area_code])
    take_turns([list_id])
    digest = digest_of(replace(sent, content=b""), sent.content)
    there = GroupList.objects.filter(id=list_id).first()
    if there is not None:
        ensure_same(bytes(there.request_digest), digest)
        return there
    if sent.group not in ListedGroup.values:
        raise Invalid(_("这类对象不用名单发放价格临时补贴"), reason="group_list.group", group=sent.group)
    month = month_of(sent.month)
    _refuse_run(month, actor.area_code)
    document = get_document_of(actor.area_code, sent.document_id)
    read = read_group(sent.content, sent.file_name)
    checked = check_group(actor, read, sent.group, month)
    listed = GroupList.objects.create(
        id=list_id,
        group_key=sent.group,
        benefit_month=month,
        document=document,
        area_code=actor.area_code,
        file_name=sent.file_name[:200],
        state=CountyListState.CHECKED,
        row_count=len(read.rows) + len(read.problems),
        matched_count=len(checked.matched),
        report=asdict(checked),
        creator_name=actor.name,
        recorded_at=clock.now(),
        recorded_by=actor.user_id,
        request_digest=digest,
    )
    _audit(actor, listed, "check")
    return listed


@transaction.atomic
def take_group_list(*, actor: Actor, list_id: UUID) -> GroupList:
    """From now on the month's run pays whom the list names. Taken again it is the list that is there."""
    ensure_may_keep_grants(actor, [])
    month = GroupList.objects.filter(actor.scope.q(), id=list_id).values_list("benefit_month", flat=True).first()
    if month is None:
        raise NotFound(_("没有这份名单，可能不在您的辖区"), list_id=list_id)
    lock_months([(Programme.PRICE_SUBSIDY, month.isoformat())])
    listed = GroupList.objects.select_for_update(of=("self",)).get(id=list_id)
    if listed.state == CountyListState.TAKEN:
        return listed
    ensure_may_keep_grants(actor, [listed.area_code])
    _refuse_run(month, listed.area_code)
    if not listed.report["matched"]:
        raise Invalid(_("名单里没有一人在本辖区底册，没有可以采用的"), reason="group_list.nobody")
    person_ids = [UUID(one["person_id"]) for one in listed.report["matched"]]
    areas = subject_areas(household_ids=(), person_ids=person_ids)
    rows = [(listed.id, person_id, areas[person_id]) for person_id in person_ids if person_id in areas]
    insert_rows(GroupListPerson, ("id", "group_list_id", "person_id", "area_code"), with_ids(rows))
    listed.state = CountyListState.TAKEN
    listed.taker_name, listed.taken_by, listed.taken_at = actor.name, actor.user_id, clock.now()
    listed.save(update_fields=["state", "taker_name", "taken_by", "taken_at"])
    _audit(actor, listed, "take")
    return listed


def _refuse_run(month: date, area_code: int) -> None:
    """Also where a run covered a part of the area only: whom the list names there would be left out unseen."""
    spans = get_area(area_code).span
    for run in BenefitRun.objects.filter(programme=Programme.PRICE_SUBSIDY, benefit_month=month):
        if any(low < b and a < high for low, high in get_area(run.area_code).span for a, b in spans):
            raise Conflict(
                _("%(month)s 的价格临时补贴已经生成清册（%(place)s），名单不能再列入这个月")
                % {"month": f"{month:%Y-%m}", "place": get_area(run.area_code).name},
                reason="group_list.month_run",
                run_id=run.id,
            )


def _audit(actor: Actor, listed: GroupList, act: str) -> None:
    audit.record(
        actor=actor,
        action=f"group_list.{act}",
        subject=f"group_list:{listed.id}",
        area_code=listed.area_code,
        data={
            "document": str(listed.document_id),
            "group": listed.group_key,
            "month": f"{listed.benefit_month:%Y-%m}",
            "rows": listed.row_count,
            "matched": listed.matched_count,
        },
    )
