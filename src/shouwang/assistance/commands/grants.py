"""Grants: the first door into payment, and every later change of what a grant pays.

Guarantees: recipients in force come in with an officer and the county's list as document, each once; amounts are dated
facts from the first of a month; while exits are paused, a cut or an end is not applied but kept for review, except for
death and fraud (product: measure `exit_paused`). Refuses: a subject that has a grant already, another county's subject,
amounts that are not positive, dates that are not the first of a month.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from shouwang.kernel import audit, clock, events
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, Invalid, NotFound, StateConflict
from shouwang.kernel.ids import new_id
from shouwang.registry.public import household_of, members_as_of
from shouwang.response.public import effective

from ..events import GrantsChanged
from ..models import Grant, GrantAmount, GrantPerson, Payable, PostponedReview
from ..policies import ensure_may_keep_grants
from ..queries.documents import get_document_over
from ..queries.grants import amounts_as_of, subjects_in_force
from ..queries.subjects import chunks, subject_areas
from ..rules.monthly import next_month
from ..states import BY_HOUSEHOLD, GRANTED, UNSTOPPABLE, ChangeCause, GrantChangeKind, Origin, Programme
from .overpayments import note_overpayments
from .requests import ensure_same, reused, take_turns
from .staging import insert_rows, lock_months, new_uuids, with_ids


@dataclass(frozen=True, slots=True)
class TakenOver:
    """One recipient of the county's list. Dibao names a household, everything else a person."""

    programme: str
    household_id: UUID | None
    person_id: UUID | None
    starts_on: date
    monthly_fen: int


@dataclass(frozen=True, slots=True)
class GrantChange:
    """What a grant is to pay from a month on; None: nothing. `kind` says whether it may go on later."""

    grant_id: UUID
    kind: GrantChangeKind
    valid_from: date
    monthly_fen: int | None
    cause: ChangeCause
    reason: str
    change_id: UUID | None = None
    """Made with the form: the same change sent twice is one, the id with another change is refused."""


@dataclass(frozen=True, slots=True)
class ChangesMade:
    """How many changes took effect, and which wait for the end of a pause of exits."""

    applied_count: int
    postponed: tuple[PostponedReview, ...]


@transaction.atomic
def take_over_grants(*, actor: Actor, document_id: UUID, rows: Sequence[TakenOver]) -> int:
    """Grants for recipients who are in force in the county's list `document_id`; returns how many.

    All or nothing. Raises Invalid and Conflict naming the first row that cannot be taken over, and Invalid for a
    document of another area.
    """
    areas = subject_areas(
        household_ids=(row.household_id for row in rows if row.household_id),
        person_ids=(row.person_id for row in rows if row.person_id),
    )
    ensure_may_keep_grants(actor, set(areas.values()))
    for number, row in enumerate(rows, 1):
        _check_row(number, row, areas)
    document = get_document_over(set(areas.values()), document_id)
    lock_months((row.programme, "grants") for row in rows)
    _refuse_those_in_force(rows)
    now = clock.now()
    ids = new_uuids(len(rows))
    insert_rows(
        Grant,
        ("id", "programme", "household_id", "person_id", "area_code", "starts_on", "origin", "document_id",
         "recorded_at", "recorded_by"),
        (
            (grant_id, row.programme, row.household_id, row.person_id, areas[_subject(row)], row.starts_on,
             Origin.TAKEN_OVER, document.id, now, actor.user_id)
            for grant_id, row in zip(ids, rows, strict=True)
        ),
    )  # fmt: skip
    insert_rows(
        GrantAmount,
        ("id", "grant_id", "valid_from", "monthly_fen", "kind", "cause", "reason", "recorded_at", "recorded_by",
         "area_code"),
        with_ids([
            (grant_id, row.starts_on, row.monthly_fen, GrantChangeKind.START, "", document.number[:100], now,
             actor.user_id, areas[_subject(row)])
            for grant_id, row in zip(ids, rows, strict=True)
        ]),
    )  # fmt: skip
    _write_covered(ids, rows, areas, now)
    for programme in sorted({row.programme for row in rows}):
        mine = [row for row in rows if row.programme == programme]
        audit.record(
            actor=actor,
            action="grant.take_over",
            subject=f"document:{document_id}",
            area_code=actor.area_code,
            data={"programme": programme, "count": len(mine), "monthly_fen": sum(row.monthly_fen for row in mine)},
        )
        events.publish(GrantsChanged(programme, len(mine), 0, actor.area_code))
    return len(rows)


