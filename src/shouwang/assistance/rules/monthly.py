"""Months, and why a line of a month owes nothing or waits. Pure."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

REASON_KEY = "monthly"
"""The reason of a monthly benefit: with programme, month and subject it is unique, so a month is owed once."""


class Held(StrEnum):
    """Why a grant owes nothing, or owes and cannot be paid yet. The codes stand in a run's report."""

    ALL_DIED = "all_died"
    NOBODY_COVERED = "nobody_covered"
    NO_PAYEE = "no_payee"
    NO_ACCOUNT = "no_account"
    COVERED_TWICE = "covered_twice"
    NOT_OWED = "not_owed"
    ALREADY_PAYABLE = "already_payable"


def month_of(day: date) -> date:
    return day.replace(day=1)


def next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def month_before(day: date) -> date:
    return date(day.year - (day.month == 1), (day.month - 2) % 12 + 1, 1)
