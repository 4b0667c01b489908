"""Parameters as pages show them: what holds in an area in a month, the history of one, notices and what waits.

What is confirmed is for everyone who may read payments; a notice that waits, or was handed back, for its own area only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from shouwang.areas.public import area_chains, area_names, get_area, reporting_units
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotFound
from shouwang.kernel.worklist import WorkItem

from ..models import ParameterDecision, ParameterNotice
from ..policies import ensure_may_read_payments
from ..policies_parameters import DECIDES_PARAMETERS
from ..rules.benefits.catalogue import ParameterKey, catalogue, key_of
from ..rules.benefits.parameters import NATION, ParameterRow, Parameters, shipped
from ..rules.parameter_groups import GROUPS, group_of
from ..rules.parameter_words import source_words, value_words
from ..states import NoticeVerdict
from .parameters import area_label, decided_rows, placeholders_of


@dataclass(frozen=True, slots=True)
class Holding:
    """A parameter in an area and month. `row` None: nobody has set it; `absent` then says what is done without."""

    entry: ParameterKey
    row: ParameterRow | None
    source_area: str
    is_own: bool
    notice_id: UUID | None

    @property
    def group(self) -> str:
        return str(GROUPS[group_of(self.entry.key)])

    @property
    def value(self) -> str:
        if self.row is not None:
            return value_words(self.row)
        if self.entry.absent is None:
            return ""
        return self.entry.show(self.entry.absent)

    @property
    def source(self) -> str:
        return "" if self.row is None else source_words(self.row)

    @property
    def state(self) -> str:
        """placeholder, confirmed, absent (there is a way to do without it) or missing (a run stops)."""
        if self.row is None:
            return "missing" if self.entry.absent is None else "absent"
        return self.row.status.value


def list_parameters_for(
    actor: Actor, *, area_code: int, month: date, group: str = "", text: str = "", state: str = ""
) -> list[Holding]:
    """Every parameter of the catalogue as it holds in the area in the month, in the catalogue's order."""
    ensure_may_read_payments(actor)
    (chain,) = area_chains([area_code]).values()
    decided = decided_rows(areas={*chain, NATION})
    notices = {id(row): notice for notice, row in decided}
    parameters = Parameters([*shipped(), *(row for _notice, row in decided)])
    names = area_names(chain)
    holdings = []
    for key, entry in catalogue().items():
        if (group and group_of(key) != group) or (text and text not in f"{entry.label} {key} {entry.meaning}"):
            continue
        row = parameters.find(key, chain, month)
        source = "" if row is None else area_label(row.area_code, names)
        is_own = row is not None and row.area_code == area_code
        holding = Holding(entry, row, source, is_own, notices.get(id(row)))
        if not state or holding.state == state:
            holdings.append(holding)
    return holdings


def placeholder_words(programmes: Iterable[str], area_code: int, month: date) -> list[str]:
    """What amounts rest on that no bureau stands by, in words: "城市低保标准 每人每月 600 元（寒亭区）"."""
    return words_of(placeholders_of(programmes, area_code, month))


def words_of(rows: Sequence[ParameterRow]) -> list[str]:
    """Each row with its label, value and area."""
    names = area_names([row.area_code for row in rows])
    return [f"{key_of(row.key).label} {value_words(row)}（{area_label(row.area_code, names)}）" for row in rows]


@dataclass(frozen=True, slots=True)
class Version:
    """From a day on a row holds in an area; `until` is the day on which another takes over."""

    valid_from: date
    until: date | None
    row: ParameterRow | None
    source_area: str

    @property
    def source(self) -> str:
        return "" if self.row is None else source_words(self.row)


@dataclass(frozen=True, slots=True)
class Record:
    """A row as it was put on record: by which notice, when, by whom."""

    row: ParameterRow
    source_area: str
    notice: ParameterNotice | None

    @property
    def source(self) -> str:
        return source_words(self.row)


@dataclass(frozen=True, slots=True)
class History:
    """One parameter in one area on both axes: what held when as known at a moment, and what was recorded when."""

    entry: ParameterKey
    versions: list[Version]
    records: list[Record]


