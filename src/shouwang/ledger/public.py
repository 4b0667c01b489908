"""What other apps may use of the book.

Writing verbs authorise the scope and refuse those who may never post; the calling command authorises its own role and
brings the transaction. Amounts are fen, debit positive.
"""

from .balances import Balance, balance_of, balances_of
from .commands import (
    accounts_of_unit,
    create_fund,
    ensure_account,
    post_entries,
    post_entry,
    post_reservation,
    record_funds_received,
    reserve,
    reserve_entries,
    reverse_entry,
    transfer_between_areas,
    void_reservation,
    void_reservations,
)
from .errors import EntryDiffers, EntryInvalid, EntryResolved, FundRefuses, InsufficientFunds
from .models import Account, Entry, Fund, Posting
from .policies import may_read as may_read_the_book
from .programmes import register_programme
from .queries import check_fund_rules, funds_for, get_fund_for
from .rules import EntryDraft, FundRules, Line
from .sources import SourceLink, register_source
from .states import CNY, AccountKind, EntryKind, FundLevel
from .verify import Finding, register_check, verify_ledger

__all__ = [
    "CNY",
    "Account",
    "AccountKind",
    "Balance",
    "Entry",
    "EntryDiffers",
    "EntryDraft",
    "EntryInvalid",
    "EntryKind",
    "EntryResolved",
    "Finding",
    "Fund",
    "FundLevel",
    "FundRefuses",
    "FundRules",
    "InsufficientFunds",
    "Line",
    "Posting",
    "SourceLink",
    "accounts_of_unit",
    "balance_of",
    "balances_of",
    "check_fund_rules",
    "create_fund",
    "ensure_account",
    "funds_for",
    "get_fund_for",
    "may_read_the_book",
    "post_entries",
    "post_entry",
    "post_reservation",
    "record_funds_received",
    "register_check",
    "register_programme",
    "register_source",
    "reserve",
    "reserve_entries",
    "reverse_entry",
    "transfer_between_areas",
    "verify_ledger",
    "void_reservation",
    "void_reservations",
]
