"""How papers write days, months and money."""

from __future__ import annotations

from datetime import date

from shouwang.kernel.money import yuan

from ..rules.capital_amount import amount_in_capitals


def written_day(day: date | None) -> str:
    """2020年3月18日; a blank to fill in by hand without one."""
    return f"{day.year}年{day.month}月{day.day}日" if day else "　　　　年　　月　　日"


def written_month(month: date) -> str:
    return f"{month.year}年{month.month}月"


def written_amount(fen: int) -> str:
    """人民币壹仟贰佰元整（¥1,200.00）."""
    return f"人民币{amount_in_capitals(fen)}（¥{yuan(fen)}）"
