"""What the database refuses in this app's tables."""

from django.db import migrations

from shouwang.kernel.schema import append_only, scoped

_SCOPE = "(select nullif(current_setting('app.areas', true), '')::int8multirange)"


def seen_through(table: str, lower: str) -> migrations.RunSQL:
    """Besides its own area, a row is there for whoever sees one of the rows below it: `lower` is a sub-select.

    A township sees the batch that its part belongs to, a county the run that made its batch. Both are headers
    without personal data; the rows below keep their own policies, also inside this sub-select.
    """
    name = f"assistance_{table}"
    return migrations.RunSQL(
        f"alter table {name} enable row level security;"
        f"create policy {name}_scope on {name}"
        f" using (area_code <@ {_SCOPE} or exists ({lower}))"
        f" with check (area_code <@ {_SCOPE} or exists ({lower}));",
        f"drop policy {name}_scope on {name}; alter table {name} disable row level security;",
    )


# Exact question only: cases of named persons for one cause, in whatever area. The refusal of a second relief tells the
# number, the day and the state, and nothing else of another county's case.
_RELIEF_OF = """
create function assistance_relief_of(person_ids uuid[], asked_cause text)
returns table (id uuid, number text, state text, accepted_on date, recorded_at timestamptz)
language sql stable security definer set search_path = public, pg_temp as $$
    select distinct c.id, c.number::text, c.state::text, c.accepted_on, c.recorded_at
      from assistance_reliefcase c join assistance_reliefperson covered on covered.case_id = c.id
     where covered.person_id = any(person_ids) and c.cause = asked_cause
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0002_guards"), ("assistance", "0001_initial")]
    operations = [
        *(
            scoped(f"assistance_{table}")
            for table in (
                "grant",
                "grantamount",
                "postponedreview",
                "reviewsettlement",
                "countylist",
                "bankarrangement",
                "cardagreement",
                "monthclosing",
                "publication",
                "batchpart",
                "reliefcase",
                "reliefperson",
                "casemove",
                "payable",
                "payableperson",
                "paymentattempt",
                "paymentoutcome",
                "overpayment",
                "overpaymentstep",
            )
        ),
        # Whom a grant covered stays where it began; the county that a household went to counts it from then on.
        seen_through(
            "grantperson",
            "select 1 from registry_household home where home.id = assistance_grantperson.home_id",
        ),
        seen_through(
            "paymentbatch",
            "select 1 from assistance_batchpart part where part.batch_id = assistance_paymentbatch.id",
        ),
        seen_through(
            "benefitrun",
            "select 1 from assistance_paymentbatch batch where batch.run_id = assistance_benefitrun.id",
        ),
        seen_through(
            "batchmove",
            "select 1 from assistance_paymentbatch batch where batch.id = assistance_batchmove.batch_id",
        ),
        *(
            append_only(f"assistance_{table}")
            for table in (
                "areagolive",
                "bankarrangement",
                "benefitrun",
                "batchmove",
                "casemove",
                "grantperson",
                "overpayment",
                "overpaymentstep",
                "monthclosing",
                "publication",
                "payable",
                "payableperson",
                "paymentoutcome",
            )
        ),
        # An agreement goes with the person into the custody of another county, and ends once.
        append_only("assistance_cardagreement", but=("area_code", "ended_on", "ended_reason", "ended_by")),
        # A grant moves into the custody of another county with its household; what it pays does not change.
        append_only("assistance_grantamount", but=("area_code",)),
        append_only("assistance_postponedreview", but=("area_code",)),
        append_only("assistance_reviewsettlement", but=("area_code",)),
        migrations.RunSQL(_RELIEF_OF, "drop function assistance_relief_of(uuid[], text)"),
        migrations.RunSQL("create sequence assistance_relief_number", "drop sequence assistance_relief_number"),
    ]
