"""Lists put up in a village: what was published, from when until when. Names are not kept here."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from shouwang.kernel import ids
from shouwang.kernel.fields import AreaCodeField, FenField

from ..states import Programme, PublicationKind


class Publication(models.Model):
    """公示、公布: one village, programme and month put up, with its sums as they were. Append-only.

    `take_down_on` is the first day on which a notice hangs no more; from that day its page shows no name either.
    `withheld`: rows that are never put up (orphans, children without care).
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    area_code = AreaCodeField()
    programme = models.CharField(max_length=24, choices=Programme.choices)
    benefit_month = models.DateField()
    kind = models.CharField(max_length=12, choices=PublicationKind.choices)
    posted_on = models.DateField()
    take_down_on = models.DateField(null=True)
    row_count = models.PositiveIntegerField()
    person_count = models.PositiveIntegerField()
    amount_fen = FenField()
    withheld_count = models.PositiveIntegerField()
    withheld_fen = FenField()
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(take_down_on=None) | Q(take_down_on__gt=models.F("posted_on")), name="publication_period"
            ),
            models.CheckConstraint(
                condition=Q(kind="notice") ^ Q(take_down_on=None), name="publication_notice_comes_down"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["area_code", "-posted_on"], name="publication_area")]
