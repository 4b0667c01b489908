"""Kinds of entries and accounts of the book 账本."""

from __future__ import annotations

from django.db import models


class EntryKind(models.TextChoices):
    """`reserve` holds money back; a later `post` or `void` resolves it; `reverse` takes back a posted entry."""

    PLAIN = "plain", "记账"
    RESERVE = "reserve", "预留"
    POST = "post", "预留转记账"
    VOID = "void", "预留作废"
    REVERSE = "reverse", "冲正"


POSTED_KINDS: frozenset[str] = frozenset({EntryKind.PLAIN, EntryKind.POST, EntryKind.REVERSE})
"""Entries whose postings make the balance."""


class AccountKind(models.TextChoices):
    """What an account stands for. Quantities are debits when positive; sources run negative."""

    SOURCE = "source", "资金来源"
    TREASURY = "treasury", "专户存款"
    PETTY_RESERVE = "petty_reserve", "乡镇备用金"
    PAID_OUT = "paid_out", "已发放"
    RETURNED = "returned", "退票待处理"
    CLEARING = "clearing", "往来"
    MIGRATION = "migration", "历史发放"


HOLDS_MONEY: frozenset[str] = frozenset({AccountKind.TREASURY, AccountKind.PETTY_RESERVE, AccountKind.RETURNED})
"""Accounts that cannot pay what they do not have: posted balance less reservations is never negative."""


GROWS_BY_CREDIT: frozenset[str] = frozenset({AccountKind.SOURCE, AccountKind.MIGRATION})
"""Accounts that say how much came from them: pages show their balance the other way round, as what was given."""


class FundLevel(models.TextChoices):
    """Who gave the money."""

    CENTRAL = "central", "中央"
    PROVINCE = "province", "省级"
    CITY = "city", "市级"
    COUNTY = "county", "县级"


CNY = "CNY"
"""The unit of money; quantities are fen."""
