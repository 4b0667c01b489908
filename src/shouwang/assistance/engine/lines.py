"""From the rules' answer to the lines of a run: who is owed what, who is paid for whom, what waits and why.

Works on the tables that `snapshot` left in the engine. What goes back to the database are CSV files for COPY.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.kernel import ids
from shouwang.kernel.errors import Conflict

from ..rules.benefits.clauses import LINE, Rule
from ..rules.monthly import Held
from .duck import Duck


@dataclass(frozen=True, slots=True)
class Totals:
    """What the lines of a run come to; `held` counts lines by `Held`, those that owe nothing for lack of need apart."""

    line_count: int
    payable_count: int
    person_count: int
    amount_fen: int
    ready_count: int
    held: dict[str, int]
    already_payable_count: int


@dataclass(frozen=True, slots=True)
class PlaceSum:
    """The lines that are ready for a list, by paying unit and the part of it that answers for them."""

    unit_code: int
    part_code: int
    line_count: int
    amount_fen: int


def answer(duck: Duck, sql: str, rule: Rule) -> None:
    """Execute the rules over the snapshot; whose facts were never recorded gets what was decided."""
    duck.make("computed", sql)
    columns = [column for column in dict.fromkeys((*LINE, *rule.kept)) if column not in ("amount_fen", "ordinary_fen")]
    duck.make(
        "answer",
        f"""select {", ".join(f"c.{column}" for column in columns)},
                   case when g.is_known or g.grant_id is null then c.amount_fen else g.decided_fen end as amount_fen,
                   case when g.is_known or g.grant_id is null then c.ordinary_fen else g.decided_fen end as ordinary_fen,
                   coalesce(g.is_known, true) as is_known
              from computed c left join grants g on g.grant_id = c.grant_id""",
    )
    duck.drop("computed")


def problems(duck: Duck) -> dict[str, int]:
    """What is wrong with the snapshot, by `rules.benefits.checks`: how many rows each check finds."""
    from ..rules.benefits import checks  # with the rules, when they are first asked for

    asked = " union all ".join(
        f"select '{name}' as name, count(*) as found from ({checks.sql(name)}) rows_of_{name}" for name in checks.CHECKS
    )
    counts = dict(duck.rows(f"select name, found from ({asked}) asked where found > 0"))
    blocking = {name: count for name, count in counts.items() if name in checks.BLOCKING}
    if blocking:
        words = _("、").join(f"{checks.CHECKS[name][1]}（{count}）" for name, count in blocking.items())
        raise Conflict(
            _("底册数据有问题，没有生成清册：%(words)s。请更正后再生成") % {"words": words},
            reason="run.snapshot_problems",
            **blocking,
        )
    return counts


def settle(duck: Duck, rule: Rule) -> Totals:
    """Number the lines in the order of their place, find their payee and account, and hold what cannot be paid."""
    findings = ", ".join(f"cast(a.{column} as bigint)" for column in rule.kept)
    duck.make(
        "payee",
        """select household_id, max(person_id) as person_id from persons
            where is_head and is_living group by household_id""",
    )
    duck.make(
        "living",
        "select household_id, count(*) as living from persons where is_living group by household_id",
    )
    duck.make(
        "door",
        """select person_id, null::bigint as household_id, programme, min(origin) as origin,
                  bool_or(is_household) as is_household
             from backing where origin <> '' group by person_id, programme
            union all
           select null, household_id, programme, min(origin), true
             from backing where origin <> '' and household_id is not null group by household_id, programme""",
    )
    duck.make(
        "found",
        f"""select a.grant_id, a.person_id, case when a.person_id is null then a.household_id end as household_id,
                   a.unit_code, a.area_code, k.part_code, a.amount_fen, a.ordinary_fen, a.reasons, a.is_known,
                   concat_ws(',', {findings}) as findings, coalesce(g.decided_fen, 0) as decided_fen,
                   coalesce(x.id, p.id) as subject_id, gk.id as grant_uuid, coalesce(d.origin, xg.origin) as origin,
                   case when a.person_id is null or d.is_household then coalesce(payee.person_id, a.person_id)
                        when {_IS_MINOR} and own.account_id is null then coalesce(payee.person_id, a.person_id)
                        else a.person_id end as payee_number,
                   case when a.person_id is not null then cast(me.is_living as integer)
                        else coalesce(cast(l.living as integer), 0) end as living
              from answer a
              join k_area k on k.area_code = a.area_code
              join standards s on s.unit_code = a.unit_code
              left join grants g on g.grant_id = a.grant_id
              left join k_grant gk on gk.number = a.grant_id
              left join x_grant xg on xg.grant_id = gk.id
              left join door d on {_door_of(rule)}
              left join k_household x on x.number = a.household_id and a.person_id is null
              left join k_person p on p.number = a.person_id
              left join persons me on me.person_id = a.person_id
              left join k_person own_key on own_key.number = a.person_id
              left join l_account own on own.root_id = own_key.id
              left join payee on payee.household_id = coalesce(a.household_id, me.household_id)
              left join living l on l.household_id = a.household_id and a.person_id is null""",
    )
    duck.drop("answer")
    duck.make(
        "ordered",
        """select f.*, row_number() over (order by f.unit_code, f.part_code, f.area_code, coalesce(f.grant_uuid, f.subject_id))
                   as number
             from found f""",
    )
    duck.drop("found")
    duck.make("covered", _COVERED)
    duck.make(
        "twice",
        """select distinct c.number from covered c
             join (select person_id, min(number) as first from covered group by person_id having count(*) > 1) again
               on again.person_id = c.person_id and c.number > again.first""",
    )
    duck.make(
        "line",
        f"""select o.*, r.id as payee_id, acc.account_id, coalesce(last_month.amount_fen, 0) as last_paid_fen,
                   case when o.living = 0 then
                             case when o.person_id is null and m.household_id is null and b.household_id is null
                                  then '{Held.NOBODY_COVERED}' else '{Held.ALL_DIED}' end
                        when o.amount_fen = 0 then '{Held.NOT_OWED}'
                        when owed.subject_id is not null then '{Held.ALREADY_PAYABLE}'
                        when t.number is not null then '{Held.COVERED_TWICE}'
                        when o.payee_number is null then '{Held.NO_PAYEE}'
                        when acc.account_id is null then '{Held.NO_ACCOUNT}'
                        else '' end as held
              from ordered o
              left join k_person r on r.number = o.payee_number
              left join l_account acc on acc.root_id = r.id
              left join x_last last_month on last_month.subject_id = o.subject_id
              left join x_owed owed on owed.subject_id = o.subject_id
              left join twice t on t.number = o.number
              left join (select distinct household_id from persons) m on m.household_id = o.household_id
              left join bereaved b on b.household_id = o.household_id""",
    )
    duck.drop("ordered", "twice")
    return _totals(duck)


_IS_MINOR = "coalesce(me.birth_on > cast(s.benefit_month - interval 18 year as date), false)"
"""民发〔2019〕62号: what is a child's goes to the guardian, who is the head of the household, unless the child has a card."""


