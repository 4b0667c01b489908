"""Whom a month computed again leaves out, and why."""

import django.db.models.deletion
from django.db import migrations, models

import shouwang.kernel.fields
import shouwang.kernel.ids
from shouwang.kernel.schema import scoped

_GUARD = """
create trigger assistance_recalculationomission_guard before insert or update or delete on assistance_recalculationomission
    for each row execute function assistance_recalculation_line_guard();
"""
_NO_GUARD = "drop trigger assistance_recalculationomission_guard on assistance_recalculationomission;"


class Migration(migrations.Migration):
    dependencies = [
        ("assistance", "0008_group_lists"),
    ]

    operations = [
        migrations.CreateModel(
            name="RecalculationOmission",
            fields=[
                ("id", models.UUIDField(default=shouwang.kernel.ids.new_id, primary_key=True, serialize=False)),
                ("subject_id", models.UUIDField()),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("unknown_facts", "收入等资料没有登记，按规则算不出来"),
                            ("by_hand", "款项由人撤下、放弃或者冲回过，不再改动"),
                            ("not_in_force", "按现在的资料当月不在保，或者已迁出"),
                            ("held", "当月清册没有发给本户（已去世、已在别处发放等）"),
                        ],
                        max_length=16,
                    ),
                ),
                ("paid_fen", shouwang.kernel.fields.FenField()),
                ("area_code", shouwang.kernel.fields.AreaCodeField()),
                (
                    "grant",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="assistance.grant",
                    ),
                ),
                (
                    "recalculation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="omissions",
                        to="assistance.recalculation",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("recalculation", "grant"), name="recalculation_omission_once")
                ],
            },
        ),
        scoped("assistance_recalculationomission"),
        migrations.RunSQL(_GUARD, _NO_GUARD),
    ]
