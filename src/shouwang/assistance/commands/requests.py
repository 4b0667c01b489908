"""A form brings the id of what it makes: see `kernel.requests`."""

from shouwang.kernel.requests import digest_of, ensure_same, reused, take_turns

__all__ = ["digest_of", "ensure_same", "reused", "take_turns"]
