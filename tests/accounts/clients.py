"""Browsers without a browser: test clients that are signed in."""

from __future__ import annotations

from django.test import Client

from shouwang.accounts.public import User
from shouwang.kernel.actor import Actor


def client_of(actor: Actor) -> Client:
    """A client signed in as the actor's user."""
    client = Client()
    client.force_login(User.objects.get(id=actor.user_id))
    return client
