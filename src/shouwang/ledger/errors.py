"""Refusals of the book, with stable codes."""

from __future__ import annotations

from shouwang.kernel.errors import Conflict, Invalid, StateConflict


class InsufficientFunds(Conflict):
    """An account that holds money would pay what it does not have."""

    code = "ledger.insufficient_funds"


class FundRefuses(Conflict):
    """The rules of a fund do not allow this payment."""

    code = "ledger.fund_refuses"


class EntryDiffers(Conflict):
    """An entry with this id is there and says something else."""

    code = "ledger.entry_differs"


class EntryInvalid(Invalid):
    """Not an entry of double bookkeeping."""

    code = "ledger.entry_invalid"


class EntryResolved(StateConflict):
    """The reservation is resolved, or the entry reversed, already; or it is none that can be."""

    code = "ledger.entry_resolved"
