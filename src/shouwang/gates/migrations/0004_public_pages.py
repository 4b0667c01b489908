"""What the public pages stand on: how often they were asked, the one question by code, and when a declaration may go."""

import django.db.models.deletion
from django.db import migrations, models

import shouwang.kernel.fields
import shouwang.kernel.ids
from shouwang.kernel.schema import scoped

# Who has the code, and nobody else, is answered with the registration's id and place: the page then takes the scope of
# that one place. Exact look-up only.
_BY_CODE = """
create function gates_registration_by_code(digest bytea)
returns table (id uuid, area_code bigint)
language sql stable security definer set search_path = public, pg_temp as $$
    select r.id, r.area_code from gates_registration r where r.code_digest = digest and r.forgotten_at is null
$$;
"""

# A declaration is never edited, and goes only with its person: once the resident's own data have been forgotten.
_DECLARATION_GUARD = """
drop trigger gates_healthdeclaration_append_only on gates_healthdeclaration;
create function gates_declaration_guard() returns trigger language plpgsql security definer
    set search_path = public, pg_temp as $$
begin
    if tg_op = 'UPDATE' or exists (
        select from gates_resident r where r.id = old.resident_id and r.no_id_reason <> 'forgotten') then
        raise exception 'gates_healthdeclaration is append-only' using errcode = 'restrict_violation';
    end if;
    return old;
end $$;
create trigger gates_declaration_guard before update or delete on gates_healthdeclaration
    for each row execute function gates_declaration_guard();
"""
_DECLARATION_BACK = """
drop trigger gates_declaration_guard on gates_healthdeclaration;
drop function gates_declaration_guard();
create trigger gates_healthdeclaration_append_only before update or delete on gates_healthdeclaration
    for each row execute function shouwang_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("gates", "0003_ingest")]
    operations = [
        migrations.CreateModel(
            name="PublicCount",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("key", models.BinaryField(max_length=16)),
                ("hour", models.DateTimeField()),
                ("count", models.PositiveIntegerField()),
            ],
            options={
                "indexes": [models.Index(fields=["hour"], name="public_count_hour")],
                "constraints": [models.UniqueConstraint(fields=("key", "hour"), name="public_count_once")],
            },
        ),
        migrations.AddField("registration", "request_digest", models.BinaryField(max_length=16)),
        migrations.AddField("registration", "forgotten_at", models.DateTimeField(null=True)),
        migrations.AddConstraint(
            "passdenial",
            models.CheckConstraint(
                condition=models.Q(reason__in=["lost", "replaced", "moved_out", "key_withdrawn", "issued_in_error"]),
                name="denial_reason_closed",
            ),
        ),
        migrations.AddConstraint(
            "denialproposal",
            models.CheckConstraint(
                condition=models.Q(reason__in=["lost", "replaced", "moved_out", "key_withdrawn", "issued_in_error"]),
                name="denial_proposal_reason_closed",
            ),
        ),
        migrations.CreateModel(
            name="RegistrationSheet",
            fields=[
                (
                    "id",
                    models.UUIDField(default=shouwang.kernel.ids.new_id, primary_key=True, serialize=False),
                ),
                ("area_code", shouwang.kernel.fields.AreaCodeField()),
                ("file_name", models.CharField(max_length=200)),
                ("row_count", models.PositiveIntegerField()),
                ("household_count", models.PositiveIntegerField()),
                ("known_count", models.PositiveIntegerField()),
                ("refused_count", models.PositiveIntegerField()),
                ("refused", models.BinaryField(null=True)),
                ("request_digest", models.BinaryField(max_length=16)),
                ("creator_name", models.CharField(max_length=64)),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by", models.UUIDField(null=True)),
                ("estate", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="gates.estate")),
            ],
            options={
                "indexes": [models.Index(fields=["area_code", "-recorded_at"], name="registration_sheet_latest")],
            },
        ),
        scoped("gates_registrationsheet"),
        migrations.RunSQL(_BY_CODE, "drop function gates_registration_by_code(bytea)"),
        migrations.RunSQL(_DECLARATION_GUARD, _DECLARATION_BACK),
    ]
