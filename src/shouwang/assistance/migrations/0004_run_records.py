"""What a run rested on and how each amount came about."""

import django.db.models.deletion
from django.db import migrations, models

import shouwang.kernel.fields
import shouwang.kernel.ids
from shouwang.kernel.schema import append_only, scoped

_SCOPE = "(select nullif(current_setting('app.areas', true), '')::int8multirange)"


# Exact question only: which of these people are paid, or owed, for a programme and month, wherever that is. It answers with
# the ids that were asked about and nothing of the other county's list. A payable given up or taken back covers nobody.
_COVERED = """
create function assistance_covered(asked_programme text, asked_month date, person_ids uuid[])
returns table (person_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
    select distinct covered.person_id
      from assistance_payableperson covered join assistance_payable p on p.id = covered.payable_id
     where covered.person_id = any(person_ids) and p.programme = asked_programme and p.benefit_month = asked_month
       and (not exists (select 1 from assistance_paymentattempt a where a.payable_id = p.id)
            or exists (select 1 from assistance_paymentattempt a
                        where a.payable_id = p.id and a.state in ('open', 'succeeded', 'returned')))
$$;
create function assistance_month_is_owed(asked_programme text, asked_month date) returns boolean
language sql stable security definer set search_path = public, pg_temp as $$
    select exists (select 1 from assistance_payable p
                    where p.programme = asked_programme and p.benefit_month = asked_month)
$$;
"""


def seen_with_the_run(table: str) -> migrations.RunSQL:
    """The record of a run is there for whoever sees the run; it names no person."""
    name = f"assistance_{table}"
    seen = f"area_code <@ {_SCOPE} or exists (select 1 from assistance_benefitrun run where run.id = {name}.run_id)"
    return migrations.RunSQL(
        f"alter table {name} enable row level security;"
        f"create policy {name}_scope on {name} using ({seen}) with check ({seen});",
        f"drop policy {name}_scope on {name}; alter table {name} disable row level security;",
    )


class Migration(migrations.Migration):
    dependencies = [("assistance", "0003_accounts_of_lines")]
    operations = [
        migrations.CreateModel(
            name="RunRecord",
            fields=[
                (
                    "run",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="record",
                        serialize=False,
                        to="assistance.benefitrun",
                    ),
                ),
                ("rules_version", models.CharField(max_length=40)),
                ("code_version", models.CharField(max_length=40)),
                ("engine", models.CharField(max_length=40)),
                ("sql", models.TextField()),
                ("standards", models.JSONField()),
                ("measures", models.JSONField()),
                ("input_hash", models.CharField(max_length=64)),
                ("counts", models.JSONField()),
                ("seconds", models.JSONField()),
                ("known_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                ("area_code", shouwang.kernel.fields.AreaCodeField()),
            ],
        ),
        migrations.CreateModel(
            name="RunFile",
            fields=[
                (
                    "id",
                    models.UUIDField(default=shouwang.kernel.ids.new_id, primary_key=True, serialize=False),
                ),
                ("table", models.CharField(max_length=24)),
                ("part", models.PositiveSmallIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("content", models.BinaryField()),
                ("area_code", shouwang.kernel.fields.AreaCodeField()),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="assistance.benefitrun",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("run", "table", "part"), name="run_file_part")],
            },
        ),
        migrations.CreateModel(
            name="RunLine",
            fields=[
                (
                    "id",
                    models.UUIDField(default=shouwang.kernel.ids.new_id, primary_key=True, serialize=False),
                ),
                ("number", models.BigIntegerField()),
                ("grant_number", models.BigIntegerField(null=True)),
                ("person_number", models.BigIntegerField(null=True)),
                ("household_number", models.BigIntegerField(null=True)),
                ("subject_id", models.UUIDField()),
                ("unit_code", shouwang.kernel.fields.AreaCodeField()),
                ("amount_fen", shouwang.kernel.fields.FenField()),
                ("ordinary_fen", shouwang.kernel.fields.FenField()),
                ("decided_fen", shouwang.kernel.fields.FenField()),
                ("last_paid_fen", shouwang.kernel.fields.FenField()),
                ("findings", shouwang.kernel.fields.NumbersField()),
                ("reasons", models.BigIntegerField()),
                ("is_computed", models.BooleanField()),
                ("held", models.CharField(blank=True, max_length=16)),
                ("area_code", shouwang.kernel.fields.AreaCodeField()),
                (
                    "grant",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="run_lines",
                        to="assistance.grant",
                    ),
                ),
                (
                    "payable",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="assistance.payable",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="assistance.benefitrun",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("run", "number"), name="run_line_number"),
                    models.CheckConstraint(
                        condition=models.Q(("payable", None), ("payable", models.F("id")), _connector="OR"),
                        name="run_line_of_its_payable",
                    ),
                ],
                "indexes": [
                    models.Index(fields=["subject_id", "run"], name="run_line_subject"),
                    models.Index(
                        fields=["area_code"],
                        condition=models.Q(("amount_fen", models.F("ordinary_fen")), _negated=True),
                        name="run_line_kept",
                    ),
                ],
            },
        ),
        seen_with_the_run("runrecord"),
        seen_with_the_run("runfile"),
        scoped("assistance_runline"),
        migrations.RunSQL(
            _COVERED,
            "drop function assistance_covered(text, date, uuid[]); drop function assistance_month_is_owed(text, date);",
        ),
        append_only("assistance_runrecord"),
        append_only("assistance_runfile"),
        append_only("assistance_runline"),
    ]
