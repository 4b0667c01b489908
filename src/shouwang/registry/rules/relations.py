"""What everybody's relation to the head becomes when somebody else becomes the head.

Only what follows without doubt is proposed; where it depends on the family, the answer is "" and a person says it.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..states import Relation

OLD_HEAD_BECOMES: Mapping[str, str] = {
    Relation.SPOUSE: Relation.SPOUSE,
    Relation.CHILD: Relation.PARENT,
    Relation.GRANDCHILD: Relation.GRANDPARENT,
    Relation.PARENT: Relation.CHILD,
    Relation.GRANDPARENT: Relation.GRANDCHILD,
    Relation.SIBLING: Relation.SIBLING,
}
"""By what the new head was to the old one."""

_OTHERS_BECOME: Mapping[tuple[str, str], str] = {
    (Relation.SPOUSE, Relation.CHILD): Relation.CHILD,
    (Relation.SPOUSE, Relation.CHILD_IN_LAW): Relation.CHILD_IN_LAW,
    (Relation.SPOUSE, Relation.GRANDCHILD): Relation.GRANDCHILD,
    (Relation.CHILD, Relation.SPOUSE): Relation.PARENT,
    (Relation.CHILD, Relation.CHILD): Relation.SIBLING,
    (Relation.CHILD, Relation.PARENT): Relation.GRANDPARENT,
    (Relation.GRANDCHILD, Relation.SPOUSE): Relation.GRANDPARENT,
    (Relation.PARENT, Relation.PARENT): Relation.SPOUSE,
    (Relation.PARENT, Relation.SIBLING): Relation.CHILD,
    (Relation.PARENT, Relation.CHILD): Relation.GRANDCHILD,
    (Relation.SIBLING, Relation.SIBLING): Relation.SIBLING,
    (Relation.SIBLING, Relation.PARENT): Relation.PARENT,
}
"""By what the new head and the other member were to the old head."""


def relation_to_new_head(*, new_head_was: str, member_was: str) -> str:
    """A proposal from what both were to the old head; "" when it does not follow. Other stays other."""
    if member_was == Relation.HEAD:
        return OLD_HEAD_BECOMES.get(new_head_was, "")
    if member_was == Relation.OTHER:
        return Relation.OTHER
    return _OTHERS_BECOME.get((new_head_was, member_was), "")
