"""What is refused around users and posts."""

from __future__ import annotations

from shouwang.kernel.errors import Conflict


class IncompatiblePosts(Conflict):
    """One person may not hold these two roles at the same time."""

    code = "incompatible_posts"
