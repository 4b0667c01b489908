"""Who acts: a user in a post. Every command takes one."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest

from .scope import Scope


@dataclass(frozen=True, slots=True)
class Actor:
    """A user acting in one post; `scope` is the union of the spans of the user's posts in force."""

    user_id: UUID | None
    post_id: UUID | None
    name: str
    role: str
    area_code: int
    scope: Scope

    @property
    def is_system(self) -> bool:
        return self.user_id is None


class ActorRequest(HttpRequest):
    """A request that the middleware has given its actor: what views are annotated with."""

    actor: Actor
