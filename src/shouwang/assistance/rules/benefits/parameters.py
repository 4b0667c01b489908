"""Dated parameters 参数: values by area, day and what was known when, with the fall-back to the area above.

A row says from which day a value holds in an area and since when that is known; what follows ends it, so an overlap
cannot be written. The nearest area with a value wins, whatever the areas above it say later; a row without a value
("随上级") gives the area back to the one above. Refuses files and changes that are unknown, doubled, out of order or absurd.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from django.utils.translation import gettext as _

from shouwang.kernel.errors import Invalid

from .catalogue import Unit, Value, catalogue, key_of
from .parameter_files import read_entries

NATION = 0
"""The area code of what holds everywhere 全国; every chain of areas ends in it."""

VALUES = Path(__file__).parent / "values"


class Status(StrEnum):
    CONFIRMED = "confirmed"
    PLACEHOLDER = "placeholder"


class MissingParameter(Invalid):
    """No area on the way up has a value: a run stops before anybody is paid."""

    code = "parameter_missing"


class ParametersRefused(Invalid):
    """A file of parameters has problems; `problems` holds all of them, in its order."""

    code = "parameters_refused"


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """One dated value. `text` None: follow the area above from that day on. `recorded_at` None: known from the start."""

    key: str
    area_code: int
    valid_from: date
    text: str | None
    unit: str
    source_number: str
    source_article: str = ""
    status: Status = Status.CONFIRMED
    recorded_at: datetime | None = None

    @property
    def value(self) -> Value:
        """Raises Invalid for what the catalogue refuses; never asked of a row without a value."""
        assert self.text is not None
        return key_of(self.key).parse(self.text, self.unit)

    def value_in(self, month: date) -> Value:
        """As `value`; what is given for a year falls to its months so that the twelve add up to it."""
        value = self.value
        if self.unit != Unit.PER_YEAR:
            return value
        assert isinstance(value, int)
        return value * month.month // 12 - value * (month.month - 1) // 12

    @property
    def source(self) -> str:
        return f"{self.source_number}{self.source_article}"


@dataclass(frozen=True, slots=True)
class StandardsRow:
    """Every parameter of one unit for one benefit month: the row of the table of standards, and where each value is from."""

    unit_code: int
    benefit_month: date
    values: Mapping[str, Value]
    rows: Mapping[str, ParameterRow]

    def placeholders(self, keys: Iterable[str]) -> list[ParameterRow]:
        """The rows among `keys` that no bureau has confirmed."""
        return [self.rows[key] for key in keys if key in self.rows and self.rows[key].status is Status.PLACEHOLDER]

    def columns(self) -> dict[str, Value | date | None]:
        """As the table of standards has it; a parameter that nobody needed and nobody set is None."""
        columns: dict[str, Value | date | None] = {"unit_code": self.unit_code, "benefit_month": self.benefit_month}
        for key, entry in catalogue().items():
            columns[entry.column] = self.values.get(key)
        return columns

    def number(self, key: str) -> int:
        value = self.values[key]
        assert isinstance(value, int)
        return value

    def text(self, key: str) -> str:
        value = self.values[key]
        assert isinstance(value, str)
        return value


class Parameters:
    """Rows ready to be looked up in."""

    def __init__(self, rows: Iterable[ParameterRow]) -> None:
        self._versions: dict[tuple[str, int], list[ParameterRow]] = defaultdict(list)
        for row in rows:
            self._versions[row.key, row.area_code].append(row)
        for versions in self._versions.values():
            versions.sort(key=lambda row: (row.valid_from, row.recorded_at.timestamp() if row.recorded_at else 0.0))

    def find(
        self, key: str, unit_chain: Sequence[int], on: date, known_at: datetime | None = None
    ) -> ParameterRow | None:
        """The row in force on a day, the nearest area first; None when there is none or the parameter is `absent`."""
        is_monthly = key_of(key).is_monthly
        for area_code in (*unit_chain, NATION):
            row = self._version(key, area_code, on, known_at)
            if row is not None and row.text is not None and (not is_monthly or row.valid_from == on.replace(day=1)):
                return row
        return None

    def _version(self, key: str, area_code: int, on: date, known_at: datetime | None) -> ParameterRow | None:
        versions = self._versions.get((key, area_code), [])
        for row in reversed(versions[: bisect_right(versions, on, key=lambda row: row.valid_from)]):
            if known_at is None or row.recorded_at is None or row.recorded_at <= known_at:
                return row
        return None

    def standards_row(
        self,
        unit_chain: Sequence[int],
        month: date,
        *,
        keys: Iterable[str],
        known_at: datetime | None = None,
    ) -> StandardsRow:
        """The row of the first area of the chain. Raises MissingParameter naming area, month and key."""
        needed = set(keys)
        values: dict[str, Value] = {}
        rows: dict[str, ParameterRow] = {}
        for key, entry in catalogue().items():
            row = self.find(key, unit_chain, month, known_at)
            if row is not None:
                rows[key], values[key] = row, row.value_in(month)
            elif entry.absent is not None:
                values[key] = entry.absent
            elif key in needed:
                raise missing(key, unit_chain[0], month)
        return StandardsRow(unit_chain[0], month, values, rows)


def missing(key: str, area_code: int, month: date, area_name: str = "") -> MissingParameter:
    place = area_name or str(area_code)
    return MissingParameter(
        _("%(area)s %(month)s 没有“%(label)s”（%(key)s），请先录入当地标准")
        % {"area": place, "month": f"{month:%Y年%-m月}", "label": key_of(key).label, "key": key},
        reason="parameter.missing",
        key=key,
        area_code=area_code,
        month=month.isoformat(),
    )


def standards_row(
    rows: Iterable[ParameterRow],
    unit_chain: Sequence[int],
    on: date,
    known_at: datetime | None = None,
    *,
    keys: Iterable[str] = (),
) -> StandardsRow:
    """One unit's row from bare rows; for many units make `Parameters` once."""
    return Parameters(rows).standards_row(unit_chain, on, keys=keys, known_at=known_at)


