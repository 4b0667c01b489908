"""A command's refusal, told at the form that asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.forms import Form

from .errors import DomainError


@contextmanager
def refusals_shown_in(form: Form) -> Iterator[None]:
    """A DomainError inside the block becomes the form's error, so that what was typed is still there."""
    try:
        yield
    except DomainError as refusal:
        form.add_error(None, refusal.message)
