"""Reads of the register: `as_of` for dated facts, `people` and `households` for pages, `duplicates` and `history`."""
