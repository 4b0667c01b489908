"""One list for the bank on its way through the officers: confirmed, approved, funded, sent, answered, reconciled.

Nobody takes two steps of a list: the city's third officer or the unit's first opened it, the city's second sends
it, its first compares.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from shouwang.accounts.public import Role
from shouwang.assistance.public import (
    LineAnswer,
    approve_batch,
    approve_funds,
    confirm_townships,
    get_batch_for,
    list_lines_for,
    part_states,
    receive_return,
    reconcile_batch,
    send_batch,
)

from .town import Town


class Refused(NamedTuple):
    """The bank sends a line back: when, and why."""

    on: date
    reason: str


class Chain:
    """The steps of one list, each to be called under the clock of its moment."""

    def __init__(self, town: Town, unit: int, batch_id: UUID) -> None:
        self._town = town
        self._unit = unit
        self._batch_id = batch_id

    def confirm(self) -> None:
        """Every township stands by its lines; for what the unit runs itself its second officer does."""
        with self._town.acting(Role.COUNTY_OFFICER, self._unit, 2) as actor:
            batch = get_batch_for(actor, self._batch_id)
            codes = [state.part.area_code for state in part_states(actor, batch)]
        townships = [code for code in codes if self._town.townships.get(code) == self._unit]
        for code in townships:
            with self._town.acting(Role.TOWNSHIP_ASSISTANT, code) as actor:
                confirm_townships(actor=actor, batch_id=self._batch_id)
        if len(townships) < len(codes):
            with self._town.acting(Role.COUNTY_OFFICER, self._unit, 2) as actor:
                confirm_townships(actor=actor, batch_id=self._batch_id)

    def approve(self) -> None:
        with self._town.acting(Role.COUNTY_LEADER, self._unit) as actor:
            approve_batch(actor=actor, batch_id=self._batch_id)

    def approve_funds(self) -> None:
        with self._town.acting(Role.FINANCE, self._unit) as actor:
            approve_funds(actor=actor, batch_id=self._batch_id)

    def send(self) -> None:
        with self._town.acting(Role.CITY_OFFICER, self._town.city_code, 2) as actor:
            send_batch(actor=actor, batch_id=self._batch_id)

    def receive(self, on: date, refused: Mapping[UUID, Refused]) -> None:
        """The bank's answers of a day: what it credits, or what it sends back (`refused` by subject)."""
        with self._town.acting(Role.FINANCE, self._unit) as actor:
            batch = get_batch_for(actor, self._batch_id)
            lines = list_lines_for(actor, batch, state="open").values_list(
                "line_number", "amount_fen", "payable__subject_id"
            )
            answers = []
            for number, amount_fen, subject_id in lines:
                assert number is not None, "a line of a list has its number"
                refusal = refused.get(subject_id)
                if refusal is None:
                    answers.append(LineAnswer(batch.number, number, amount_fen, True, "", on))
                elif refusal.on == on:
                    answers.append(LineAnswer(batch.number, number, amount_fen, False, refusal.reason, on))
            receive_return(actor=actor, batch_id=self._batch_id, answers=answers)

    def reconcile(self) -> None:
        with self._town.acting(Role.CITY_OFFICER, self._town.city_code) as actor:
            reconcile_batch(actor=actor, batch_id=self._batch_id)


class Drafted:
    """The lists that a step made, for the steps after it."""

    def __init__(self, town: Town, unit: int) -> None:
        self._town, self._unit = town, unit
        self._chains: list[Chain] = []

    def draft(self, make: Callable[[], Sequence[UUID]]) -> None:
        self._chains = [Chain(self._town, self._unit, batch_id) for batch_id in make()]

    def each(self, step: Callable[[Chain], None]) -> None:
        for chain in self._chains:
            step(chain)