def get_history_for(actor: Actor, *, key: str, area_code: int, known_at: datetime | None = None) -> History:
    """Raises NotFound for a key that the catalogue has not."""
    ensure_may_read_payments(actor)
    if key not in catalogue():
        raise NotFound(_("没有“%(key)s”这个参数") % {"key": key}, reason="parameter.unknown", key=key)
    (chain,) = area_chains([area_code]).values()
    around = {*chain, NATION}
    own = [row for row in shipped() if row.key == key and row.area_code in around]
    decided = [(notice, row) for notice, row in decided_rows(areas=around) if row.key == key]
    names = area_names(chain)
    known = [row for _notice, row in decided if known_at is None or _known(row, known_at)]
    versions = _versions(Parameters([*own, *known]), key, chain, [*own, *known], names)
    notices = ParameterNotice.objects.select_related("decision").in_bulk({notice for notice, _row in decided})
    records = [Record(row, area_label(row.area_code, names), notices[notice]) for notice, row in reversed(decided)]
    records += [Record(row, area_label(row.area_code, names), None) for row in reversed(own)]
    return History(key_of(key), versions, records)


def _known(row: ParameterRow, known_at: datetime) -> bool:
    return row.recorded_at is not None and row.recorded_at < known_at


def _versions(
    parameters: Parameters, key: str, chain: Sequence[int], rows: Sequence[ParameterRow], names: dict[int, str]
) -> list[Version]:
    """The newest first. What lasts for its own month only stands beside the others with that month."""
    versions: list[Version] = []
    until: date | None = None
    for day in sorted({row.valid_from for row in rows}, reverse=True):
        row = parameters.find(key, chain, day)
        if versions and versions[-1].row is row:
            last = versions.pop()
            versions.append(Version(day, last.until, row, last.source_area))
        else:
            versions.append(Version(day, until, row, "" if row is None else area_label(row.area_code, names)))
        until = day
    return versions


def list_notices_for(actor: Actor, *, state: str = "") -> QuerySet[ParameterNotice]:
    """Notices of the actor's areas, and what the areas around them have put in force; the newest first.

    `state`: waiting, confirmed or refused.
    """
    ensure_may_read_payments(actor)
    (chain,) = area_chains([actor.area_code]).values()
    around = Q(area_code__in=chain, decision__verdict=NoticeVerdict.CONFIRMED)
    notices = ParameterNotice.objects.filter(actor.scope.q() | around)
    if state == "waiting":
        notices = notices.filter(decision=None)
    elif state:
        notices = notices.filter(decision__verdict=state)
    return notices.select_related("decision").order_by("-recorded_at", "-id")


def get_notice_for(actor: Actor, notice_id: UUID) -> ParameterNotice:
    """Raises NotFound, also for what another area has only proposed."""
    ensure_may_read_payments(actor)
    seen = actor.scope.q() | Q(decision__verdict=NoticeVerdict.CONFIRMED)
    notice = ParameterNotice.objects.filter(seen, id=notice_id).select_related("decision", "document").first()
    if notice is None:
        raise NotFound(_("没有这份通知，可能不在您的辖区"), reason="parameter_notice.unknown", notice_id=notice_id)
    return notice


def decision_of(notice: ParameterNotice) -> ParameterDecision | None:
    return getattr(notice, "decision", None)


def waiting_notices_for(actor: Actor) -> QuerySet[ParameterNotice]:
    """What the actor may decide, the oldest first: another officer's, in their own areas."""
    if actor.role not in DECIDES_PARAMETERS or actor.user_id is None:
        return ParameterNotice.objects.none()
    waiting = ParameterNotice.objects.filter(actor.scope.q(), decision=None).exclude(recorded_by=actor.user_id)
    return waiting.order_by("recorded_at", "id")


def notices_waiting_for(actor: Actor, limit: int) -> list[WorkItem]:
    """For 今天: a notice that one officer has proposed waits for the second one's word."""
    return [
        WorkItem(
            kind=_("标准与参数"),
            title=f"{notice.number} {notice.title}",
            action=_("确认"),
            url=reverse("parameter_notice_page", args=[notice.id]),
        )
        for notice in waiting_notices_for(actor)[:limit]
    ]


def issuing_areas(actor: Actor) -> list[tuple[int, str]]:
    """The areas whose standards the actor may propose: a county its own, a city its own and each unit's."""
    own = get_area(actor.area_code)
    units = [(code, name) for code, name, _spans in reporting_units(own.code) if code != own.code]
    return [(own.code, own.name), *(units if own.level == "city" else [])]