@transaction.atomic
def change_grants(*, actor: Actor, changes: Sequence[GrantChange]) -> ChangesMade:
    """Append what grants pay from a month on. A cut or an end that a pause of exits forbids is kept for review."""
    grants = {
        grant.id: grant
        for grant in Grant.objects.select_for_update()
        .filter(actor.scope.q(), id__in=[change.grant_id for change in changes])
        .order_by("id")
    }
    ensure_may_keep_grants(actor, {grant.area_code for grant in grants.values()})
    changes = _not_made_yet(changes)
    if not changes:
        return ChangesMade(applied_count=0, postponed=())
    before = _amounts_before(changes)
    pauses: dict[int, tuple[UUID, ...]] = {}
    applied: list[GrantAmount] = []
    postponed: list[PostponedReview] = []
    for change in changes:
        grant = grants.get(change.grant_id)
        if grant is None:
            raise NotFound(_("没有这个在保对象，可能不在您的辖区"), grant_id=change.grant_id)
        current = before.get(change.grant_id)
        _check_change(grant, change, current)
        measure_ids = _pause_against(grant, change, current, pauses)
        if measure_ids:
            postponed.append(_postponed(actor, grant, change, measure_ids))
        else:
            applied.append(_amount(actor, grant, change))
    try:
        with transaction.atomic():
            PostponedReview.objects.bulk_create(postponed, batch_size=2_000)
            GrantAmount.objects.bulk_create(applied, batch_size=2_000)
    except IntegrityError as error:
        if "grant_amount_read" not in str(error):  # the id of a change of another county, out of our sight
            raise reused() from error
        raise Conflict(_("同一时刻对同一对象登记了两次变更，未保存。请核对后重试。"), reason="grant.tie") from error
    _note_what_was_paid_too_much(actor, applied)
    audit.record(
        actor=actor,
        action="grant.change",
        subject=f"grant:{changes[0].grant_id}" if len(changes) == 1 else "grants:bulk",
        area_code=actor.area_code,
        data={
            "applied": len(applied),
            "postponed": len(postponed),
            "kinds": sorted({change.kind for change in changes}),
        },
    )
    for programme in sorted({grant.programme for grant in grants.values()}):
        applied_here = sum(grants[amount.grant_id].programme == programme for amount in applied)
        postponed_here = sum(grants[review.grant_id].programme == programme for review in postponed)
        events.publish(GrantsChanged(programme, applied_here, postponed_here, actor.area_code))
    return ChangesMade(applied_count=len(applied), postponed=tuple(postponed))


def _note_what_was_paid_too_much(actor: Actor, applied: Sequence[GrantAmount]) -> None:
    """A death or a fraud that is obeyed from a month that has been paid: see commands.overpayments."""
    for cause in sorted(UNSTOPPABLE):
        late = Q()
        for amount in applied:
            if amount.cause == cause and amount.valid_from <= next_month(clock.today()):
                late |= Q(grant_id=amount.grant_id, benefit_month__gte=amount.valid_from)
        if late:
            note_overpayments(actor=actor, payables=Payable.objects.filter(late), cause=ChangeCause(cause))


def change_grant_amount(
    *, actor: Actor, grant_id: UUID, valid_from: date, monthly_fen: int, cause: ChangeCause, reason: str
) -> ChangesMade:
    """Another amount from a month on; it also takes up a suspended grant again."""
    change = GrantChange(grant_id, GrantChangeKind.CHANGE, valid_from, monthly_fen, cause, reason)
    return change_grants(actor=actor, changes=[change])


def suspend_grant(*, actor: Actor, grant_id: UUID, valid_from: date, cause: ChangeCause, reason: str) -> ChangesMade:
    """Nothing is paid from a month on, until the amount is set again."""
    change = GrantChange(grant_id, GrantChangeKind.SUSPEND, valid_from, None, cause, reason)
    return change_grants(actor=actor, changes=[change])


def end_grant(*, actor: Actor, grant_id: UUID, valid_from: date, cause: ChangeCause, reason: str) -> ChangesMade:
    """Nothing is paid from a month on, for good: a new grant needs a door of its own."""
    change = GrantChange(grant_id, GrantChangeKind.END, valid_from, None, cause, reason)
    return change_grants(actor=actor, changes=[change])


