"""Who lives together: rows of a sheet -> households.

The way is chosen by the columns that the sheet has, in this order:
1. a household number 户号: rows with one number are one household, wherever they stand;
2. the head's ID number 户主身份证号: likewise;
3. the head's name 户主姓名: rows that follow one another under one name, a new household where the name changes or the
   relation says 户主 again;
4. the relation 与户主关系: 户主 begins a household, the rows below belong to it;
5. only a list of heads (户主姓名 and nobody else's name): each row is a household.
In 1 to 3 a blank cell (merged cells) means the value above it.

Guarantees: every data row is in exactly one household; an ID number that stands twice refuses both rows and names both.
A household with a refused row is refused whole: the others say which row holds them back. Households are given as soon
as their last row is read; only rows of households that are scattered over the sheet wait in memory. Beside them some
fifteen bytes a row are held; what was seen where is on disk.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from enum import Enum
from typing import NamedTuple

from django.utils.translation import gettext as _

from shouwang.kernel.spreadsheets import Column, Row, Sheet
from shouwang.kernel.spreadsheets.reading import Value

from ..commands.load_rows import HouseholdRow, MemberRow
from ..states import Relation
from .columns import COLUMNS, RELATIONS
from .parse import ParsedRow, RowReader, squeezed
from .seen import FirstSeen


class GroupBy(Enum):
    NUMBER = "household"
    HEAD_ID = "head_id"
    HEAD_NAME = "head_name"
    RELATION = "relation"
    HEADS_ONLY = "name"


_KEY_COLUMNS = frozenset({"household", "head_id", "head_name", "relation", "name", "id_number", "village"})


class ParsedHousehold(NamedTuple):
    """The rows of one household in the file. `row` is None when `reasons` (row number -> why) is not empty."""

    numbers: tuple[int, ...]
    names: tuple[str, ...]
    row: HouseholdRow | None
    reasons: Mapping[int, Sequence[str]]


def way_of(mapping: Mapping[str, int]) -> GroupBy | None:
    """How the matched columns say who lives together; None when they do not."""
    if "name" not in mapping and "head_name" in mapping:
        return GroupBy.HEADS_ONLY
    return next((way for way in GroupBy if way is not GroupBy.HEADS_ONLY and way.value in mapping), None)


def settled(mapping: Mapping[str, int]) -> dict[str, int]:
    """In a list of heads the head's name and number are the person's."""
    found = dict(mapping)
    if way_of(mapping) is GroupBy.HEADS_ONLY:
        found["name"] = found.pop("head_name")
        if "id_number" not in found and "head_id" in found:
            found["id_number"] = found.pop("head_id")
    return found


class Households:
    """The households of a sheet, given in order of their last rows. `sheet` has a settled mapping."""

    def __init__(self, sheet: Sheet, *, way: GroupBy, reader: RowReader, since: date, today: date) -> None:
        self._sheet = sheet
        self._way = way
        self._reader = reader
        self._since = since
        self._today = today
        self._village_rows = _merged_rows(sheet, "village")
        self._groups = array("I")
        self._sizes = array("I")
        self._twice = array("I", bytes(array("I").itemsize * (sheet.grid.height + 1)))
        self._index()

    @property
    def row_count(self) -> int:
        return len(self._groups)

    def __iter__(self) -> Iterator[ParsedHousehold]:
        waiting: defaultdict[int, list[Row]] = defaultdict(list)
        village: Value = None
        for position, row in enumerate(self._sheet.rows(today=self._today)):
            if self._village_rows and self._village_rows[row.number - 1]:
                row.cells["village"] = row.cells["village"] or village
            village = row.cells.get("village")
            group = self._groups[position]
            rows = waiting[group]
            rows.append(row)
            if len(rows) == self._sizes[group]:
                yield self._household(waiting.pop(group))

    def _index(self) -> None:
        """First reading: which row belongs to which household, which ID numbers stand twice."""
        first_row = FirstSeen()
        marker = _Marker(self._way)
        for row in self._key_sheet().rows(today=self._today):
            group = marker.group_of(row)
            if group == len(self._sizes):
                self._sizes.append(0)
            self._sizes[group] += 1
            self._groups.append(group)
            number = row.cells.get("id_number")
            if isinstance(number, str):
                before = first_row.setdefault(number, row.number)
                if before != row.number:
                    self._twice[row.number] = before
                    self._twice[before] = self._twice[before] or row.number

    def _key_sheet(self) -> Sheet:
        columns: tuple[Column, ...] = tuple(column for column in COLUMNS if column.key in _KEY_COLUMNS)
        sheet = self._sheet
        return Sheet(grid=sheet.grid, sheet_names=sheet.sheet_names, columns=columns, header=sheet.header)

    def _household(self, rows: list[Row]) -> ParsedHousehold:
        village = head_name = ""
        parsed: list[ParsedRow] = []
        names = []
        for row in rows:
            village = _said(row.cells, "village") or village
            name = _said(row.cells, "name")
            names.append(name)
            head_name = name if self._way is GroupBy.HEADS_ONLY else _said(row.cells, "head_name") or head_name
            parsed.append(self._reader.read(row, village=village or None, head_name=head_name))
        reasons: dict[int, list[str]] = {row.number: list(row.reasons) for row in parsed if row.reasons}
        self._refuse_twice(parsed, reasons)
        if not reasons:
            self._refuse_household(parsed, reasons)
        numbers = tuple(row.number for row in parsed)
        if reasons:
            culprit = min(reasons)
            for number in numbers:
                held_back = _("同一户的第 %(row)s 行有问题，整户未导入") % {"row": culprit}
                reasons.setdefault(number, [held_back])
            return ParsedHousehold(numbers, tuple(names), None, reasons)
        members = tuple(row.member for row in parsed if row.member is not None)
        return ParsedHousehold(numbers, tuple(names), _row_of(parsed, members, self._since), {})

    def _refuse_twice(self, parsed: Sequence[ParsedRow], reasons: dict[int, list[str]]) -> None:
        for row in parsed:
            other = self._twice[row.number]
            if other:
                message = _("身份证号：与第 %(row)s 行相同，请核对哪一行正确") % {"row": other}
                reasons.setdefault(row.number, []).append(message)

    def _refuse_household(self, parsed: Sequence[ParsedRow], reasons: dict[int, list[str]]) -> None:
        heads = [row for row in parsed if row.member is not None and row.member.relation == Relation.HEAD]
        if not heads:
            reasons[parsed[0].number] = [_("这一户没有户主：请在户主一行的“与户主关系”填“户主”")]
        for row in heads[1:]:
            message = _("第 %(row)s 行已经是这一户的户主，每户只有一位户主") % {"row": heads[0].number}
            reasons[row.number] = [message]
        for row in parsed[1:]:
            if row.area_code != parsed[0].area_code:
                reasons[row.number] = [_("与同户第 %(row)s 行的村（社区）不同，请核对") % {"row": parsed[0].number}]


class _Marker:
    """Numbers the households as they begin; blank cells continue the one above."""

    def __init__(self, way: GroupBy) -> None:
        self._way = way
        self._by_key = FirstSeen()
        self._count = 0
        self._current = -1
        self._village = self._name = self._key = ""
        self._has_head = False

    def group_of(self, row: Row) -> int:
        match self._way:
            case GroupBy.NUMBER | GroupBy.HEAD_ID:
                return self._keyed(row)
            case GroupBy.HEAD_NAME:
                return self._named(row)
            case GroupBy.RELATION:
                return self._next() if _is_head(row) or self._current < 0 else self._current
            case GroupBy.HEADS_ONLY:
                return self._next()

    def _keyed(self, row: Row) -> int:
        """A household number counts within its village: every village numbers from 1. Rows that follow one another
        under one number are one household, unless another head begins: a slip in the village does not split it."""
        said = _said(row.cells, self._way.value)
        village = _said(row.cells, "village") if self._way is GroupBy.NUMBER else ""
        moved = bool(village and self._village and village != self._village)
        another_head = self._has_head and _is_head(row) and (moved or not said)
        continues = self._current >= 0 and said in ("", self._key) and not another_head
        self._village = village or self._village
        if not continues:
            self._key = said
            key = f"{self._village}\0{said}" if said else f"\0row {row.number}"
            group = self._by_key.setdefault(key, self._count)
            self._has_head = group != self._count
            self._current = group if self._has_head else self._next()
        self._has_head = self._has_head or _is_head(row)
        return self._current

    def _named(self, row: Row) -> int:
        name = _said(row.cells, "head_name")
        is_head = _is_head(row)
        begins = self._current < 0 or (name and name != self._name) or (is_head and self._has_head)
        if begins:
            self._next()
            self._name = name
            self._has_head = False
        self._has_head = self._has_head or is_head or _said(row.cells, "name") == self._name
        return self._current

    def _next(self) -> int:
        self._current = self._count
        self._count += 1
        return self._current


def _is_head(row: Row) -> bool:
    said = _said(row.cells, "relation")
    return bool(said) and (RELATIONS.get(said) or RELATIONS.get(squeezed(said))) == Relation.HEAD


def _said(cells: Mapping[str, Value], key: str) -> str:
    value = cells.get(key)
    return value if isinstance(value, str) else ""


def _merged_rows(sheet: Sheet, key: str) -> bytearray:
    """For each row 1 when its cell in this column belongs to a merged range: a blank one there means the value above."""
    position = sheet.mapping.get(key)
    return bytearray() if position is None else sheet.grid.merged_rows(position)


def _row_of(parsed: Sequence[ParsedRow], members: tuple[MemberRow, ...], since: date) -> HouseholdRow:
    facts = {fact.kind: fact for row in parsed for fact in row.facts}
    return HouseholdRow(parsed[0].area_code, since, members, tuple(facts.values()))
