"""A list of deaths before a run: matched by ID number, looked through by an officer, recorded in the register.

Guarantees: checking writes nothing but the list itself, and the workbook is not kept; only what an officer has chosen is
recorded, each death through the register's own command with the document as its source; recorded twice is recorded once.
What follows is not done here: the next run holds the lines, and what was paid for months after a death is noted by the
listener of the death (handlers). Refuses: a file without the columns it needs, rows that the list does not offer.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.kernel import audit, clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import DomainError, Invalid, NotFound
from shouwang.registry.public import record_death

from ..death_list_file import read_deaths
from ..models import DeathList
from ..policies import ensure_may_keep_grants
from ..queries.death_lists import check_deaths, undecided
from ..queries.documents import get_document_of
from ..states import CountyListState
from .requests import digest_of, ensure_same, take_turns

_SOURCE_LENGTH: Final = 64
"""Of a fact of the register."""


@dataclass(frozen=True, slots=True)
class SentDeaths:
    """A workbook as it was sent, with the document it came with."""

    document_id: UUID
    file_name: str
    content: bytes


@transaction.atomic
def open_death_list(*, actor: Actor, list_id: UUID, sent: SentDeaths) -> DeathList:
    """The list, checked; the same id and file again give the list that is there.

    Raises Invalid for a file as a whole, Conflict for the id with another file.
    """
    ensure_may_keep_grants(actor, [actor.area_code])
    take_turns([list_id])
    digest = digest_of(replace(sent, content=b""), sent.content)
    there = DeathList.objects.filter(id=list_id).first()
    if there is not None:
        ensure_same(bytes(there.request_digest), digest)
        return there
    document = get_document_of(actor.area_code, sent.document_id)
    read = read_deaths(sent.content, sent.file_name)
    checked = check_deaths(actor, read)
    listed = DeathList.objects.create(
        id=list_id,
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
def record_listed_deaths(*, actor: Actor, list_id: UUID, rows: Collection[int], up_to: int | None = None) -> DeathList:
    """Record the deaths of the chosen rows. What the register refuses by now is told with its row.

    A long list is decided in slices: `up_to` is the last row that the officer has looked at, and the list is taken when
    nothing is offered beyond it. Without it the whole list was looked at. A slice sent again is recorded once.
    """
    ensure_may_keep_grants(actor, [])
    listed = DeathList.objects.select_for_update(of=("self",)).filter(actor.scope.q(), id=list_id).first()
    if listed is None:
        raise NotFound(_("没有这份名单，可能不在您的辖区"), list_id=list_id)
    if listed.state == CountyListState.TAKEN or (up_to is not None and up_to <= listed.report.get("decided_to", 0)):
        return listed
    waiting = undecided(listed)
    offered = {one["row"]: one for one in waiting if up_to is None or one["row"] <= up_to}
    is_sliced = len(offered) < len(listed.report["matched"])
    if not (rows or is_sliced) or not set(rows) <= offered.keys():
        raise Invalid(_("请勾选要登记的行"), reason="death_list.rows")
    recorded: list[int] = []
    for row in sorted(set(rows)):
        try:
            with transaction.atomic():
                fact = record_death(
                    actor=actor,
                    person_id=UUID(offered[row]["person_id"]),
                    died_on=date.fromisoformat(offered[row]["died_on"]),
                    source=_source(listed.document.number, row),
                )
            (recorded if fact is not None else listed.report["known"]).append(row)
        except DomainError as refused:
            listed.report["problems"].append({"row": row, "reason": refused.message})
    listed.report["chosen"] = [*listed.report.get("chosen", []), *recorded]
    listed.recorded_count += len(recorded)
    if len(offered) < len(waiting):
        listed.report["decided_to"] = up_to
    else:
        listed.state = CountyListState.TAKEN
        listed.taker_name, listed.taken_by, listed.taken_at = actor.name, actor.user_id, clock.now()
    listed.save()
    _audit(actor, listed, "record")
    return listed


def _source(number: str, row: int) -> str:
    """The document and the row, the number cut to what is left beside the row."""
    place = _(" 死亡名单第 %(row)s 行") % {"row": row}
    return number[: _SOURCE_LENGTH - len(place)] + place


def _audit(actor: Actor, listed: DeathList, act: str) -> None:
    audit.record(
        actor=actor,
        action=f"death_list.{act}",
        subject=f"death_list:{listed.id}",
        area_code=listed.area_code,
        data={
            "document": str(listed.document_id),
            "rows": listed.row_count,
            "matched": listed.matched_count,
            "recorded": listed.recorded_count,
        },
    )