def _subject(row: TakenOver) -> UUID:
    subject = row.household_id or row.person_id
    if subject is None or (row.household_id and row.person_id):
        raise Invalid(_("在保对象必须是一个家庭或者一个人"), reason="grant.one_subject")
    return subject


def _write_covered(
    ids: Sequence[UUID], rows: Sequence[TakenOver], areas: dict[UUID, int], recorded_at: datetime
) -> None:
    """Whom each grant covers on its first day and in which household; where the register knows nothing of that day yet,
    whom it covers today."""
    covered: list[tuple[object, ...]] = []
    for starts_on in sorted({row.starts_on for row in rows}):
        beginning = [(grant_id, row) for grant_id, row in zip(ids, rows, strict=True) if row.starts_on == starts_on]
        families = members_as_of([row.household_id for _id, row in beginning if row.household_id], on=starts_on)
        unknown = [household_id for household_id, members in families.items() if not members]
        today = members_as_of(unknown, on=clock.today())
        homes = _homes([row.person_id for _id, row in beginning if row.person_id], starts_on)
        covered.extend(
            (grant_id, person_id, row.household_id, row.household_id or homes.get(_subject(row)), row.programme, starts_on,
             areas[_subject(row)], recorded_at)
            for grant_id, row in beginning
            for person_id in (
                [member.person_id for member in families.get(row.household_id) or today.get(row.household_id, [])]
                if row.household_id
                else [row.person_id]
            )
        )  # fmt: skip
    insert_rows(
        GrantPerson,
        ("id", "grant_id", "person_id", "household_id", "home_id", "programme", "starts_on", "area_code",
         "recorded_at"),
        with_ids(covered),
    )  # fmt: skip


def _homes(person_ids: Sequence[UUID], on: date) -> dict[UUID, UUID]:
    """The household that each person lives in on the day, or today where nothing is known of the day."""
    homes = household_of(person_ids, on=on)
    homeless = [person_id for person_id in person_ids if person_id not in homes]
    return homes | household_of(homeless, on=clock.today())


def _check_row(number: int, row: TakenOver, areas: dict[UUID, int]) -> None:
    if row.programme not in GRANTED:
        raise Invalid(
            _("第 %(row)s 行：只有按月认定发放的项目可以接转") % {"row": number},
            reason="grant.not_monthly",
            row=number,
        )
    if row.household_id and row.programme not in BY_HOUSEHOLD:
        raise Invalid(
            _("第 %(row)s 行：%(programme)s按人发放，请写明是哪个人")
            % {"row": number, "programme": Programme(row.programme).label},
            reason="grant.personal",
            row=number,
        )
    if _subject(row) not in areas:
        raise NotFound(_("第 %(row)s 行：底册中没有这个对象，或者不在您的辖区") % {"row": number}, row=number)
    if row.monthly_fen <= 0:
        raise Invalid(_("第 %(row)s 行：每月金额必须大于零") % {"row": number}, reason="grant.amount", row=number)
    if row.starts_on.day != 1:
        raise Invalid(
            _("第 %(row)s 行：起始日期必须是某月 1 日") % {"row": number}, reason="grant.not_a_month", row=number
        )


def _refuse_those_in_force(rows: Sequence[TakenOver]) -> None:
    seen: set[tuple[str, UUID]] = set()
    for programme in sorted({row.programme for row in rows}):
        for is_household in (True, False):
            mine = [row for row in rows if row.programme == programme and bool(row.household_id) is is_household]
            taken: set[UUID] = set()
            for chunk in chunks([_subject(row) for row in mine]):
                taken |= subjects_in_force(
                    programme=programme,
                    subject_ids=chunk,
                    month=min(row.starts_on for row in mine),
                    is_household=is_household,
                )
            for number, row in enumerate(rows, 1):
                if row.programme != programme or bool(row.household_id) is not is_household:
                    continue
                key = (programme, _subject(row))
                if key in seen or key[1] in taken:
                    raise Conflict(
                        _("第 %(row)s 行：这个对象已经在保，不能重复接转。请在在保对象中查看。") % {"row": number},
                        reason="grant.in_force",
                        row=number,
                        subject_id=key[1],
                    )
                seen.add(key)


