"""Notices of parameters, their values and the second officer's decision; what the database refuses in them."""

import django.db.models.deletion
from django.db import migrations, models

import shouwang.kernel.fields
import shouwang.kernel.ids
from shouwang.kernel.schema import append_only

_SCOPE = "(select nullif(current_setting('app.areas', true), '')::int8multirange)"


def public_when(table: str, seen: str, written: str) -> migrations.RunSQL:
    """Read where `seen` holds, added where `written` does: what is confirmed is public, what is proposed is not yet."""
    name = f"assistance_{table}"
    return migrations.RunSQL(
        f"alter table {name} enable row level security;"
        f"create policy {name}_read on {name} for select using ({seen});"
        f"create policy {name}_scope on {name} for insert with check ({written});",
        f"drop policy {name}_scope on {name}; drop policy {name}_read on {name};"
        f"alter table {name} disable row level security;",
    )


# Both run as the owner: what they look at must not depend on the scope of whoever writes.
_GUARDS = """
create function assistance_parameter_value_guard() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare notice assistance_parameternotice;
begin
    select * into notice from assistance_parameternotice where id = new.notice_id;
    if new.position >= notice.value_count then
        raise exception 'the notice has all its values' using errcode = 'restrict_violation';
    end if;
    if exists (select 1 from assistance_parameterdecision where notice_id = new.notice_id) then
        raise exception 'the notice is decided' using errcode = 'restrict_violation';
    end if;
    return new;
end $$;

create function assistance_parameter_decision_guard() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare notice assistance_parameternotice;
begin
    select * into notice from assistance_parameternotice where id = new.notice_id;
    if new.recorded_by = notice.recorded_by then
        raise exception 'nobody decides their own notice' using errcode = 'restrict_violation';
    end if;
    if new.area_code <> notice.area_code or new.recorded_at < notice.recorded_at then
        raise exception 'the decision does not fit its notice' using errcode = 'restrict_violation';
    end if;
    if (select count(*) from assistance_parametervalue where notice_id = new.notice_id) <> notice.value_count then
        raise exception 'the notice lacks values' using errcode = 'restrict_violation';
    end if;
    return new;
end $$;

create trigger assistance_parametervalue_guard before insert on assistance_parametervalue
    for each row execute function assistance_parameter_value_guard();
create trigger assistance_parameterdecision_guard before insert on assistance_parameterdecision
    for each row execute function assistance_parameter_decision_guard();
"""

_NO_GUARDS = """
drop trigger assistance_parameterdecision_guard on assistance_parameterdecision;
drop trigger assistance_parametervalue_guard on assistance_parametervalue;
drop function assistance_parameter_decision_guard();
drop function assistance_parameter_value_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("response", "0001_initial"), ("assistance", "0004_run_records")]
    operations = [
        migrations.CreateModel(
            name="ParameterNotice",
            fields=[
                ("id", models.UUIDField(default=shouwang.kernel.ids.new_id, primary_key=True, serialize=False)),
                ("number", models.CharField(max_length=100)),
                ("title", models.CharField(max_length=200)),
                ("area_code", shouwang.kernel.fields.AreaCodeField()),
                ("effective_on", models.DateField()),
                ("is_retroactive", models.BooleanField(default=False)),
                ("announcement", models.TextField()),
                ("value_count", models.PositiveSmallIntegerField()),
                ("proposer_name", models.CharField(max_length=64)),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by", models.UUIDField()),
                (
                    "document",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="response.document",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["area_code", "-recorded_at"], name="parameter_notice_area")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("value_count__gt", 0)), name="parameter_notice_has_values"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ParameterValue",
            fields=[
                ("id", models.UUIDField(default=shouwang.kernel.ids.new_id, primary_key=True, serialize=False)),
                ("position", models.PositiveSmallIntegerField()),
                ("key", models.CharField(max_length=80)),
                ("area_code", shouwang.kernel.fields.AreaCodeField()),
                ("valid_from", models.DateField()),
                ("text", models.CharField(max_length=40, null=True)),
                ("unit", models.CharField(max_length=12)),
                ("source_number", models.CharField(max_length=100)),
                ("source_article", models.CharField(blank=True, max_length=100)),
                (
                    "status",
                    models.CharField(choices=[("confirmed", "已核定"), ("placeholder", "占位")], max_length=11),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="values",
                        to="assistance.parameternotice",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["key", "area_code", "valid_from"], name="parameter_value_key")],
                "constraints": [
                    models.UniqueConstraint(fields=("notice", "position"), name="parameter_value_position"),
                    models.UniqueConstraint(
                        fields=("notice", "key", "area_code", "valid_from"), name="parameter_value_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True), name="parameter_value_not_empty"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ParameterDecision",
            fields=[
                ("id", models.UUIDField(default=shouwang.kernel.ids.new_id, primary_key=True, serialize=False)),
                (
                    "verdict",
                    models.CharField(choices=[("confirmed", "已确认"), ("refused", "已退回")], max_length=9),
                ),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("decider_name", models.CharField(max_length=64)),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by", models.UUIDField()),
                ("area_code", shouwang.kernel.fields.AreaCodeField()),
                (
                    "notice",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decision",
                        to="assistance.parameternotice",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("verdict", "refused"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="parameter_decision_refused_why",
                    )
                ],
            },
        ),
        public_when(
            "parameterdecision",
            f"verdict = 'confirmed' or area_code <@ {_SCOPE}",
            f"area_code <@ {_SCOPE}",
        ),
        public_when(
            "parameternotice",
            f"area_code <@ {_SCOPE} or exists (select 1 from assistance_parameterdecision decision"
            " where decision.notice_id = assistance_parameternotice.id and decision.verdict = 'confirmed')",
            f"area_code <@ {_SCOPE}",
        ),
        public_when(
            "parametervalue",
            "exists (select 1 from assistance_parameternotice notice"
            " where notice.id = assistance_parametervalue.notice_id)",
            f"area_code <@ {_SCOPE}",
        ),
        append_only("assistance_parameternotice"),
        append_only("assistance_parametervalue"),
        append_only("assistance_parameterdecision"),
        migrations.RunSQL(_GUARDS, _NO_GUARDS),
    ]
