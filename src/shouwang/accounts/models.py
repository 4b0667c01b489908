"""Users and their posts 岗位. A right is a post: a role in an area, from a date until a date."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower

from shouwang.kernel import ids
from shouwang.kernel.fields import AreaCodeField

from .states import Role


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username=username)


class User(AbstractBaseUser):
    """An officer who signs in. Staff directory, not personal data of the served: readable before a scope is set."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    username = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=40)
    must_change_password = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)
    is_featured = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    held: list[Post]
    """The posts in force, where a query has fetched them."""

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar = ["name"]
    objects = UserManager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(username=Lower("username")), name="user_username_lower"),
        ]

    def __str__(self) -> str:
        return self.name


class SignInGuard(models.Model):
    """Failed sign-ins under one typed user name, known or not: an unknown name is locked like a known one.

    `key` is a keyed digest: what was typed may be a password put into the wrong field.
    """

    key = models.CharField(primary_key=True, max_length=32)
    failed_count = models.PositiveSmallIntegerField(default=0)
    last_failed_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True)


class SignInAddress(models.Model):
    """A user name as it was typed at a network address: when it last failed there, and when it last signed in there.

    Both keys are keyed digests. A success clears the failure.
    """

    id = models.BigAutoField(primary_key=True)
    address_key = models.CharField(max_length=32)
    name_key = models.CharField(max_length=32)
    failed_at = models.DateTimeField(null=True)
    signed_in_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["address_key", "name_key"], name="sign_in_address_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["address_key", "failed_at"], name="sign_in_address_failed")]


class Post(models.Model):
    """A user in a role in an area; `until_on` is the first day it no longer holds."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="posts")
    role = models.CharField(max_length=24, choices=Role.choices)
    area_code = AreaCodeField()
    from_on = models.DateField()
    until_on = models.DateField(null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["user", "from_on"], name="post_user"),
            models.Index(fields=["area_code", "role"], name="post_area"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(until_on=None) | models.Q(until_on__gte=models.F("from_on")), name="post_order"
            ),
            models.UniqueConstraint(
                fields=["user", "role", "area_code"], condition=models.Q(until_on=None), name="post_open_once"
            ),
        ]


class EventPost(models.Model):
    """An event role that overlays a user's posts: the command of an event, in an area; ended with the event.

    It opens the event's groups and tasks there and nothing else; the home post stays. `until_on` as a post's.
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="event_posts")
    event_id = models.UUIDField()
    area_code = AreaCodeField()
    from_on = models.DateField()
    until_on = models.DateField(null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["event_id"], name="event_post_event")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(until_on=None) | models.Q(until_on__gte=models.F("from_on")), name="event_post_order"
            ),
            models.UniqueConstraint(
                fields=["user", "event_id", "area_code"], condition=models.Q(until_on=None), name="event_post_open_once"
            ),
        ]
