"""How values of the trade are shown: money, dates, codes, masks, statuses, icons. Only formatting: no look-up, no rule.

A missing value shows as a dash. Money comes in as integer fen and never passes through a float.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django_vite.core.asset_loader import DjangoViteAssetLoader

from shouwang.kernel import clock, crypto, money

register = template.Library()

NOTHING: Final = "—"

TONES: Final = frozenset({"neutral", "progress", "waiting", "done", "stopped", "overdue"})
"""How a status feels: not begun, under way, waits for someone, done, ended, late. Each has a colour and a shape."""


@register.filter
def yuan(fen: int | None) -> str:
    """123456 -> 1,234.56"""
    return NOTHING if fen is None else money.yuan(fen)


@register.filter
def wan_yuan(fen: int | None) -> str:
    """442700000 -> 442.70"""
    return NOTHING if fen is None else money.wan_yuan(fen)


@register.filter
def count(number: int | None) -> str:
    """12345 -> 12,345"""
    return NOTHING if number is None else f"{number:,}"


@register.filter
def day(value: date | None) -> str:
    """2020-03-17; an instant gives its day in Asia/Shanghai."""
    if value is None:
        return NOTHING
    return (value.astimezone(clock.TZ) if isinstance(value, datetime) else value).strftime("%Y-%m-%d")


@register.filter
def moment(value: datetime | None) -> str:
    """2020-03-17 18:34, in Asia/Shanghai"""
    return NOTHING if value is None else value.astimezone(clock.TZ).strftime("%Y-%m-%d %H:%M")


@register.filter
def cutoff(value: datetime | None) -> str:
    """A half-open end as the trade writes it: midnight is 24:00 of the day before."""
    if value is None:
        return NOTHING
    local = value.astimezone(clock.TZ)
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        return f"{local.date() - timedelta(days=1):%Y-%m-%d} 24:00"
    return local.strftime("%Y-%m-%d %H:%M")


@register.filter
def area_code(code: int | None) -> str:
    """370703001001000 -> 370703001001; a grid keeps its three digits after a hyphen."""
    if code is None:
        return NOTHING
    statistical, grid = divmod(code, 1000)
    return f"{statistical:012d}-{grid:03d}" if grid else f"{statistical:012d}"


@register.filter
def area_name(code: int | None, names: Mapping[int, str]) -> str:
    """The name from the view's `areas.public.area_names(...)`; a code that has none shows as the code."""
    return NOTHING if code is None else names.get(code, area_code(code))


@register.filter
def mask_id(number: str | None) -> str:
    """370703198001011486 -> 370703********1486"""
    return crypto.mask_id_number(number) if number else NOTHING


@register.filter
def mask_phone(number: str | None) -> str:
    """13812345678 -> 138****5678"""
    return crypto.mask_phone(number) if number else NOTHING


@register.filter
def mask_account(number: str | None) -> str:
    """6217001234567890123 -> ****0123"""
    return crypto.mask_account(number) if number else NOTHING


@register.filter
def mask_name(name: str | None) -> str:
    """欧阳建国 -> 欧**国"""
    return crypto.mask_name(name) if name else NOTHING


def sprite_url() -> str:
    return DjangoViteAssetLoader.instance().generate_vite_asset_url("src/icons.svg")


@register.simple_tag
def icon(name: str) -> SafeString:
    """A decorative line icon; `name` must stand in frontend/icon-sprite.js. The words beside it carry the meaning."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', sprite_url(), name)


@register.simple_tag
def shape(tone: str) -> SafeString:
    """The shape of a tone: circle, half circle, triangle, disc, square, diamond."""
    return format_html('<svg aria-hidden="true"><use href="{}#shape-{}"></use></svg>', sprite_url(), checked_tone(tone))


@register.simple_tag
def status(label: str, tone: str = "neutral") -> SafeString:
    """A status: shape, colour and word."""
    return format_html('<span class="status tone-{}">{}{}</span>', tone, shape(tone), label)


def checked_tone(tone: str) -> str:
    if tone not in TONES:
        raise template.TemplateSyntaxError(f"tone {tone!r} is not one of {', '.join(sorted(TONES))}")
    return tone


@register.simple_tag
def yuan_cell(fen: int | None) -> SafeString:
    """A table cell with an amount in yuan; the column's head names the unit."""
    return format_html('<td class="num">{}</td>', yuan(fen))


@register.simple_tag
def wan_yuan_cell(fen: int | None) -> SafeString:
    """A table cell with an amount in ten thousands of yuan."""
    return format_html('<td class="num">{}</td>', wan_yuan(fen))


@register.simple_tag
def count_cell(number: int | None) -> SafeString:
    """A table cell with a number."""
    return format_html('<td class="num">{}</td>', count(number))
