"""What an organisation's record refuses."""

from __future__ import annotations

import pytest

from shouwang.kernel.errors import Invalid
from shouwang.kernel.ids import new_id
from shouwang.registry.models import Organisation
from shouwang.registry.public import OrganisationDetails, record_organisation
from tests.factories import GUDI_VILLAGE, HANTING, acting

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["999999999999", "康乐养老院 13800138000", "电话１３８００１３８０００"])
def test_name_that_holds_a_number_is_refused_in_words(name: str) -> None:
    with acting(area_code=HANTING) as actor:
        with pytest.raises(Invalid) as refusal:
            record_organisation(
                actor=actor, organisation_id=new_id(), details=OrganisationDetails(name=name, area_code=GUDI_VILLAGE)
            )
        assert refusal.value.reason == "organisation.number_in_name"
        assert not Organisation.objects.exists()
