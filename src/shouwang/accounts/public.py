"""What other apps may use of accounts."""

from .acting import actor_of, as_post, as_system, posts_in_force, system_actor
from .addresses import client_address
from .commands.event_posts import end_event_posts, open_event_post
from .commands.users import create_demo_user
from .decorators import roles_required
from .models import EventPost, Post, User
from .queries import officers_within
from .states import INCOMPATIBLE, NO_EVENT_ROLES, SEES_PERSONS, Role

__all__ = [
    "INCOMPATIBLE",
    "NO_EVENT_ROLES",
    "SEES_PERSONS",
    "EventPost",
    "Post",
    "Role",
    "User",
    "actor_of",
    "as_post",
    "as_system",
    "client_address",
    "create_demo_user",
    "end_event_posts",
    "officers_within",
    "open_event_post",
    "posts_in_force",
    "roles_required",
    "system_actor",
]