def _not_made_yet(changes: Sequence[GrantChange]) -> list[GrantChange]:
    """The changes whose id is new. Raises Conflict for an id that stands for another change."""
    asked = [change.change_id for change in changes if change.change_id]
    if not asked:
        return list(changes)
    take_turns(asked)
    made: dict[UUID, GrantAmount | PostponedReview] = {row.id: row for row in GrantAmount.objects.filter(id__in=asked)}
    made |= {row.id: row for row in PostponedReview.objects.filter(id__in=asked)}
    for change in changes:
        if change.change_id in made:
            ensure_same(_said_by(made[change.change_id]), _said(change))
    return [change for change in changes if change.change_id not in made]


def _said(change: GrantChange) -> tuple[object, ...]:
    reason = change.reason.strip()[:100]
    return change.grant_id, change.kind, change.valid_from, change.monthly_fen, change.cause, reason


def _said_by(row: GrantAmount | PostponedReview) -> tuple[object, ...]:
    wanted = row.wanted_fen if isinstance(row, PostponedReview) else row.monthly_fen
    return row.grant_id, row.kind, row.valid_from, wanted, row.cause, row.reason


def _amounts_before(changes: Sequence[GrantChange]) -> dict[UUID, GrantAmount]:
    """What each grant pays in the month its change begins."""
    before: dict[UUID, GrantAmount] = {}
    for month in {change.valid_from for change in changes}:
        before.update(amounts_as_of([c.grant_id for c in changes if c.valid_from == month], month=month))
    return before


def _check_change(grant: Grant, change: GrantChange, current: GrantAmount | None) -> None:
    if change.valid_from.day != 1:
        raise Invalid(_("变更必须从某月 1 日起"), reason="grant.not_a_month", valid_from=change.valid_from)
    if not change.reason.strip():
        raise Invalid(_("请写明变更原因"), reason="grant.no_reason")
    stops = change.kind in (GrantChangeKind.SUSPEND, GrantChangeKind.END)
    if stops != (change.monthly_fen is None) or (change.monthly_fen is not None and change.monthly_fen <= 0):
        raise Invalid(_("每月金额必须大于零；停发请选择暂停或者终止"), reason="grant.amount")
    if change.kind == GrantChangeKind.START or current is None:
        raise StateConflict(
            _("这个对象从 %(month)s 起发放，不能变更更早的月份") % {"month": f"{grant.starts_on:%Y-%m}"},
            reason="grant.not_begun",
        )
    if current.kind == GrantChangeKind.END:
        raise StateConflict(
            _("这个对象已从 %(month)s 起终止，不能再变更") % {"month": f"{current.valid_from:%Y-%m}"},
            reason="grant.ended",
        )


def _pause_against(
    grant: Grant,
    change: GrantChange,
    current: GrantAmount | None,
    pauses: dict[int, tuple[UUID, ...]],
) -> tuple[UUID, ...]:
    """The measures that forbid this change; empty when it may take effect."""
    paid_fen = (current.monthly_fen if current else None) or 0
    if change.cause in UNSTOPPABLE or (change.monthly_fen or 0) >= paid_fen:
        return ()
    if grant.area_code not in pauses:
        pause = effective("exit_paused", grant.area_code, clock.now())
        pauses[grant.area_code] = tuple(pause.measure_ids) if pause else ()
    return pauses[grant.area_code]


def _amount(actor: Actor, grant: Grant, change: GrantChange) -> GrantAmount:
    return GrantAmount(
        id=change.change_id or new_id(),
        grant=grant,
        valid_from=change.valid_from,
        monthly_fen=change.monthly_fen,
        kind=change.kind,
        cause=change.cause,
        reason=change.reason.strip()[:100],
        recorded_at=clock.now(),
        recorded_by=actor.user_id,
        area_code=grant.area_code,
    )


def _postponed(actor: Actor, grant: Grant, change: GrantChange, measure_ids: tuple[UUID, ...]) -> PostponedReview:
    return PostponedReview(
        id=change.change_id or new_id(),
        grant=grant,
        valid_from=change.valid_from,
        wanted_fen=change.monthly_fen,
        kind=change.kind,
        cause=change.cause,
        reason=change.reason.strip()[:100],
        measure_ids=list(measure_ids),
        recorded_at=clock.now(),
        recorded_by=actor.user_id,
        area_code=grant.area_code,
    )
