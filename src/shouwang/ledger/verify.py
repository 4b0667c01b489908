"""`ledger verify`: recomputes what the book promises, and names what does not hold.

Findings break a promise. Open items are no fault: reservations not resolved yet, clearing accounts that still carry
money. Apps above add their own checks: that the lines of a batch add up to its entries, for one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from shouwang.kernel import money

from .states import HOLDS_MONEY, AccountKind


@dataclass(frozen=True, slots=True)
class Finding:
    """`check` is the check's key, `subject` "entry:<id>" or "account:<id>" or what an app's check names."""

    check: str
    subject: str
    message: str


@dataclass(frozen=True, slots=True)
class VerifyReport:
    entries: int
    postings: int
    checks: tuple[str, ...]
    findings: list[Finding] = field(default_factory=list)
    open_items: list[Finding] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.findings


Check = Callable[[], Iterable[Finding]]

_ENTRY_CHECKS = {
    "balanced": (
        "does not sum to zero per fund and unit",
        """select distinct posting.entry_id from ledger_posting posting
             join ledger_account account on account.id = posting.account_id
            group by posting.entry_id, account.fund_id, account.unit_id having sum(posting.quantity) <> 0""",
    ),
    "has_postings": (
        "has no postings, or is a void that has some",
        """select entry.id from ledger_entry entry
            where (entry.kind = 'void') = exists (select from ledger_posting where entry_id = entry.id)""",
    ),
    "inside_its_area": (
        "has a posting outside its area, or on an account of another",
        """select distinct posting.entry_id from ledger_posting posting
             join ledger_entry entry on entry.id = posting.entry_id
             join ledger_account account on account.id = posting.account_id
             join areas_area area on area.code = account.area_code
            where posting.area_code <> entry.area_code or not area.span @> entry.area_code""",
    ),
    "mirrors": (
        "differs from the entry it resolves or reverses",
        """select echo.id from ledger_entry echo
             join ledger_entry meant on meant.id = coalesce(echo.resolves_id, echo.reverses_id)
            where echo.kind in ('post', 'reverse')
              and (echo.area_code <> meant.area_code
                or meant.kind not in ('plain', 'post', 'reserve')
                or (select array_agg((account_id, quantity)::text order by account_id)
                      from ledger_posting where entry_id = echo.id)
                   is distinct from
                   (select array_agg((account_id, case echo.kind when 'post' then quantity else -quantity end)::text
                                     order by account_id)
                      from ledger_posting where entry_id = meant.id))""",
    ),
}
_BALANCES = """
    select account.id, account.name,
           coalesce(sum(posting.quantity) filter (where entry.kind <> 'reserve'), 0)::bigint,
           coalesce(sum(-posting.quantity) filter (
               where entry.kind = 'reserve' and posting.quantity < 0 and resolution.id is null), 0)::bigint
      from ledger_account account
      left join ledger_posting posting on posting.account_id = account.id
      left join ledger_entry entry on entry.id = posting.entry_id
      left join ledger_entry resolution on resolution.resolves_id = entry.id
     where account.kind = any(%s)
     group by account.id order by account.name
"""
_OPEN_RESERVATIONS = """
    select entry.id, entry.source, entry.occurred_on from ledger_entry entry
      left join ledger_entry resolution on resolution.resolves_id = entry.id
     where entry.kind = 'reserve' and resolution.id is null order by entry.recorded_at
"""

_checks: dict[str, Check] = {}


def register_check(key: str, check: Check) -> None:
    """An app's own check of the book, by a key like "assistance.lines". Called once a key, in AppConfig.ready()."""
    if key in _checks:
        raise ValueError(f"the check {key!r} is registered already")
    _checks[key] = check


def verify_ledger() -> VerifyReport:
    """Recompute everything. Run under a system scope."""
    findings: list[Finding] = []
    for key, (complaint, statement) in _ENTRY_CHECKS.items():
        findings += [Finding(key, f"entry:{entry_id}", complaint) for (entry_id,) in _rows(statement)]
    for account_id, name, posted, reserved in _rows(_BALANCES, [sorted(HOLDS_MONEY)]):
        if posted - reserved < 0:
            words = f"{name}: {money.yuan(posted)} posted, {money.yuan(reserved)} reserved"
            findings.append(Finding("no_overdraft", f"account:{account_id}", words))
    for key, check in _checks.items():
        findings += [Finding(key, finding.subject, finding.message) for finding in check()]
    ((entries, postings),) = _rows("select (select count(*) from ledger_entry), (select count(*) from ledger_posting)")
    return VerifyReport(
        entries=entries,
        postings=postings,
        checks=(*_ENTRY_CHECKS, "no_overdraft", *_checks),
        findings=findings,
        open_items=_open_items(),
    )


def _open_items() -> list[Finding]:
    open_items = [
        Finding("clearing_at_zero", f"account:{account_id}", f"{name}: {money.yuan(posted)} on its way")
        for account_id, name, posted, _reserved in _rows(_BALANCES, [[AccountKind.CLEARING.value]])
        if posted
    ]
    open_items += [
        Finding("reservation_open", f"entry:{entry_id}", f"{source}, since {day}")
        for entry_id, source, day in _rows(_OPEN_RESERVATIONS)
    ]
    return open_items


def _rows(statement: str, parameters: list[list[str]] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()
