"""What other apps may use of accounts."""

from .acting import actor_of, as_post, as_system, posts_in_force, system_actor
from .addresses import client_address
from .commands.users import create_demo_user
from .decorators import roles_required
from .models import Post, User
from .states import INCOMPATIBLE, SEES_PERSONS, Role

__all__ = [
    "INCOMPATIBLE",
    "SEES_PERSONS",
    "Post",
    "Role",
    "User",
    "actor_of",
    "as_post",
    "as_system",
    "client_address",
    "create_demo_user",
    "posts_in_force",
    "roles_required",
    "system_actor",
]
