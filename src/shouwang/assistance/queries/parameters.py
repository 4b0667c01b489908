"""The parameters that hold: what the product ships and what two officers have put in force, on both axes of time.

`known_at` cuts the moment of the decision half-open (a notice confirmed at that very instant is not known yet); None asks
for all that is known. Refuses (MissingParameter) a month for which a needed value is nowhere on the way up.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from shouwang.areas.public import area_chains, full_names, get_area
from shouwang.kernel.scope import Span, spans_q

from ..models import ParameterValue
from ..rules.benefits.catalogue import key_of
from ..rules.benefits.parameters import (
    NATION,
    MissingParameter,
    ParameterRow,
    Parameters,
    StandardsRow,
    Status,
    missing,
    shipped,
)
from ..rules.parameter_groups import amounts_rest_on
from ..states import NoticeVerdict


def decided_rows(
    known_at: datetime | None = None, *, areas: Collection[int] | None = None, spans: Sequence[Span] = ()
) -> list[tuple[UUID, ParameterRow]]:
    """The confirmed values with the notice that each stands in, in the order in which they became known.

    `areas` and `spans` narrow them to these codes and ranges; a nation's values are never all needed for one page.
    """
    values = ParameterValue.objects.filter(notice__decision__verdict=NoticeVerdict.CONFIRMED)
    if areas is not None:
        values = values.filter(Q(area_code__in=areas) | spans_q(spans))
    if known_at is not None:
        values = values.filter(notice__decision__recorded_at__lt=known_at)
    ordered = values.select_related("notice__decision").order_by(
        "notice__decision__recorded_at", "notice_id", "position"
    )
    return [(value.notice_id, _row(value)) for value in ordered]


def _row(value: ParameterValue) -> ParameterRow:
    return ParameterRow(
        key=value.key,
        area_code=value.area_code,
        valid_from=value.valid_from,
        text=value.text,
        unit=value.unit,
        source_number=value.source_number,
        source_article=value.source_article,
        status=Status(value.status),
        recorded_at=value.notice.decision.recorded_at,
    )


def rows_known(known_at: datetime | None = None) -> list[ParameterRow]:
    return [*shipped(), *(row for _notice, row in decided_rows(known_at))]


def rows_around(area_code: int, known_at: datetime | None = None) -> list[ParameterRow]:
    """The rows that an amount in the area or below it may rest on."""
    (chain,) = area_chains([area_code]).values()
    return [*shipped(), *(row for _notice, row in decided_rows(known_at, areas=chain, spans=get_area(area_code).span))]


def parameters_along(chains: Iterable[Sequence[int]], known_at: datetime | None = None) -> Parameters:
    """The rows of the areas on the way up from some units."""
    areas = {code for chain in chains for code in chain} | {NATION}
    return Parameters([*shipped(), *(row for _notice, row in decided_rows(known_at, areas=areas))])


def parameters_known(known_at: datetime | None = None) -> Parameters:
    """The shipped rows and those confirmed before `known_at`, ready to be looked up in. Needs no scope."""
    return Parameters(rows_known(known_at))


def standards_for(
    unit_codes: Collection[int], month: date, known_at: datetime | None = None, *, keys: Iterable[str] = ()
) -> list[StandardsRow]:
    """One row a paying unit, in the order asked: its own values, else those of the areas around it.

    `month`: the first day of the benefit month. A functional zone follows the city it lies in, not its host county.
    Raises MissingParameter naming the area, the month and the first of `keys` that has no value.
    """
    needed, chains = tuple(keys), area_chains(unit_codes)
    parameters = parameters_along(chains.values(), known_at)
    return [_row_of(parameters, chains[code], month, needed) for code in unit_codes]


def _row_of(parameters: Parameters, chain: Sequence[int], month: date, keys: Sequence[str]) -> StandardsRow:
    try:
        return parameters.standards_row(chain, month, keys=keys)
    except MissingParameter as refused:
        raise missing(str(refused.data["key"]), chain[0], month, full_names([chain[0]])[chain[0]]) from None


def placeholders_behind(
    programme: str, area_code: int, month: date, known_at: datetime | None = None
) -> list[ParameterRow]:
    """The values that an amount of a programme rests on in an area and month and that no bureau stands by."""
    return placeholders_of([programme], area_code, month, known_at)


def placeholders_of(
    programmes: Iterable[str], area_code: int, month: date, known_at: datetime | None = None
) -> list[ParameterRow]:
    """As `placeholders_behind`, for several programmes, each value once."""
    (chain,) = area_chains([area_code]).values()
    parameters = parameters_along([chain], known_at)

    def choice_of(key: str) -> str:
        row = parameters.find(key, chain, month)
        return str(row.value if row is not None else key_of(key).absent)

    keys = dict.fromkeys(key for programme in programmes for key in amounts_rest_on(programme, choice_of))
    found = (parameters.find(key, chain, month) for key in keys)
    return [row for row in found if row is not None and row.status is Status.PLACEHOLDER]


def area_label(code: int, names: dict[int, str]) -> str:
    """The area that a value comes from, in words; `names` from areas.public."""
    return "全国" if code == NATION else names.get(code, str(code))