def _door_of(rule: Rule) -> str:
    """What joins a line to the grants that it rests on, where the rule pays without grants of its own."""
    if not rule.groups:
        return "false"
    groups = ", ".join(f"'{group}'" for group in rule.groups)
    return (
        f"d.programme = list_extract([{groups}], cast(a.group_number as integer) + 1)"
        " and coalesce(d.person_id, 0) = coalesce(a.person_id, 0)"
        " and (a.person_id is not null or d.household_id = a.household_id)"
    )


_COVERED = """
    select o.number, p.person_id from ordered o join persons p on p.household_id = o.household_id and p.is_living
     where o.person_id is null and o.amount_fen > 0
    union all
    select o.number, o.person_id from ordered o where o.person_id is not null and o.living > 0 and o.amount_fen > 0
"""

_OWED = f"held in ('', '{Held.NO_PAYEE}', '{Held.NO_ACCOUNT}')"
"""A line that cannot be paid yet is owed and listed, never dropped."""


_RECORDS = """
    select k.number, k.id as record_id from k_person k
    union
    select k.number, r.person_id from k_person k join k_root r on r.root_id = k.id
"""
"""Every record that is one of the snapshot's people; the survivor's own may lie in another county."""


def covered_people(duck: Duck) -> Iterator[UUID]:
    """Every record of everyone whom an owed line covers; nothing is asked before the first is wanted."""
    yield from duck.column(
        f"""select r.record_id from covered c join line on line.number = c.number and {_OWED}
              join ({_RECORDS}) r on r.number = c.person_id"""
    )


def hold(duck: Duck, people: Iterable[UUID], why: Held) -> Totals:
    """Hold the lines that cover one of `people`, who are paid for the month by another payable."""
    duck.fill("elsewhere", {"id": "UUID"}, ([person] for person in people))
    duck.make(
        "twice",
        f"""select distinct c.number from covered c join ({_RECORDS}) r on r.number = c.person_id
              join elsewhere e on e.id = r.record_id""",
    )
    duck.execute(f"update line set held = '{why}' where {_OWED} and number in (select number from twice)")
    duck.drop("twice", "elsewhere")
    return _totals(duck)


def _totals(duck: Duck) -> Totals:
    ((lines, payables, amount, ready),) = duck.rows(
        f"""select count(*), count(*) filter (where {_OWED}),
                   cast(coalesce(sum(amount_fen) filter (where {_OWED}), 0) as bigint),
                   count(*) filter (where held = '') from line"""
    )
    ((persons,),) = duck.rows(f"select count(*) from covered where number in (select number from line where {_OWED})")
    held = dict(duck.rows("select held, count(*) from line where held <> '' group by held"))
    ((already,),) = duck.rows("select count(*) from x_grant where is_payable")
    return Totals(lines, payables, persons, amount, ready, held, already + held.get(Held.ALREADY_PAYABLE, 0))


