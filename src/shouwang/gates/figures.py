"""Figures that the gates publish. Scans count by the phone's own day and as they came in before the cut-off; what was taken
back before it does not count. The stocks (registered, open, sealed) are as of the cut-off, whatever the period.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from shouwang.kernel.figures import Cut, Figure, Measure, Sql, register_figures
from shouwang.kernel.scope import spans_sql

from .states import GateState, Verdict


def _scans(cut: Cut, verdicts: tuple[int, ...]) -> Sql:
    """One row a scan. Its id is of (device, seq), which is all the identity that a scan has."""
    inside, bounds = spans_sql(cut.spans, "o.area_code")
    return (
        f"""select md5(o.device_id || '-' || o.seq)::uuid as row_id, o.area_code, o.device_day as occurred_on,
                   null::uuid as person_id, null::uuid as household_id, null::bigint as amount_fen,
                   'scan' as source_kind, null::uuid as source_id
              from gates_observation o
             where o.verdict = any(%s) and o.annuls is null and o.device_day >= %s and o.device_day < %s
               and o.received_at < %s and {inside}
               and not exists (select from gates_observation a
                                where a.device_id = o.device_id and a.annuls = o.seq and a.received_at < %s
                                  and a.device_day between o.device_day and o.device_day + 1)""",
        [list(verdicts), cut.since, cut.until, cut.as_of, *bounds, cut.as_of],
    )


def _registered(cut: Cut) -> Sql:
    """One row a resident of a registration that was confirmed and had not ended."""
    inside, bounds = spans_sql(cut.spans, "r.area_code")
    return (
        f"""select member.id as row_id, r.area_code, (r.confirmed_at at time zone 'Asia/Shanghai')::date as occurred_on,
                   member.id as person_id, r.id as household_id, null::bigint as amount_fen,
                   'registration' as source_kind, r.id as source_id
              from gates_registration r join gates_resident member on member.registration_id = r.id
             where r.confirmed_at < %s and (r.ended_at is null or r.ended_at >= %s)
               and (member.left_on is null or member.left_on >= %s) and {inside}""",
        [cut.as_of, cut.as_of, cut.until, *bounds],
    )


def _gates(cut: Cut, state: str) -> Sql:
    """One row a gate that stood so at the cut-off."""
    inside, bounds = spans_sql(cut.spans, "g.area_code")
    return (
        f"""select s.id as row_id, g.area_code, (s.from_at at time zone 'Asia/Shanghai')::date as occurred_on,
                   null::uuid as person_id, null::uuid as household_id, null::bigint as amount_fen,
                   'gate' as source_kind, null::uuid as source_id
              from gates_gate g
              join lateral (select * from gates_gatestatus latest
                             where latest.gate_id = g.id and latest.from_at < %s and latest.recorded_at < %s
                             order by latest.from_at desc, latest.recorded_at desc, latest.id desc limit 1) s on true
             where s.state = %s and {inside}""",
        [cut.as_of, cut.as_of, state, *bounds],
    )


FIGURES = (
    Figure("gates.households", _("居民登记户数"), "户", Measure.HOUSEHOLDS, _registered),
    Figure("gates.persons", _("居民登记人数"), "人", Measure.PERSONS, _registered),
    Figure(
        "gates.passages",
        _("卡口通行"),
        "人次",
        Measure.ROWS,
        lambda cut: _scans(cut, (Verdict.ADMIT, Verdict.ADMIT_AFTER_ENTRY)),
    ),
    Figure("gates.turned_back", _("卡口劝返"), "人次", Measure.ROWS, lambda cut: _scans(cut, (Verdict.TURN_BACK,))),
    Figure("gates.fever", _("卡口发热转送"), "人次", Measure.ROWS, lambda cut: _scans(cut, (Verdict.FEVER_CLINIC,))),
    Figure("gates.open", _("开放出入口"), "处", Measure.ROWS, lambda cut: _gates(cut, GateState.OPEN)),
    Figure("gates.sealed", _("封闭出入口"), "处", Measure.ROWS, lambda cut: _gates(cut, GateState.SEALED)),
)


def register() -> None:
    register_figures(*FIGURES)
