"""The second door: payments already made before an area went live.

Guarantees: they are marked for ever (origin and list), stand against the migration account, and never reach a bank file:
their lines have no account and their list is closed from the start. Refuses: payments on or after the area's go-live,
in the future, of the same programme, month, subject and reason twice. All or nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from shouwang.kernel import audit, clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, Invalid, NotFound
from shouwang.ledger.public import post_entries

from ..errors import AlreadyPayable
from ..models import AreaGoLive, Payable, PayablePerson, PaymentOutcome
from ..policies import ensure_may_keep_grants
from ..queries.documents import get_document_of, get_document_over
from ..queries.history import go_live_of
from ..queries.places import paying_units
from ..queries.subjects import subject_areas
from ..rules.book import known_before
from ..rules.monthly import REASON_KEY, month_of
from ..rules.places import PayingUnit, PayingUnits
from ..states import Origin, OutcomeKind, Programme
from .lists import HISTORY, ListLine, WrittenList, write_lists
from .money import UnitAccounts, draft_of_part
from .staging import insert_rows, lock_months, new_uuids, with_ids


@dataclass(frozen=True, slots=True)
class PaidBefore:
    """One payment as the county's books have it. `person_ids`: whom it covered; `payee_id`: who received it."""

    programme: str
    benefit_month: date
    household_id: UUID | None
    person_id: UUID | None
    person_ids: tuple[UUID, ...]
    payee_id: UUID | None
    amount_fen: int
    paid_on: date
    reason_key: str = REASON_KEY

    @property
    def subject_id(self) -> UUID:
        subject = self.household_id or self.person_id
        if subject is None or (self.household_id and self.person_id):
            raise Invalid(_("历史发放必须归属一个家庭或者一个人"), reason="history.one_subject")
        return subject


@transaction.atomic
def set_go_live(*, actor: Actor, area_code: int, programme: str, live_on: date, document_id: UUID) -> AreaGoLive:
    """From `live_on` the area pays the programme here, and history ends. Said once; it cannot be moved.

    The same day said again is the row that is there. Raises Conflict for another day, Invalid for an area that pays
    nobody and for a document that is a neighbour's or of a day to come.
    """
    ensure_may_keep_grants(actor, [area_code])
    paying_units(area_code)
    document = get_document_of(area_code, document_id)
    said = AreaGoLive.objects.filter(area_code=area_code, programme=programme).first()
    if said is not None and (said.live_on, said.document_id) == (live_on, document.id):
        return said
    try:
        with transaction.atomic():
            live = AreaGoLive.objects.create(
                area_code=area_code,
                programme=Programme(programme),
                live_on=live_on,
                document=document,
                recorded_at=clock.now(),
                recorded_by=actor.user_id,
            )
    except IntegrityError as error:
        raise Conflict(_("这个区划的上线日期已经登记，不能更改"), reason="go_live.set", area_code=area_code) from error
    audit.record(
        actor=actor,
        action="payment.go_live",
        subject=f"area:{area_code}",
        area_code=area_code,
        data={"programme": programme, "live_on": live_on.isoformat()},
    )
    return live


@transaction.atomic
def record_history(*, actor: Actor, document_id: UUID, rows: Sequence[PaidBefore]) -> int:
    """Payments already made, from the county's document; returns how many. Raises Invalid, Conflict, NotFound by row,
    and Invalid for a document of another area.
    """
    areas = subject_areas(
        household_ids=(row.household_id for row in rows if row.household_id),
        person_ids=(row.person_id for row in rows if row.person_id),
    )
    units = paying_units(actor.area_code)
    directory = PayingUnits(units)
    live: dict[tuple[str, int], date | None] = {}
    for number, row in enumerate(rows, 1):
        _check_row(number, row, areas, directory, live)
    ensure_may_keep_grants(actor, set(areas.values()))
    get_document_over(set(areas.values()), document_id)
    lock_months((row.programme, month_of(row.benefit_month).isoformat()) for row in rows)
    ordered = sorted(range(len(rows)), key=lambda i: (rows[i].programme, month_of(rows[i].benefit_month)))
    for (programme, month), group in groupby(
        ordered, key=lambda i: (rows[i].programme, month_of(rows[i].benefit_month))
    ):
        _record_month(actor, document_id, programme, month, units, [rows[i] for i in group], areas)
    return len(rows)


