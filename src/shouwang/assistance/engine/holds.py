"""What else each person has in the month: the table `holds` of the snapshot, and by which door it came in.

Works on the tables that `snapshot` makes of grants, homes and latest facts.
"""

from __future__ import annotations

from collections.abc import Iterable

from shouwang.registry.public import Category

from ..rules.benefits import inputs
from ..rules.benefits.exclusions import Effect, exclusions
from ..states import LINKED
from .duck import Duck, typed

HELD_BY_FACT = (Category.BORDERLINE, Category.WORK_INJURY_CARE)
"""What the register knows a person to be or to have that no programme here pays."""


def quoted(codes: Iterable[str]) -> str:
    """A list for `in`; never empty, and no programme is called nothing."""
    return ", ".join(f"'{code}'" for code in codes) or "''"


def assemble_holds(duck: Duck, programme: str) -> None:
    """What each living person has besides what is being computed; of a linked programme, what links the person to it.

    `backing` keeps for each of them by which door the grant came in, and whether it is the household's.
    """
    duck.make(
        "had",
        f"""select o.programme, o.household_id, o.person_id, o.monthly_fen, null::bigint as unit_code,
                  null::bigint as area_code, '' as origin
             from x_other_grant o
            union all
           select g.programme, g.household_id, g.person_id, g.decided_fen, a.unit_code, g.area_code, g.origin
             from x_grant g join k_area a on a.area_code = g.area_code where g.programme <> '{programme}'""",
    )
    duck.make(
        "backing",
        """select p.person_id, p.household_id, o.programme, coalesce(o.unit_code, h.unit_code) as unit_code,
                  coalesce(o.area_code, h.area_code) as area_code, coalesce(h.is_urban, false) as is_urban,
                  o.monthly_fen as received_fen, o.origin, false as is_household
             from had o
             join k_root r on r.person_id = o.person_id
             join k_person k on k.id = r.root_id
             join persons_known p on p.person_id = k.number and p.is_living
             left join homes h on h.household_id = p.household_id
            union all
           select p.person_id, p.household_id, o.programme, coalesce(o.unit_code, h.unit_code),
                  coalesce(o.area_code, h.area_code), coalesce(h.is_urban, false),
                  cast((o.monthly_fen - o.monthly_fen % size.members) / size.members as bigint), o.origin, true
             from had o
             join homes h on h.id = o.household_id
             join persons_known p on p.household_id = h.household_id and p.is_living
             join (select household_id, count(*) as members from persons_known where is_living
                    group by household_id) size on size.household_id = h.household_id
            union all
           select p.person_id, p.household_id, c.category, h.unit_code, h.area_code, coalesce(h.is_urban, false), 0, '',
                  false
             from category_of c
             join persons_known p on p.person_id = c.person_id and p.is_living
             left join homes h on h.household_id = p.household_id"""
        + (" where false" if programme in LINKED else ""),
    )
    duck.make(
        "own",
        f"""select p.number as person_id from x_grant g join k_root r on r.person_id = g.person_id
             join k_person p on p.id = r.root_id where g.programme = '{programme}'""",
    )
    barred = [(one.programme, one.other) for one in exclusions() if one.effect is Effect.EXCLUDED]
    duck.fill("barred_by", {"programme": "VARCHAR", "other": "VARCHAR"}, barred)
    # Who has what excludes a benefit does not receive it, so that nothing is taken off for it elsewhere.
    duck.make(
        "holds",
        typed(
            inputs.HOLDS,
            f"""select b.* replace (case when void.person_id is null then b.received_fen else 0 end as received_fen)
                  from backing b
                  left join (
                       select distinct b.person_id, b.programme from backing b
                         join barred_by x on x.programme = b.programme
                         join (select person_id, programme from backing
                                union all select person_id, '{programme}' from own) has
                           on has.person_id = b.person_id and has.programme = x.other) void
                    on void.person_id = b.person_id and void.programme = b.programme""",
        ),
    )