def read_parameters(text: str, *, where: str) -> tuple[ParameterRow, ...]:
    """The rows of a YAML file. Raises ParametersRefused with every problem; `where` names the file in it."""
    problems: list[str] = []
    rows: list[ParameterRow] = []
    for entry in read_entries(text, problems):
        row = ParameterRow(**{**entry, "status": Status(entry["status"])})
        try:
            if row.text is not None:
                key_of(row.key).parse(row.text, row.unit)
        except Invalid as refused:
            problems.append(refused.message)
        rows.append(row)
    problems += list(_order_problems(rows))
    if problems:
        raise ParametersRefused(
            f"{where}：" + "；".join(problems), reason="parameter.file", problems=tuple(problems), where=where
        )
    return tuple(rows)


def _order_problems(rows: Sequence[ParameterRow]) -> Iterator[str]:
    """Versions of one parameter and area stand in the order of their days, none twice."""
    last: dict[tuple[str, int], ParameterRow] = {}
    for row in rows:
        before = last.get((row.key, row.area_code))
        last[row.key, row.area_code] = row
        if before is None or before.valid_from < row.valid_from or row.recorded_at is not None:
            continue
        words = {"key": row.key, "area": row.area_code, "day": row.valid_from, "before": before.valid_from}
        if before.valid_from == row.valid_from:
            yield _("%(key)s 在 %(area)s 自 %(day)s 起的值写了两次") % words
        else:
            yield _("%(key)s 在 %(area)s 自 %(day)s 起的值排在 %(before)s 之后，先后颠倒") % words


@lru_cache(maxsize=1)
def shipped() -> tuple[ParameterRow, ...]:
    """What the product brings along: the nation's values, and the provinces' where a source was found."""
    return tuple(
        row
        for path in sorted(VALUES.glob("*.yaml"))
        for row in read_parameters(path.read_text(encoding="utf-8"), where=path.name)
    )


def check_change(
    rows: Iterable[ParameterRow], new: ParameterRow, *, first_open_month: date, is_retroactive: bool = False
) -> None:
    """Whether a bureau may add a version. Raises Invalid with reason parameter.* saying why not.

    `first_open_month`: the first month that nobody has been paid for. An earlier day means arrears or recovery, so it
    must be asked for as such (`is_retroactive`), with the notice that says so.
    """
    entry = key_of(new.key)
    if new.text is not None:
        entry.parse(new.text, new.unit)
    own = [row for row in rows if (row.key, row.area_code) == (new.key, new.area_code)]
    words = {"label": entry.label, "day": new.valid_from}
    for row in own:
        is_same = (row.valid_from, row.text, row.unit) == (new.valid_from, new.text, new.unit)
        if is_same and row.source == new.source and row.status == new.status:
            raise Invalid(_("“%(label)s”自 %(day)s 起已经是这个值") % words, reason="parameter.unchanged", key=new.key)
    if is_retroactive:
        if not new.source_number.strip():
            raise Invalid(_("追溯调整“%(label)s”要写明依据的文号") % words, reason="parameter.source", key=new.key)
        return
    if new.valid_from < first_open_month:
        raise Invalid(
            _("“%(label)s”自 %(day)s 起生效，早于尚未发放的第一个月 %(month)s；追溯调整请注明，并补发或追回")
            % {**words, "month": f"{first_open_month:%Y-%m}"},
            reason="parameter.retroactive",
            key=new.key,
        )
    later = [row for row in own if row.valid_from >= new.valid_from]
    if later:
        raise Invalid(
            _("“%(label)s”已经有自 %(later)s 起的值，与自 %(day)s 起的新值重叠")
            % {**words, "later": min(row.valid_from for row in later)},
            reason="parameter.overlap",
            key=new.key,
        )
