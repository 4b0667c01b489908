"""Lists for the bank: batches, their parts and their lines, written in bulk.

Guarantees: one batch a paying unit and fund; lines are numbered from 1 in the order of their place; a township's lines
are one part; every total is the sum of the lines written here. The caller has authorised, holds the month's lock, and
writes the audit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.areas.public import get_area
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, NotFound
from shouwang.kernel.ids import new_id
from shouwang.kernel.scope import lies_within
from shouwang.ledger.public import Fund, funds_for

from ..models import BatchMove, BatchPart, BenefitRun, PaymentAttempt, PaymentBatch
from ..rules.places import PayingUnit, PayingUnits
from ..states import AttemptState, BatchState, BatchVerb, Channel, Programme
from .staging import insert_rows, new_uuids

_PREFIXES = {
    Programme.DIBAO: "DB",
    Programme.TEKUN: "TK",
    Programme.TEMPORARY_RELIEF: "LS",
    Programme.PRICE_SUBSIDY: "JG",
    Programme.DISABILITY_LIVING: "CJ",
    Programme.DISABILITY_NURSING: "HL",
    Programme.ORPHAN: "GE",
    Programme.UNATTENDED_CHILD: "SW",
    Programme.OLD_AGE: "GL",
    Programme.ONE_OFF: "YC",
}


@dataclass(frozen=True, slots=True)
class ListLine:
    """A payable to be paid by a list. A line of history has no account: the money arrived before this system knew."""

    payable_id: UUID
    area_code: int
    amount_fen: int
    account_id: UUID | None


@dataclass(frozen=True, slots=True)
class WrittenLine:
    attempt_id: UUID
    part_id: UUID
    line: ListLine


@dataclass(frozen=True, slots=True)
class WrittenList:
    """A batch with its parts by place and its lines in order."""

    batch: PaymentBatch
    parts: tuple[BatchPart, ...]
    lines: tuple[WrittenLine, ...]


@dataclass(frozen=True, slots=True)
class ListKind:
    """What sort of list: `tag` stands in its number. An ordinary list starts the chain; history has passed it."""

    tag: str
    is_reissue: bool = False
    is_history: bool = False


ORDINARY = ListKind("")
SUPPLEMENT = ListKind("S")
REISSUE = ListKind("R", is_reissue=True)
HISTORY = ListKind("H", is_history=True)


@dataclass(frozen=True, slots=True)
class PartSum:
    """What one place of a unit answers for."""

    area_code: int
    line_count: int
    amount_fen: int


@dataclass(frozen=True, slots=True)
class ListHeader:
    """A batch with its parts in the order of their places."""

    batch: PaymentBatch
    parts: tuple[BatchPart, ...]


def write_headers(
    *,
    actor: Actor,
    programme: str,
    benefit_month: date,
    sums: Sequence[tuple[PayingUnit, Sequence[PartSum]]],
    kind: ListKind,
    run: BenefitRun | None = None,
) -> list[ListHeader]:
    """Batches, parts and the first step, for lines that the caller writes. Raises Conflict when a unit has no fund."""
    funds = _Funds(actor, programme)
    headers = [_header(actor, programme, benefit_month, unit, parts, kind, run, funds.of(unit)) for unit, parts in sums]
    PaymentBatch.objects.bulk_create([one.batch for one in headers])
    BatchPart.objects.bulk_create([part for one in headers for part in one.parts])
    BatchMove.objects.bulk_create([_opening_move(actor, one.batch) for one in headers])
    return headers


def write_lists(
    *,
    actor: Actor,
    programme: str,
    benefit_month: date,
    units: Sequence[PayingUnit],
    lines: Iterable[ListLine],
    kind: ListKind,
    run: BenefitRun | None = None,
) -> list[WrittenList]:
    """One batch for each unit that has lines. Raises Conflict when a unit has no fund for the programme."""
    placed = [(unit, _by_part(unit, unit_lines)) for unit, unit_lines in _by_unit(units, lines)]
    headers = write_headers(
        actor=actor,
        programme=programme,
        benefit_month=benefit_month,
        sums=[
            (unit, [PartSum(code, len(part), sum(line.amount_fen for line in part)) for code, part in parts])
            for unit, parts in placed
        ],
        kind=kind,
        run=run,
    )
    written = [
        WrittenList(
            header.batch,
            header.parts,
            tuple(
                WrittenLine(made, part.id, line)
                for part, (_code, members) in zip(header.parts, parts, strict=True)
                for made, line in zip(new_uuids(len(members)), members, strict=True)
            ),
        )
        for header, (_unit, parts) in zip(headers, placed, strict=True)
    ]
    now = clock.now()
    state = AttemptState.SUCCEEDED if kind.is_history else AttemptState.OPEN
    insert_rows(
        PaymentAttempt,
        ("id", "payable_id", "batch_id", "line_number", "part_id", "channel", "account_id", "amount_fen", "area_code",
         "state", "recorded_at"),
        (
            (row.attempt_id, row.line.payable_id, one.batch.id, number, row.part_id, Channel.BANK, row.line.account_id,
             row.line.amount_fen, row.line.area_code, state, now)
            for one in written
            for number, row in enumerate(one.lines, 1)
        ),
    )  # fmt: skip
    return written


def _by_part(unit: PayingUnit, lines: Iterable[ListLine]) -> list[tuple[int, list[ListLine]]]:
    placed = sorted(lines, key=lambda line: (unit.part_of(line.area_code), line.area_code))
    return [(code, list(group)) for code, group in groupby(placed, key=lambda line: unit.part_of(line.area_code))]


def _by_unit(units: Sequence[PayingUnit], lines: Iterable[ListLine]) -> list[tuple[PayingUnit, list[ListLine]]]:
    directory = PayingUnits(units)
    sorted_lines: dict[int, list[ListLine]] = defaultdict(list)
    for line in lines:
        unit = directory.of(line.area_code)
        if unit is None:
            raise NotFound(_("有对象不在所选区划内，未生成清册"), reason="list.outside", area_code=line.area_code)
        sorted_lines[unit.code].append(line)
    return [(unit, sorted_lines[unit.code]) for unit in units if sorted_lines[unit.code]]


def _header(
    actor: Actor,
    programme: str,
    benefit_month: date,
    unit: PayingUnit,
    parts: Sequence[PartSum],
    kind: ListKind,
    run: BenefitRun | None,
    fund: Fund,
) -> ListHeader:
    batch = PaymentBatch(
        id=new_id(),
        number=_next_number(programme, benefit_month, unit, kind),
        run=run,
        programme=programme,
        benefit_month=benefit_month,
        area_code=unit.code,
        fund=fund,
        state=BatchState.RECONCILED if kind.is_history else BatchState.DRAFTED,
        line_count=sum(part.line_count for part in parts),
        part_count=len(parts),
        amount_fen=sum(part.amount_fen for part in parts),
        is_reissue=kind.is_reissue,
        is_history=kind.is_history,
        recorded_at=clock.now(),
        recorded_by=actor.user_id,
    )
    return ListHeader(
        batch,
        tuple(
            BatchPart(
                id=new_id(),
                batch=batch,
                area_code=part.area_code,
                line_count=part.line_count,
                amount_fen=part.amount_fen,
            )
            for part in parts
        ),
    )


def _next_number(programme: str, benefit_month: date, unit: PayingUnit, kind: ListKind) -> str:
    """DB202003-370703-01: programme, month, unit and a serial, with R for a re-issue; the month's lock keeps it unique."""
    stem = f"{_PREFIXES[Programme(programme)]}{benefit_month:%Y%m}-{unit.code // 10**9}-{kind.tag}"
    serial = PaymentBatch.objects.filter(number__regex=rf"^{stem}\d+$").count() + 1
    return f"{stem}{serial:02d}"


