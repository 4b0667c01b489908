"""How a bank's answer stands in the book. Pure: sums in, movements by kind of account out; debit positive, in fen."""

from __future__ import annotations

from shouwang.ledger.public import AccountKind


def source_of(*, is_reissue: bool) -> AccountKind:
    """Where a list's money lies until it is paid: what came back waits apart from the treasury."""
    return AccountKind.RETURNED if is_reissue else AccountKind.TREASURY


def held_back(*, is_reissue: bool, open_fen: int) -> dict[AccountKind, int]:
    """The reservation for lines without an answer."""
    return _without_zeros({source_of(is_reissue=is_reissue): -open_fen, AccountKind.PAID_OUT: open_fen})


def answered(*, is_reissue: bool, paid_fen: int, returned_fen: int) -> dict[AccountKind, int]:
    """Paid lines leave for good; returned ones wait on the account of returned money, where a re-issue finds them."""
    source = source_of(is_reissue=is_reissue)
    moved = {source: -(paid_fen + returned_fen), AccountKind.PAID_OUT: paid_fen}
    moved[AccountKind.RETURNED] = moved.get(AccountKind.RETURNED, 0) + returned_fen
    return _without_zeros(moved)


def taken_back(*, amount_fen: int) -> dict[AccountKind, int]:
    """A payment that had arrived is recovered into the treasury."""
    return {AccountKind.TREASURY: amount_fen, AccountKind.PAID_OUT: -amount_fen}


def given_up(*, amount_fen: int) -> dict[AccountKind, int]:
    """A returned line that will not be issued again goes back into the treasury."""
    return {AccountKind.TREASURY: amount_fen, AccountKind.RETURNED: -amount_fen}


def known_before(*, paid_fen: int) -> dict[AccountKind, int]:
    """A payment made before this system knew of it."""
    return {AccountKind.MIGRATION: -paid_fen, AccountKind.PAID_OUT: paid_fen}


def _without_zeros(moved: dict[AccountKind, int]) -> dict[AccountKind, int]:
    return {kind: quantity for kind, quantity in moved.items() if quantity}
