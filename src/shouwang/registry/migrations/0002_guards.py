"""What the database refuses in this app's tables, and the one question that may cross a county's border."""

from django.db import migrations

from shouwang.kernel.schema import append_only, scoped

_SCOPE = "(select nullif(current_setting('app.areas', true), '')::int8multirange)"

_BOTH_ENDS = f"""
alter table registry_transfer enable row level security;
create policy registry_transfer_scope on registry_transfer
    using (area_code <@ {_SCOPE} or from_area_code <@ {_SCOPE})
    with check (area_code <@ {_SCOPE} or from_area_code <@ {_SCOPE});
"""

# Exact look-up only: who does not hold the whole number (its keyed digest) learns nothing. It answers with the township
# that holds the person and a masked name; the command that asks writes it into the audit.
_HOLDERS = """
create function registry_holders(indexes bytea[])
returns table (id_index bytea, person_id uuid, township_code bigint, masked_name text)
language sql stable security definer set search_path = public, pg_temp as $$
    select p.id_index, p.id, p.area_code / 1000000 * 1000000,
           left(p.name, 1) || repeat('*', greatest(length(p.name) - 1, 1))
    from registry_person p where p.id_index = any(indexes)
$$;
"""

# Which records are one person, as of a cut-off: ids only, of the whole country. A distinct count must not depend on who
# asks for it first; a merge made by the county a family moved to counts for the one it left as well.
_MERGED = """
create function registry_merged(known_at timestamptz)
returns table (duplicate_id uuid, survivor_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
    select last_word.duplicate_id, last_word.survivor_id from (
        select distinct on (m.duplicate_id) m.duplicate_id, m.survivor_id, m.is_merged from registry_personmerge m
         where m.recorded_at < known_at order by m.duplicate_id desc, m.recorded_at desc) last_word
     where last_word.is_merged
$$;
"""

# Where households that have moved lived since when, as of a cut-off: ids and places only, of the whole country. A figure by
# place must come out the same for the county they left, the one they went to, and the city.
_MOVED = """
create function registry_moved(known_at timestamptz)
returns table (household_id uuid, valid_from date, recorded_at timestamptz, area_code bigint)
language sql stable security definer set search_path = public, pg_temp as $$
    select f.household_id, f.valid_from, f.recorded_at, f.code::bigint from registry_householdfact f
     where f.kind = 'residence' and f.code is not null and f.recorded_at < known_at
       and f.household_id in (
           select again.household_id from registry_householdfact again
            where again.kind = 'residence' and again.recorded_at < known_at
            group by again.household_id having count(*) > 1)
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0002_guards"), ("registry", "0001_initial")]
    operations = [
        *(
            scoped(f"registry_{table}")
            for table in (
                "person",
                "household",
                "membership",
                "personfact",
                "householdfact",
                "bankaccount",
                "personmerge",
                "organisation",
                "importbatch",
                "importfile",
            )
        ),
        migrations.RunSQL(_BOTH_ENDS, "drop policy registry_transfer_scope on registry_transfer"),
        # A fact moves into the custody of another county with its household; what it says does not change.
        *(
            append_only(f"registry_{table}", but=("area_code",))
            for table in ("membership", "personfact", "householdfact", "bankaccount", "personmerge")
        ),
        migrations.RunSQL(_HOLDERS, "drop function registry_holders(bytea[])"),
        migrations.RunSQL(_MOVED, "drop function registry_moved(timestamptz)"),
        migrations.RunSQL(_MERGED, "drop function registry_merged(timestamptz)"),
        migrations.RunSQL("create sequence registry_household_number", "drop sequence registry_household_number"),
    ]
