"""价补对象名单: whom others pay, brought by a county for the price subsidy of a month."""

import django.db.models.deletion
from django.db import migrations, models

import shouwang.kernel.fields
import shouwang.kernel.ids
from shouwang.kernel.schema import append_only, scoped

_SCOPE = "(select nullif(current_setting('app.areas', true), '')::int8multirange)"

# A list of the city is there for the county of somebody whom it names: the county's run pays by it. It names no person.
_SEEN = f"""
alter table assistance_grouplist enable row level security;
create policy assistance_grouplist_scope on assistance_grouplist
    using (area_code <@ {_SCOPE} or exists (
           select 1 from assistance_grouplistperson named where named.group_list_id = assistance_grouplist.id))
    with check (area_code <@ {_SCOPE});
"""


class Migration(migrations.Migration):
    dependencies = [
        ("assistance", "0007_references"),
        ("registry", "0003_references"),
        ("response", "0002_guards"),
    ]

    operations = [
        migrations.CreateModel(
            name="GroupList",
            fields=[
                ("id", models.UUIDField(default=shouwang.kernel.ids.new_id, primary_key=True, serialize=False)),
                (
                    "group_key",
                    models.CharField(
                        choices=[
                            ("unemployment_insurance", "领取失业保险金人员"),
                            ("unemployment_allowance", "领取失业补助金人员"),
                            ("veteran", "享受国家定期抚恤补助的优抚对象"),
                            ("orphan", "孤儿"),
                            ("unattended_child", "事实无人抚养儿童"),
                            ("borderline", "低保边缘人口"),
                        ],
                        max_length=24,
                    ),
                ),
                ("benefit_month", models.DateField()),
                ("area_code", shouwang.kernel.fields.AreaCodeField()),
                ("file_name", models.CharField(max_length=200)),
                ("state", models.CharField(choices=[("checked", "已检查"), ("taken", "已录入")], max_length=8)),
                ("row_count", models.PositiveIntegerField(default=0)),
                ("matched_count", models.PositiveIntegerField(default=0)),
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
        ),
        migrations.CreateModel(
            name="GroupListPerson",
            fields=[
                ("id", models.UUIDField(default=shouwang.kernel.ids.new_id, primary_key=True, serialize=False)),
                ("area_code", shouwang.kernel.fields.AreaCodeField()),
                (
                    "group_list",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="persons",
                        to="assistance.grouplist",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.person"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="grouplist",
            index=models.Index(fields=["area_code", "-recorded_at"], name="group_list_area"),
        ),
        migrations.AddConstraint(
            model_name="grouplist",
            constraint=models.CheckConstraint(
                condition=models.Q(("state", "taken"), ("taken_at", None), _connector="XOR"),
                name="group_list_taken_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="grouplist",
            constraint=models.CheckConstraint(
                condition=models.Q(("benefit_month__day", 1)), name="group_list_of_a_month"
            ),
        ),
        migrations.AddConstraint(
            model_name="grouplistperson",
            constraint=models.UniqueConstraint(fields=("group_list", "person"), name="group_list_person_once"),
        ),
        migrations.RunSQL(_SEEN, "drop policy assistance_grouplist_scope on assistance_grouplist;"),
        scoped("assistance_grouplistperson"),
        append_only("assistance_grouplistperson"),
    ]
