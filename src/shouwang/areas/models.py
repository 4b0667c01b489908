"""The area tree 行政区划: every place a fact can lie in, from the nation's provinces to a grid.

A code is 15 digits: the 12-digit statistical code x 1000 + grid. Every area has a `span` of codes; for an ordinary
area it is one half-open range, so roll-up and scope are range comparisons. A functional zone 功能区 is an area of
county rank whose span takes townships out of the host county's.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from shouwang.kernel.fields import AreaCodeField, SpansField


class Level(models.TextChoices):
    PROVINCE = "province", "省"
    CITY = "city", "市"
    COUNTY = "county", "县（市、区）"
    ZONE = "zone", "功能区"
    TOWNSHIP = "township", "乡镇（街道）"
    VILLAGE = "village", "村（社区）"
    GRID = "grid", "网格"


class Area(models.Model):
    """One node of the tree; `parent` is the next node above, whatever its level (429005 hangs under its province)."""

    code = AreaCodeField(primary_key=True)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    level = models.CharField(max_length=8, choices=Level.choices)
    name = models.CharField(max_length=64)
    full_name = models.CharField(max_length=160)
    sort_key = models.CharField(max_length=128, db_collation="C")
    span = SpansField()
    is_statistical = models.BooleanField(default=False)
    source = models.CharField(max_length=64)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    successor = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="predecessors")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["parent", "sort_key"], name="area_children")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(code__gt=0, code__lt=1_000_000_000_000_000), name="area_code_15_digits"
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to=None) | models.Q(valid_to__gt=models.F("valid_from")),
                name="area_valid_order",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ZonePart(models.Model):
    """An area (a township or a village) that a functional zone runs, from a date until a date.

    It leaves the host county's roll-up: its codes are in the zone's span and out of the county's.
    """

    id = models.BigAutoField(primary_key=True)
    zone = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="zone_parts")
    part = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="zone_memberships")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["part"], condition=models.Q(valid_to=None), name="zone_part_once"),
        ]


class AreaTerm(models.Model):
    """A word by which an area is found: name, name without its suffix, pinyin, initials."""

    id = models.BigAutoField(primary_key=True)
    term = models.CharField(max_length=64, db_collation="C")
    area = models.ForeignKey(Area, on_delete=models.CASCADE)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["term", "area"], name="area_term")]