def _check_row(
    number: int,
    row: PaidBefore,
    areas: dict[UUID, int],
    directory: PayingUnits,
    live: dict[tuple[str, int], date | None],
) -> None:
    area_code = areas.get(row.subject_id)
    unit = directory.of(area_code) if area_code is not None else None
    if unit is None:
        raise NotFound(_("第 %(row)s 行：底册中没有这个对象，或者不在您的辖区") % {"row": number}, row=number)
    if row.amount_fen <= 0 or row.paid_on > clock.today():
        raise Invalid(
            _("第 %(row)s 行：金额必须大于零，发放日期不能晚于今天") % {"row": number}, reason="history.row", row=number
        )
    key = (row.programme, unit.code)
    if key not in live:
        live[key] = go_live_of(programme=row.programme, area_code=unit.code)
    live_on = live[key]
    if live_on is not None and row.paid_on >= live_on:
        raise Invalid(
            _("第 %(row)s 行：%(unit)s已于 %(day)s 上线，之后的发放要走每月清册")
            % {"row": number, "unit": unit.name, "day": live_on.isoformat()},
            reason="history.after_go_live",
            row=number,
        )


def _record_month(
    actor: Actor,
    document_id: UUID,
    programme: str,
    month: date,
    units: Sequence[PayingUnit],
    rows: Sequence[PaidBefore],
    areas: dict[UUID, int],
) -> None:
    ids = dict(zip(new_uuids(len(rows)), rows, strict=True))
    _write_payables(programme, month, ids, areas)
    lines = [ListLine(payable_id, areas[row.subject_id], row.amount_fen, None) for payable_id, row in ids.items()]
    written = write_lists(actor=actor, programme=programme, benefit_month=month, units=units, lines=lines, kind=HISTORY)
    now = clock.now()
    for one in written:
        entries = _book(actor, one, ids)
        insert_rows(
            PaymentOutcome,
            ("id", "attempt_id", "payable_id", "kind", "programme", "paid_on", "amount_fen", "area_code", "reason",
             "entry_id", "recorded_at", "recorded_by"),
            with_ids([
                (line.attempt_id, line.line.payable_id, OutcomeKind.PAID, programme,
                 ids[line.line.payable_id].paid_on, line.line.amount_fen, line.line.area_code, "",
                 entries[line.part_id], now, actor.user_id)
                for line in one.lines
            ]),
        )  # fmt: skip
    audit.record(
        actor=actor,
        action="payment.history",
        subject=f"document:{document_id}",
        area_code=actor.area_code,
        data={
            "programme": programme,
            "month": f"{month:%Y-%m}",
            "count": len(rows),
            "amount_fen": sum(row.amount_fen for row in rows),
            "batches": [one.batch.number for one in written],
        },
    )


def _write_payables(programme: str, month: date, ids: dict[UUID, PaidBefore], areas: dict[UUID, int]) -> None:
    now = clock.now()
    try:
        with transaction.atomic():
            insert_rows(
                Payable,
                ("id", "programme", "benefit_month", "household_id", "person_id", "subject_id", "reason_key",
                 "amount_fen", "area_code", "origin", "payee_id", "recorded_at"),
                (
                    (payable_id, programme, month, row.household_id, row.person_id, row.subject_id, row.reason_key,
                     row.amount_fen, areas[row.subject_id], Origin.HISTORY, row.payee_id, now)
                    for payable_id, row in ids.items()
                ),
            )  # fmt: skip
    except IntegrityError as error:
        if "payable_once" not in str(error):
            raise
        raise AlreadyPayable(
            _("%(programme)s %(month)s 的名单里有对象已经列入应发，全部未录入。请去掉重复后再录。")
            % {"programme": Programme(programme).label, "month": f"{month:%Y-%m}"},
            programme=programme,
            benefit_month=month,
        ) from error
    insert_rows(
        PayablePerson,
        ("id", "payable_id", "person_id", "area_code"),
        with_ids(
            [
                (payable_id, person_id, areas[row.subject_id])
                for payable_id, row in ids.items()
                for person_id in dict.fromkeys(row.person_ids)
            ]
        ),
    )


def _book(actor: Actor, written: WrittenList, ids: dict[UUID, PaidBefore]) -> dict[UUID, UUID]:
    """One entry a part, dated by its latest payment; returns the entry by part."""
    latest: dict[UUID, date] = defaultdict(lambda: date.min)
    for line in written.lines:
        latest[line.part_id] = max(latest[line.part_id], ids[line.line.payable_id].paid_on)
    accounts = UnitAccounts(written.batch.fund, written.batch.area_code)
    drafts = {
        part.id: draft_of_part(accounts, written.batch, part, known_before(paid_fen=part.amount_fen), latest[part.id])
        for part in written.parts
    }
    post_entries(actor=actor, drafts=drafts.values())
    return {part_id: draft.entry_id for part_id, draft in drafts.items() if draft.entry_id is not None}