def places(duck: Duck) -> list[PlaceSum]:
    """In the order of the lines."""
    rows = duck.rows(
        """select unit_code, part_code, count(*), cast(sum(amount_fen) as bigint) from line where held = ''
            group by unit_code, part_code order by unit_code, part_code"""
    )
    return [PlaceSum(*row) for row in rows]


def number_lines(duck: Duck, folder: Path, totals: Totals) -> None:
    """Give every line an id, which is its payable's as well when it is owed."""
    _with_ids(duck, folder, "made", totals.line_count)


def lines_csv(duck: Duck) -> Path:
    """number, line id, payable id or nothing, then what `LINE_COLUMNS` names."""
    return duck.write_csv(
        f"""select line.number, made.id as line_id, case when {_OWED} then made.id end as payable_id,
                   line.grant_id as grant_number, line.person_id as person_number,
                   line.household_id as household_number, line.grant_uuid,
                   line.origin, case when line.person_id is null then line.subject_id end as household_uuid,
                   case when line.person_id is not null then line.subject_id end as person_uuid,
                   line.subject_id, line.unit_code, line.area_code, line.amount_fen, line.ordinary_fen,
                   line.decided_fen, line.last_paid_fen, line.findings, line.reasons, line.is_known,
                   line.held, line.payee_id, case when line.held = '' then line.account_id end as account_id
              from line join made on made.place = line.number order by line.number""",
        "lines.csv",
    )


LINE_COLUMNS: Sequence[tuple[str, str]] = (
    ("number", "bigint"),
    ("line_id", "uuid"),
    ("payable_id", "uuid"),
    ("grant_number", "bigint"),
    ("person_number", "bigint"),
    ("household_number", "bigint"),
    ("grant_id", "uuid"),
    ("origin", "text"),
    ("household_id", "uuid"),
    ("person_id", "uuid"),
    ("subject_id", "uuid"),
    ("unit_code", "bigint"),
    ("area_code", "bigint"),
    ("amount_fen", "bigint"),
    ("ordinary_fen", "bigint"),
    ("decided_fen", "bigint"),
    ("last_paid_fen", "bigint"),
    ("findings", "text"),
    ("reasons", "bigint"),
    ("is_computed", "boolean"),
    ("held", "text"),
    ("payee_id", "uuid"),
    ("account_id", "uuid"),
)
"""The columns of `lines_csv`, with the types of the table that it is copied into."""


def covered_csv(duck: Duck, folder: Path) -> Path:
    """id, payable id, person id, area code of everyone whom an owed line covers."""
    duck.make(
        "covering",
        f"""select row_number() over (order by line.number, c.person_id) as place, made.id as payable_id, k.id as person_id,
                   line.area_code
              from covered c join line on line.number = c.number join made on made.place = c.number
              join k_person k on k.number = c.person_id where {_OWED}""",
    )
    _with_ids(duck, folder, "covering_id", duck.count("covering"))
    return duck.write_csv(
        """select i.id, c.payable_id, c.person_id, c.area_code from covering c
             join covering_id i on i.place = c.place order by c.place""",
        "covered.csv",
    )


def attempts_csv(duck: Duck, folder: Path, lists: Sequence[tuple[int, int, UUID, UUID]]) -> Path:
    """id, payable, batch, line number in it, part, account, amount, area of every line that is ready.

    `lists`: (unit code, part code, batch id, part id).
    """
    duck.fill("list_of", {"unit_code": "BIGINT", "part_code": "BIGINT", "batch_id": "UUID", "part_id": "UUID"}, lists)
    duck.make(
        "attempt",
        """select row_number() over (order by line.number) as place,
                  row_number() over (partition by l.batch_id order by line.number) as line_number,
                  made.id as payable_id, l.batch_id, l.part_id, line.account_id, line.amount_fen, line.area_code
             from line join made on made.place = line.number
             join list_of l on l.unit_code = line.unit_code and l.part_code = line.part_code
            where line.held = ''""",
    )
    _with_ids(duck, folder, "attempt_id", duck.count("attempt"))
    return duck.write_csv(
        """select i.id, a.payable_id, a.batch_id, a.line_number, a.part_id, a.account_id, a.amount_fen, a.area_code
             from attempt a join attempt_id i on i.place = a.place order by a.place""",
        "attempts.csv",
    )


def _with_ids(duck: Duck, folder: Path, table: str, count: int) -> None:
    path = folder / f"{table}.csv"
    with path.open("w", encoding="ascii") as file:
        file.writelines(f"{place},{made}\n" for place, made in enumerate(ids.new_ids(count), 1))
    duck.read_csv(table, path.name, {"place": "BIGINT", "id": "VARCHAR"})
    path.unlink()
