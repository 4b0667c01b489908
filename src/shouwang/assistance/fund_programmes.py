"""The programmes a fund may be opened for: those that this app pays."""

from __future__ import annotations

from shouwang.ledger.public import register_programme

from .states import Programme


def register() -> None:
    for programme in Programme:
        register_programme(programme.value, programme.label)