def _opening_move(actor: Actor, batch: PaymentBatch) -> BatchMove:
    return BatchMove(
        batch=batch,
        position=1,
        verb=BatchVerb.OPEN,
        from_state="",
        to_state=batch.state,
        user_id=actor.user_id,
        post_id=actor.post_id,
        actor_name=actor.name,
        recorded_at=clock.now(),
        area_code=batch.area_code,
    )


class _Funds:
    """The fund that pays a programme in a unit: of those that may, the one of the smallest area around the unit."""

    def __init__(self, actor: Actor, programme: str) -> None:
        self._programme = programme
        funds = funds_for(actor, programme)
        spans = {code: get_area(code).span for code in {fund.area_code for fund in funds}}
        self._funds = [(spans[fund.area_code], fund) for fund in funds]

    def of(self, unit: PayingUnit) -> Fund:
        near = [
            (sum(high - low for low, high in spans), fund.code, fund)
            for spans, fund in self._funds
            if lies_within(unit.code, spans)
        ]
        if not near:
            raise Conflict(
                _("%(unit)s没有可以发放%(programme)s的资金，请财务先建立资金并拨入")
                % {"unit": unit.name, "programme": Programme(self._programme).label},
                reason="list.no_fund",
                area_code=unit.code,
            )
        return min(near, key=lambda entry: entry[:2])[2]
