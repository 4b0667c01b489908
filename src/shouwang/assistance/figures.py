"""Figures that assistance publishes. What counts is a payment outcome: paid in the period, recorded before the
cut-off, and not reversed before it."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shouwang.kernel.figures import Cut, Figure, Measure, Sql, register_figures
from shouwang.kernel.scope import spans_sql
from shouwang.registry.public import merged_everywhere_sql, moves_everywhere_sql

from .states import PETTY_RESERVE_FILL, Programme


def _paid(cut: Cut, programmes: tuple[str, ...], area_column: str) -> Sql:
    """The condition on an outcome `o`, with its values."""
    inside, bounds = spans_sql(cut.spans, area_column)
    # One programme by equality: then the index gives the rows by day, and a page of them needs the latest days only.
    programme = "o.programme = %s" if len(programmes) == 1 else "o.programme = any(%s)"
    text = f"""o.kind = 'paid' and {programme} and o.paid_on >= %s and o.paid_on < %s and o.recorded_at < %s
        and {inside}
        and not exists (select 1 from assistance_paymentoutcome undone
                         where undone.attempt_id = o.attempt_id and undone.kind = 'reversed' and undone.recorded_at < %s)"""
    return text, [
        programmes[0] if len(programmes) == 1 else list(programmes),
        cut.since,
        cut.until,
        cut.as_of,
        *bounds,
        cut.as_of,
    ]


def _payment_rows(cut: Cut, programmes: tuple[str, ...]) -> Sql:
    """One row a payment."""
    condition, values = _paid(cut, programmes, "o.area_code")
    return (
        f"""select o.id as row_id, o.area_code, o.paid_on as occurred_on, payable.payee_id as person_id,
                   coalesce(payable.household_id, payable.subject_id) as household_id, o.amount_fen,
                   'payment' as source_kind, o.attempt_id as source_id
              from assistance_paymentoutcome o join assistance_payable payable on payable.id = o.payable_id
             where {condition}""",
        values,
    )


def _person_rows(cut: Cut, programmes: tuple[str, ...]) -> Sql:
    """One row a person covered by a payment; a merged person is the survivor as of the cut-off."""
    condition, values = _paid(cut, programmes, "covered.area_code")
    survivors, survivor_values = merged_everywhere_sql(cut.as_of)
    return (
        f"""select covered.id as row_id, covered.area_code, o.paid_on as occurred_on,
                   coalesce(survivor.survivor_id, covered.person_id) as person_id,
                   coalesce(payable.household_id, payable.subject_id) as household_id,
                   null::bigint as amount_fen, 'payment' as source_kind, o.attempt_id as source_id
              from assistance_paymentoutcome o
              join assistance_payable payable on payable.id = o.payable_id
              join assistance_payableperson covered on covered.payable_id = o.payable_id
              left join ({survivors}) survivor on survivor.duplicate_id = covered.person_id
             where {condition}""",
        [*survivor_values, *values],
    )


def _amount(key: str, label: Promise | str, *programmes: str) -> Figure:
    return Figure(key, label, "fen", Measure.SUM, lambda cut: _payment_rows(cut, programmes))


def _people(key: str, label: Promise | str, unit: str, measure: Measure, *programmes: str) -> Figure:
    return Figure(key, label, unit, measure, lambda cut: _person_rows(cut, programmes))


def _petty_reserve_fills(cut: Cut) -> Sql:
    inside, bounds = spans_sql(cut.spans, "posting.area_code")
    return (
        f"""select posting.id as row_id, posting.area_code, entry.occurred_on, null::uuid as person_id,
                   null::uuid as household_id, posting.quantity as amount_fen, 'entry' as source_kind,
                   entry.id as source_id
              from ledger_posting posting
              join ledger_entry entry on entry.id = posting.entry_id
              join ledger_account account on account.id = posting.account_id
             where account.kind = 'petty_reserve' and posting.quantity > 0 and entry.source ^@ %s
               and entry.occurred_on >= %s and entry.occurred_on < %s and entry.recorded_at < %s and {inside}
               and not exists (select 1 from ledger_entry undone
                                where undone.reverses_id = entry.id and undone.recorded_at < %s)""",
        [PETTY_RESERVE_FILL, cut.since, cut.until, cut.as_of, *bounds, cut.as_of],
    )


def _admitted(cut: Cut) -> Sql:
    """Newly admitted: grants that start in the period, one row a person covered on the first day, where their household
    lived on it as known at the cut-off."""
    inside, bounds = spans_sql(cut.spans, "counted.area_code")
    began_inside, began_bounds = spans_sql(cut.spans, "covered.area_code")
    survivors, survivor_values = merged_everywhere_sql(cut.as_of)
    moves, move_values = moves_everywhere_sql(cut.as_of)
    return (
        f"""select counted.* from (
                with moved as materialized ({moves})
                select covered.id as row_id,
                       -- Few have moved: for all others the answer is a look into a hash.
                       case when covered.home_id in (select household_id from moved)
                            then coalesce((select moved.area_code from moved
                                            where moved.household_id = covered.home_id
                                              and moved.valid_from <= covered.starts_on
                                            order by moved.valid_from desc, moved.recorded_at desc limit 1),
                                          covered.area_code)
                            else covered.area_code end as area_code,
                       covered.starts_on as occurred_on,
                       coalesce(survivor.survivor_id, covered.person_id) as person_id,
                       coalesce(covered.household_id, covered.person_id) as household_id, null::bigint as amount_fen,
                       'grant' as source_kind, covered.grant_id as source_id
                  from assistance_grantperson covered
                  left join ({survivors}) survivor on survivor.duplicate_id = covered.person_id
                 where covered.programme = any(%s) and covered.starts_on >= %s and covered.starts_on < %s
                   and covered.recorded_at < %s
                   and ({began_inside} or covered.home_id in (select household_id from moved))) counted
             where {inside}""",
        [
            *move_values,
            *survivor_values,
            [Programme.DIBAO, Programme.TEKUN],
            cut.since,
            cut.until,
            cut.as_of,
            *began_bounds,
            *bounds,
        ],
    )


FIGURES: tuple[Figure, ...] = (
    _people("relief.person_times", _("临时救助人次"), "人次", Measure.ROWS, Programme.TEMPORARY_RELIEF),
    _people("relief.households", _("临时救助户数"), "户", Measure.HOUSEHOLDS, Programme.TEMPORARY_RELIEF),
    _people("relief.persons", _("临时救助人数"), "人", Measure.PERSONS, Programme.TEMPORARY_RELIEF),
    _amount("relief.amount", _("临时救助资金"), Programme.TEMPORARY_RELIEF),
    Figure("petty_reserve.allocated", _("拨付乡镇备用金"), "fen", Measure.SUM, _petty_reserve_fills),
    _people("dibao.people", _("低保人数"), "人", Measure.PERSONS, Programme.DIBAO),
    _amount("dibao.amount", _("低保资金"), Programme.DIBAO),
    _people("tekun.people", _("特困人数"), "人", Measure.PERSONS, Programme.TEKUN),
    _amount("tekun.amount", _("特困资金"), Programme.TEKUN),
    _amount("dibao_tekun.amount", _("低保、特困资金合计"), Programme.DIBAO, Programme.TEKUN),
    _people("price_subsidy.people", _("价格补贴人数"), "人", Measure.PERSONS, Programme.PRICE_SUBSIDY),
    _amount("price_subsidy.amount", _("价格补贴资金"), Programme.PRICE_SUBSIDY),
    Figure("admitted.households", _("新纳入低保特困户数"), "户", Measure.HOUSEHOLDS, _admitted),
    Figure("admitted.persons", _("新纳入低保特困人数"), "人", Measure.PERSONS, _admitted),
)
"""In the order in which a bulletin prints them."""


def register() -> None:
    register_figures(*FIGURES)
