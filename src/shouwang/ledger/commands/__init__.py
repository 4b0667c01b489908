"""Writes of the book: opening funds and accounts, posting, posting in bulk, and what finance writes by hand."""

from .bulk import post_entries, reserve_entries, void_reservations
from .by_hand import correct_entry, record_funds_received, transfer_between_areas
from .opening import accounts_of_unit, create_fund, ensure_account
from .posting import post_entry, post_reservation, reserve, reverse_entry, void_reservation

__all__ = [
    "accounts_of_unit",
    "correct_entry",
    "create_fund",
    "ensure_account",
    "post_entries",
    "post_entry",
    "post_reservation",
    "record_funds_received",
    "reserve",
    "reserve_entries",
    "reverse_entry",
    "transfer_between_areas",
    "void_reservation",
    "void_reservations",
]
