"""Argon2 for tests: at little cost, and counting how often its costly work is done."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickHasher(Argon2PasswordHasher):
    """The product's algorithm; what a guess costs is no matter of a test."""

    time_cost = 1
    memory_cost = 64
    parallelism = 1


class CountingHasher(QuickHasher):
    runs: ClassVar[list[str]] = []

    def encode(self, *arguments: Any) -> str:
        self.runs.append("argon2")
        return super().encode(*arguments)

    def verify(self, *arguments: Any) -> bool:
        self.runs.append("argon2")
        return super().verify(*arguments)
