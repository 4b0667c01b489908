"""What a change of parameters would do: is it sound, what does it replace, whom does it reach, what is paid already.

Writes nothing, so that a page shows the same findings before a notice is proposed that the command will check again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.db.models import Sum
from django.utils.translation import gettext as _

from shouwang.areas.public import area_chains, area_names, get_area
from shouwang.kernel import clock
from shouwang.kernel.errors import Invalid
from shouwang.kernel.scope import spans_q

from ..models import ParameterNotice, PaymentBatch
from ..rules.benefits.catalogue import key_of
from ..rules.benefits.parameter_files import FOLLOW
from ..rules.benefits.parameters import ParameterRow, Parameters, ParametersRefused, Status, check_change
from ..rules.monthly import next_month
from ..rules.parameter_groups import group_of_programme, groups_reached
from ..rules.parameter_words import Replacement, announcement
from ..states import ParameterStatus

NOTICE_VALUES_MAX = 2_000


@dataclass(frozen=True, slots=True)
class ProposedValue:
    """One value as proposed; `text` None: follow the area above from that day on. Without a number, the notice's."""

    key: str
    area_code: int
    valid_from: date
    text: str | None
    unit: str
    source_article: str = ""
    source_number: str = ""
    status: str = ParameterStatus.CONFIRMED


@dataclass(frozen=True, slots=True)
class ProposedNotice:
    """A notice as proposed: its head, its values and the text for publication."""

    number: str
    title: str
    area_code: int
    effective_on: date
    values: tuple[ProposedValue, ...]
    announcement: str = ""
    is_retroactive: bool = False
    document_id: UUID | None = None

    def rows(self) -> list[ParameterRow]:
        """The values as rows in the notice's order, of one parameter and area by their days; as if known from now on."""
        recorded_at = clock.now()
        rows = [
            ParameterRow(
                value.key,
                value.area_code,
                value.valid_from,
                value.text,
                value.unit,
                value.source_number or self.number,
                value.source_article,
                Status(value.status),
                recorded_at,
            )
            for value in self.values
        ]
        places = {(row.key, row.area_code): place for place, row in reversed(list(enumerate(rows)))}
        return sorted(rows, key=lambda row: (places[row.key, row.area_code], row.valid_from))


def values_of(rows: Iterable[ParameterRow]) -> tuple[ProposedValue, ...]:
    """The rows of a file as values to propose."""
    return tuple(
        ProposedValue(
            row.key,
            row.area_code,
            row.valid_from,
            row.text,
            row.unit,
            row.source_article,
            row.source_number,
            row.status.value,
        )
        for row in rows
    )


def proposed_of(notice: ParameterNotice) -> ProposedNotice:
    """A stored notice as it was proposed."""
    values = notice.values.order_by("position")
    return ProposedNotice(
        number=notice.number,
        title=notice.title,
        area_code=notice.area_code,
        effective_on=notice.effective_on,
        values=tuple(
            ProposedValue(
                key=value.key,
                area_code=value.area_code,
                valid_from=value.valid_from,
                text=value.text,
                unit=value.unit,
                source_article=value.source_article,
                source_number=value.source_number,
                status=value.status,
            )
            for value in values
        ),
        announcement=notice.announcement,
        is_retroactive=notice.is_retroactive,
        document_id=notice.document_id,
    )


@dataclass(frozen=True, slots=True)
class Change:
    """One value of a notice beside what it replaces (None: nothing held there on that day).

    `now`: what holds with the notice, which is the new value unless it gives its area back to the one above.
    `units`: paying units that follow the new value; `paid_months`: months already paid there for which it would have
    held; `line_count`: lines of the latest month paid there, over the programmes that the value reaches.
    """

    old: ParameterRow | None
    new: ParameterRow
    now: ParameterRow | None
    units: tuple[int, ...]
    paid_months: tuple[date, ...]
    line_count: int


class Payments:
    """What the units of an area had paid before `as_of`, by unit, programme and month; within the connection's scope."""

    def __init__(self, area_code: int, as_of: datetime | None = None) -> None:
        batches = PaymentBatch.objects.filter(spans_q(get_area(area_code).span), is_reissue=False)
        if as_of is not None:
            batches = batches.filter(recorded_at__lt=as_of)
        rows = batches.values_list("area_code", "programme", "benefit_month").annotate(lines=Sum("line_count"))
        self._rows = list(rows.order_by("benefit_month", "area_code", "programme"))
        self._chains = area_chains({unit for unit, *_rest in self._rows})

    def under(self, row: ParameterRow, after: Parameters) -> tuple[set[int], list[date], int]:
        """Units, months and lines paid for which `row` would hold, were `after` in force."""
        reached = groups_reached(row.key)
        lines: dict[tuple[int, str], int] = {}
        months: set[date] = set()
        for unit, programme, month, count in self._rows:
            if group_of_programme(programme) not in reached:
                continue
            held_in = max(month, row.valid_from) if not key_of(row.key).is_monthly else month
            if after.find(row.key, self._chains[unit], held_in) is row:
                lines[unit, programme] = count
                if month >= row.valid_from:
                    months.add(month)
        return {unit for unit, _programme in lines}, sorted(months), sum(lines.values())


