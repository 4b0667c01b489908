"""Months computed again and lists of deaths: what follows from facts that become known late."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import shouwang.kernel.fields
import shouwang.kernel.ids
from shouwang.kernel.schema import scoped

_GUARDS = """
create function assistance_recalculation_guard() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' or old.state in ('confirmed', 'refused') then
        raise exception 'a decided recalculation is never edited' using errcode = 'restrict_violation';
    end if;
    return new;
end $$;

create function assistance_recalculation_line_guard() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    -- Both, so that an update cannot move a line out of a decided recalculation.
    if exists (select 1 from assistance_recalculation
                where id in (new.recalculation_id, old.recalculation_id) and state in ('confirmed', 'refused')) then
        raise exception 'a decided recalculation is never edited' using errcode = 'restrict_violation';
    end if;
    return coalesce(new, old);
end $$;

create trigger assistance_recalculation_guard before update or delete on assistance_recalculation
    for each row execute function assistance_recalculation_guard();
create trigger assistance_recalculationline_guard before insert or update or delete on assistance_recalculationline
    for each row execute function assistance_recalculation_line_guard();
"""

_NO_GUARDS = """
drop trigger assistance_recalculationline_guard on assistance_recalculationline;
drop trigger assistance_recalculation_guard on assistance_recalculation;
drop function assistance_recalculation_line_guard();
drop function assistance_recalculation_guard();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("assistance", "0005_parameters"),
        ("response", "0002_guards"),
    ]

    operations = [
        migrations.CreateModel(
            name="Recalculation",
            fields=[
                ("id", models.UUIDField(default=shouwang.kernel.ids.new_id, primary_key=True, serialize=False)),
                (
                    "programme",
                    models.CharField(
                        choices=[
                            ("dibao", "最低生活保障"),
                            ("tekun", "特困人员救助供养"),
                            ("temporary_relief", "临时救助"),
                            ("price_subsidy", "价格临时补贴"),
                            ("disability_living", "困难残疾人生活补贴"),
                            ("disability_nursing", "重度残疾人护理补贴"),
                            ("orphan", "孤儿基本生活费"),
                            ("unattended_child", "事实无人抚养儿童补贴"),
                            ("old_age", "高龄津贴"),
                            ("one_off", "一次性补助"),
                        ],
                        max_length=24,
                    ),
                ),
                ("benefit_month", models.DateField()),
                ("area_code", shouwang.kernel.fields.AreaCodeField()),
                (
                    "cause",
                    models.CharField(choices=[("notice", "标准追溯调整"), ("facts", "资料补登或更正")], max_length=8),
                ),
                ("basis", models.CharField(max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "待核算"),
                            ("computed", "待复核"),
                            ("confirmed", "已确认"),
                            ("refused", "已退回"),
                        ],
                        default="waiting",
                        max_length=9,
                    ),
                ),
                ("rules_version", models.CharField(blank=True, max_length=40)),
                ("standards", models.JSONField(default=dict)),
                ("compared_count", models.PositiveIntegerField(default=0)),
                ("arrears_fen", shouwang.kernel.fields.FenField(default=0)),
                ("overpaid_fen", shouwang.kernel.fields.FenField(default=0)),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by", models.UUIDField(null=True)),
                ("computed_by", models.UUIDField(null=True)),
                ("computed_name", models.CharField(blank=True, max_length=64)),
                ("computed_at", models.DateTimeField(null=True)),
                ("decided_by", models.UUIDField(null=True)),
                ("decided_name", models.CharField(blank=True, max_length=64)),
                ("decided_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=100)),
                (
                    "notice",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recalculations",
                        to="assistance.parameternotice",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RecalculationLine",
            fields=[
                ("id", models.UUIDField(default=shouwang.kernel.ids.new_id, primary_key=True, serialize=False)),
                ("subject_id", models.UUIDField()),
                ("paid_fen", shouwang.kernel.fields.FenField()),
                ("should_fen", shouwang.kernel.fields.FenField()),
                ("ordinary_fen", shouwang.kernel.fields.FenField()),
                ("findings", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ("reasons", models.BigIntegerField()),
                (
                    "waits",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("not_arrived", "原款还没有到账，到账后再核算"),
                            ("covered", "有成员本月已在别处发放"),
                        ],
                        max_length=12,
                    ),
                ),
                ("area_code", shouwang.kernel.fields.AreaCodeField()),
                (
                    "arrears",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="arrears_of",
                        to="assistance.payable",
                    ),
                ),
                (
                    "grant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recalculation_lines",
                        to="assistance.grant",
                    ),
                ),
                (
                    "overpayment",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="found_by",
                        to="assistance.overpayment",
                    ),
                ),
                (
                    "payable",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recalculations",
                        to="assistance.payable",
                    ),
                ),
                (
                    "recalculation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="assistance.recalculation",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DeathList",
            fields=[
                ("id", models.UUIDField(default=shouwang.kernel.ids.new_id, primary_key=True, serialize=False)),
                ("area_code", shouwang.kernel.fields.AreaCodeField()),
                ("file_name", models.CharField(max_length=200)),
                ("state", models.CharField(choices=[("checked", "已检查"), ("taken", "已录入")], max_length=8)),
                ("row_count", models.PositiveIntegerField(default=0)),
                ("matched_count", models.PositiveIntegerField(default=0)),
                ("recorded_count", models.PositiveIntegerField(default=0)),
                ("report", models.JSONField(default=dict)),
                ("creator_name", models.CharField(max_length=64)),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by", models.UUIDField(null=True)),
                ("taker_name", models.CharField(blank=True, max_length=64)),
                ("taken_at", models.DateTimeField(null=True)),
                ("taken_by", models.UUIDField(null=True)),
                ("request_digest", models.BinaryField(max_length=16)),
                ("document", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="response.document")),
            ],
            options={
                "indexes": [models.Index(fields=["area_code", "-recorded_at"], name="death_list_area")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state", "taken"), ("taken_at", None), _connector="XOR"),
                        name="death_list_taken_once",
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="recalculation",
            index=models.Index(fields=["area_code", "-recorded_at"], name="recalculation_area"),
        ),
        migrations.AddConstraint(
            model_name="recalculation",
            constraint=models.UniqueConstraint(
                fields=("notice", "programme", "benefit_month", "area_code"), name="recalculation_once_a_notice"
            ),
        ),
        migrations.AddConstraint(
            model_name="recalculation",
            constraint=models.CheckConstraint(
                condition=models.Q(("cause", "notice"), ("notice", None), _connector="XOR"),
                name="recalculation_of_a_notice",
            ),
        ),
        migrations.AddConstraint(
            model_name="recalculation",
            constraint=models.CheckConstraint(
                condition=models.Q(("benefit_month__day", 1)), name="recalculation_of_a_month"
            ),
        ),
        migrations.AddConstraint(
            model_name="recalculation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_by", None),
                    models.Q(("decided_by", models.F("computed_by")), _negated=True),
                    _connector="OR",
                ),
                name="recalculation_two_officers",
            ),
        ),
        migrations.AddConstraint(
            model_name="recalculation",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["confirmed", "refused"]), ("decided_at", None), _connector="XOR"),
                name="recalculation_decided",
            ),
        ),
        migrations.AddConstraint(
            model_name="recalculationline",
            constraint=models.UniqueConstraint(fields=("recalculation", "grant"), name="recalculation_line_once"),
        ),
        migrations.AddConstraint(
            model_name="recalculationline",
            constraint=models.CheckConstraint(
                condition=models.Q(("paid_fen", models.F("should_fen")), _negated=True),
                name="recalculation_line_differs",
            ),
        ),
        migrations.AddConstraint(
            model_name="recalculationline",
            constraint=models.CheckConstraint(
                condition=models.Q(("arrears", None), ("should_fen__gt", models.F("paid_fen")), _connector="OR"),
                name="recalculation_arrears_when_more",
            ),
        ),
        migrations.AddConstraint(
            model_name="recalculationline",
            constraint=models.CheckConstraint(
                condition=models.Q(("overpayment", None), ("should_fen__lt", models.F("paid_fen")), _connector="OR"),
                name="recalculation_too_much_when_less",
            ),
        ),
        scoped("assistance_recalculation"),
        scoped("assistance_recalculationline"),
        scoped("assistance_deathlist"),
        migrations.RunSQL(_GUARDS, _NO_GUARDS),
    ]
