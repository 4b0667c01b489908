"""The set-up of the demo: areas, officers, documents and the measures that they ordered."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from shouwang.accounts.public import Role, as_system, create_demo_user
from shouwang.areas.public import load_areas, load_zones, read_national, read_weifang_villages, read_zones
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.ids import new_id
from shouwang.kernel.terminal import ReportProgress
from shouwang.response.public import (
    OrderDetails,
    PlannedMeasure,
    draft_order,
    get_kind,
    register_document,
    rehearse_order,
    sign_order,
)

from .city.seeds import DocumentSeed, MeasureSeed, OfficerSeed
from .diary import Diary, moment
from .town import BEGIN, Town

WEIFANG = 370700_000_000_000


FOUNDED_AT = moment(BEGIN, 6)


def write_area_tree(diary: Diary) -> None:
    """The nation to township level, Weifang to its villages, and its functional zones."""
    for act in (_load_national, _load_villages, _load_zones):
        diary.write(FOUNDED_AT, "区划", act)


def _load_national() -> None:
    with as_system("载入演示区划") as system:
        load_areas(actor=system, rows=read_national())


def _load_villages() -> None:
    with as_system("载入演示区划") as system:
        load_areas(actor=system, rows=read_weifang_villages())


def _load_zones() -> None:
    with as_system("载入演示区划") as system:
        load_zones(actor=system, zones=read_zones())


_SHOWN_UNIT = 370703_000_000_000
_SHOWN_TOWNSHIP = 370703_003_000_000


def _is_featured(officer: OfficerSeed) -> bool:
    """A button for each role of the tour: the city, 寒亭区 with its townships' heads, and 固堤街道's assistant."""
    if officer.role == Role.TOWNSHIP_ASSISTANT:
        return officer.area_code == _SHOWN_TOWNSHIP
    return officer.area_code == WEIFANG or officer.area_code // 10**9 == _SHOWN_UNIT // 10**9


def load_officers(town: Town, report: ReportProgress) -> None:
    """Every officer of the seeds, with a button on the sign-in page."""
    officers = town.city.officers
    with clock.at(moment(BEGIN, 7)), as_system("建立演示用户") as system:
        for done, officer in enumerate(officers, 1):
            user = create_demo_user(
                actor=system,
                username=officer.username,
                name=officer.name,
                role=officer.role,
                area_code=officer.area_code,
                from_on=BEGIN,
                is_featured=_is_featured(officer),
            )
            town.user_ids[officer.username] = user.id
            report("岗位", done, len(officers))


def write_orders(town: Town, diary: Diary) -> None:
    """Documents on the day of their issue, the measures that they order later on that day."""
    for document in town.city.documents:
        diary.write(moment(document.issued_on, 10), "文件与措施", partial(_register, town, document))
    issued_on = {document.key: document.issued_on for document in town.city.documents}
    for measure in town.city.measures:
        at = moment(issued_on[measure.document_key], 15)
        diary.write(at, "文件与措施", partial(_issue, town, measure))


def _register(town: Town, seed: DocumentSeed) -> None:
    with town.acting(Role.CITY_OFFICER, town.city_code) as actor:
        document = register_document(
            actor=actor,
            number=seed.number,
            title=seed.title,
            issuer=seed.issuer,
            issued_on=seed.issued_on,
            area_code=town.city_code,
        )
    town.document_ids[seed.key] = document.id


def _issue(town: Town, seed: MeasureSeed) -> None:
    """Drafted and rehearsed by the city's first officer, signed by its second."""
    planned = PlannedMeasure(
        kind=seed.kind,
        parameters=dict(seed.parameters),
        area_code=seed.area_code,
        from_at=clock.day_start(seed.from_on),
        until_at=clock.day_start(seed.until_on) if seed.until_on else None,
    )
    details = OrderDetails(title=f"发布：{get_kind(seed.kind).label}", document_id=town.document_ids[seed.document_key])
    with town.acting(Role.CITY_OFFICER, town.city_code) as actor:
        order = draft_order(actor=actor, order_id=new_id(), details=details, measures=[planned])
        rehearse_order(actor=actor, order_id=order.id)
    with town.acting(Role.CITY_OFFICER, town.city_code, 2) as actor:
        sign_order(actor=actor, order_id=order.id, expected_version=order.version)


def register_county_list(town: Town, actor: Actor, title: str) -> UUID:
    """A list or notice of the officer's own bureau, issued today, with the next number of its year."""
    today = clock.today()
    name = town.unit_names.get(actor.area_code, "潍坊市")
    number = town.next_list_number(actor.area_code, today.year)
    document = register_document(
        actor=actor,
        number=f"演示〔{today.year}〕{number}号",
        title=title,
        issuer=f"{name}民政局",
        issued_on=today,
        area_code=actor.area_code,
    )
    return document.id