def check_values(proposed: ProposedNotice, known: Sequence[ParameterRow]) -> list[Change]:
    """The changes. Raises ParametersRefused with every problem: unknown keys, absurd values, overlaps, paid months."""
    if not 0 < len(proposed.values) <= NOTICE_VALUES_MAX:
        raise Invalid(
            _("一份通知要有 1 到 %(most)s 项标准") % {"most": NOTICE_VALUES_MAX}, reason="parameter_notice.size"
        )
    rows = proposed.rows()
    refusals = [refused for row in rows if (refused := _refusal_of_value(row)) is not None]
    if refusals:
        raise _refused(refusals)
    changes = _changes(proposed, rows, known)
    before = list(known)
    for change in changes:
        try:
            check_change(
                before,
                change.new,
                first_open_month=_first_open_month(change),
                is_retroactive=proposed.is_retroactive,
            )
        except Invalid as refused:
            refusals.append(refused)
        before.append(change.new)
    if refusals:
        raise _refused(refusals)
    return changes


def _refusal_of_value(row: ParameterRow) -> Invalid | None:
    try:
        entry = key_of(row.key)
        if row.text is not None:
            entry.parse(row.text, row.unit)
        elif not entry.allows(row.unit):
            entry.parse("", row.unit)
        if entry.is_monthly and row.valid_from.day != 1:
            raise Invalid(
                _("“%(label)s”按月取值，起始日期应为那个月的 1 日，填写的是 %(day)s")
                % {"label": entry.label, "day": row.valid_from},
                reason="parameter.not_a_month",
                key=row.key,
            )
    except Invalid as refused:
        return refused
    return None


def _refused(refusals: Sequence[Invalid]) -> ParametersRefused:
    problems = tuple(dict.fromkeys(refusal.message for refusal in refusals))
    return ParametersRefused(
        "；".join(problems),
        reason=refusals[0].reason,
        problems=problems,
        reasons=tuple(refusal.reason for refusal in refusals),
    )


def _first_open_month(change: Change) -> date:
    """The first month that nobody has been paid for; a day that reaches no paid month is open itself."""
    if not change.paid_months:
        return change.new.valid_from
    return next_month(change.paid_months[-1])


def changes_of(notice: ProposedNotice, known: Sequence[ParameterRow], *, as_of: datetime | None = None) -> list[Change]:
    """Each value with what holds on its day without it: the area's own value, else that of the area above.

    `as_of` cuts the payments that count as made, for a notice that is decided.
    """
    return _changes(notice, notice.rows(), known, as_of)


def _changes(
    notice: ProposedNotice,
    rows: Sequence[ParameterRow],
    known: Sequence[ParameterRow],
    as_of: datetime | None = None,
) -> list[Change]:
    chains = area_chains({row.area_code for row in rows})
    # A row that gives its area back to the one above is never found; with a text in it, it tells whom it reaches.
    probes = [row if row.text is not None else replace(row, text=FOLLOW) for row in rows]
    before, probing, payments = Parameters(known), Parameters([*known, *probes]), Payments(notice.area_code, as_of)
    after = Parameters([*known, *rows])
    changes = []
    for row, probe in zip(rows, probes, strict=True):
        units, months, lines = payments.under(probe, probing)
        old, now = (one.find(row.key, chains[row.area_code], row.valid_from) for one in (before, after))
        changes.append(Change(old, row, now, tuple(sorted(units)), tuple(months), lines))
    return changes


def announcement_of(notice: ProposedNotice, changes: Sequence[Change], *, issuer: str = "") -> str:
    """The text for publication, to be edited before the notice is proposed."""
    codes = {notice.area_code, *(change.new.area_code for change in changes)}
    names = area_names(list(codes))
    return announcement(
        number=notice.number.strip(),
        title=notice.title.strip(),
        issuer=issuer or _("%(area)s民政局") % {"area": names[notice.area_code]},
        on=clock.today(),
        changes=[Replacement(change.old, change.new, change.paid_months) for change in changes],
        name_of=lambda code: names[code],
    )
