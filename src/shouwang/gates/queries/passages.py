"""Passages as they are read: a gate's day by hours, and where a pass was seen.

A scan that was taken back (a later one of the same phone names it in `annuls`) counts no more, nor does the one that
takes it back. Read under the policy, a day at a time: a day is a partition, and a phone's scans lie together in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection

from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.scope import Span, spans_sql

from ..models import Device, PassageCount
from ..states import SCANS_KEPT_DAYS, Direction, How, Reason, Verdict
from .devices import get_gate_for

_VALID = """o.annuls is null
           and not exists (select from gates_observation a
                            where a.device_id = o.device_id and a.annuls = o.seq and a.seq > o.seq
                              and a.device_day between o.device_day and o.device_day + 1 and a.annuls is not null)"""


@dataclass(frozen=True, slots=True)
class GateHour:
    """Persons within an hour of a gate's day: let in, let out, turned back, sent to the fever clinic."""

    hour: int
    entered: int
    left: int
    turned_back: int
    fever: int


@dataclass(frozen=True, slots=True)
class Passage:
    """Once that a pass was seen at a gate."""

    scanned_at: datetime
    gate_id: int
    gate_name: str
    estate_name: str
    direction: Direction
    verdict: Verdict
    reason: Reason
    how: How


def passages_of_gate_day(actor: Actor, *, gate_id: int, on: date) -> list[GateHour]:
    """The hours in which somebody passed, in order; from the counts that stay where the scans are gone.

    Raises NotFound for a gate outside the actor's areas.
    """
    gate = get_gate_for(actor, gate_id)
    seen = passed_by_hour(Device.objects.filter(gate=gate).values_list("id", "gate_id"), actor.scope.spans, on)
    return [hour for _gate_id, hour in seen] or kept_hours(gate.id, on)


def passed_by_hour(gate_of: Iterable[tuple[int, int]], spans: Sequence[Span], on: date) -> list[tuple[int, GateHour]]:
    """(gate, its hour) of a day from the scans of the phones given as (device, gate); what was taken back does not count."""
    # The phones first, so that each one's scans of the day are read by the key of the table.
    pairs = list(gate_of)
    within, bounds = spans_sql(spans, "o.area_code")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            with seen as materialized (
                select o.device_id, o.seq, o.scanned_at, o.direction, o.verdict, o.party, o.annuls
                  from gates_observation o
                 where o.device_id = any(%s) and o.device_day = %s and {within}),
            taken_back as (
                select device_id, annuls as seq from seen where annuls is not null)
            select phone.gate_id, extract(hour from s.scanned_at at time zone 'Asia/Shanghai')::int as hour,
                   coalesce(sum(s.party) filter (where s.direction = 1 and s.verdict < 3), 0),
                   coalesce(sum(s.party) filter (where s.direction = 2 and s.verdict < 3), 0),
                   coalesce(sum(s.party) filter (where s.verdict = 3), 0),
                   coalesce(sum(s.party) filter (where s.verdict = 4), 0)
              from seen s join unnest(%s::integer[], %s::integer[]) phone(device_id, gate_id) using (device_id)
              left join taken_back t using (device_id, seq)
             where s.annuls is null and t.seq is null
             group by 1, 2 order by 1, 2
            """,
            [
                [device for device, _gate in pairs],
                on,
                *bounds,
                *([list(one) for one in zip(*pairs, strict=True)] or [[], []]),
            ],
        )
        return [(gate_id, GateHour(*row)) for gate_id, *row in cursor.fetchall()]


def kept_hours(gate_id: int, on: date) -> list[GateHour]:
    by_hour: dict[int, list[int]] = {}
    for one in PassageCount.objects.filter(gate_id=gate_id, on=on).order_by("hour"):
        if one.verdict < Verdict.TURN_BACK:
            place = 0 if one.direction == Direction.IN else 1
        else:
            place = 2 if one.verdict == Verdict.TURN_BACK else 3
        by_hour.setdefault(one.hour, [0, 0, 0, 0])[place] += one.persons
    return [GateHour(hour, *sums) for hour, sums in by_hour.items()]


def passages_of_pass(pass_id: int, *, since: datetime | None = None, limit: int = 200) -> Sequence[Passage]:
    """Where a pass was seen within the time that scans are kept, the latest first.

    For its holder's own page, who has proved to be that, and for officers under their scope: the caller's connection
    holds the scope, and rows outside it are not there.
    """
    begin = since or clock.now() - timedelta(days=SCANS_KEPT_DAYS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            select o.scanned_at, g.id, g.name, e.name, o.direction, o.verdict, o.reason, o.how
              from gates_observation o
              join gates_device d on d.id = o.device_id
              join gates_gate g on g.id = d.gate_id
              join gates_estate e on e.id = g.estate_id
             where o.pass_id = %s and o.scanned_at >= %s and {_VALID}
             order by o.scanned_at desc limit %s
            """,
            [pass_id, begin, limit],
        )
        rows = cursor.fetchall()
    return [
        Passage(at, gate, name, estate, Direction(direction), Verdict(verdict), Reason(reason), How(how))
        for at, gate, name, estate, direction, verdict, reason, how in rows
    ]
