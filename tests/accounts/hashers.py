"""A password hasher that counts how often its costly work is done."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.hashers import Argon2PasswordHasher


class CountingHasher(Argon2PasswordHasher):
    runs: ClassVar[list[str]] = []

    def encode(self, *arguments: Any) -> str:
        self.runs.append("argon2")
        return super().encode(*arguments)

    def verify(self, *arguments: Any) -> bool:
        self.runs.append("argon2")
        return super().verify(*arguments)
