"""Grants follow the people they are for: a household that moves is paid where it lives from the next month on.

So does an agreement on a card that another holds for the person.
"""

from __future__ import annotations

from django.db.models import Q

from shouwang.registry.public import RecordsMoved

from ..models import CardAgreement, Grant, GrantAmount, PostponedReview, ReviewSettlement


def move_grants(event: RecordsMoved) -> None:
    """Hand the grants over with the records, in the transfer's own transaction and scope.

    What was owed before stays where it was owed: a payable keeps its area, and so do the figures.
    """
    subjects = Q(person_id__in=event.person_ids)
    if event.household_id is not None:
        subjects |= Q(household_id=event.household_id)
    grant_ids = list(Grant.objects.filter(subjects).values_list("id", flat=True))
    GrantAmount.objects.filter(grant_id__in=grant_ids).update(area_code=event.area_code)
    PostponedReview.objects.filter(grant_id__in=grant_ids).update(area_code=event.area_code)
    ReviewSettlement.objects.filter(review__grant_id__in=grant_ids).update(area_code=event.area_code)
    Grant.objects.filter(id__in=grant_ids).update(area_code=event.area_code)
    CardAgreement.objects.filter(person_id__in=event.person_ids).update(area_code=event.area_code)
