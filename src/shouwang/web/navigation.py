"""The side bar as data: which pages there are, by trade, and which roles see them.

Showing an entry grants nothing: the page itself authorises. An entry whose page is not routed here is left out; a test
holds that none is in our own configuration.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

EVERYONE: frozenset[str] = frozenset()
"""No role named: every signed-in person."""

MONEY = frozenset({"county_officer", "county_leader", "finance", "city_officer", "auditor"})
CASEWORK = frozenset(
    {"grid_worker", "township_assistant", "township_head", "county_officer", "county_leader", "city_officer", "auditor"}
)
COMMAND = CASEWORK | {"finance", "partner"}
KEEPERS = frozenset({"county_officer", "city_officer"})
GATEKEEPING = frozenset(
    {"grid_worker", "township_assistant", "township_head", "county_officer", "county_leader", "city_officer", "auditor"}
)
ADMINISTRATION = frozenset({"sysadmin"})
OVERSIGHT = frozenset({"auditor"})


@dataclass(frozen=True, slots=True)
class NavPage:
    """A page of a trade that is no entry of the side bar. No roles named: whoever has the entry."""

    label: str | Promise
    url_name: str
    roles: frozenset[str] = EVERYONE

    def is_for(self, role: str) -> bool:
        return not self.roles or role in self.roles


@dataclass(frozen=True, slots=True)
class NavItem:
    """`pages`: what else the trade has, shown as a line of links on its own pages (`section_nav`), the entry's first."""

    key: str
    label: str | Promise
    url_name: str
    icon: str
    roles: frozenset[str] = EVERYONE
    pages: tuple[NavPage, ...] = ()

    def is_for(self, role: str) -> bool:
        return not self.roles or role in self.roles


@dataclass(frozen=True, slots=True)
class NavGroup:
    label: str | Promise
    items: tuple[NavItem, ...]


@dataclass(frozen=True, slots=True)
class NavLink:
    """An entry as one person sees it on one page."""

    label: str | Promise
    url: str
    icon: str
    is_current: bool


PAYMENT_PAGES = (
    NavPage(_("发放清册"), "run_list"),
    NavPage(_("待处理"), "problem_list"),
    NavPage(_("死亡名单"), "death_list_new", KEEPERS),
    NavPage(_("价补名单"), "group_list_new", KEEPERS),
    NavPage(_("补差核算"), "recalculation_list"),
    NavPage(_("追回台账"), "overpayment_list"),
    NavPage(_("月度结账"), "month_page"),
    NavPage(_("公示公布"), "publication_list"),
    NavPage(_("代管协议"), "agreement_list"),
    NavPage(_("代发银行"), "bank_list"),
    NavPage(_("上线日期"), "go_live_list"),
    NavPage(_("政策测算"), "what_if"),
)

DRAFTERS = frozenset({"county_officer", "county_leader", "city_officer", "auditor"})
MEASURE_PAGES = (
    NavPage(_("在行措施"), "measures_in_force"),
    NavPage(_("措施台账"), "measure_list"),
    NavPage(_("时间线"), "measure_timeline"),
    NavPage(_("发布单"), "order_list", DRAFTERS),
    NavPage(_("机构落实"), "receipt_list"),
)

NAVIGATION: tuple[NavGroup, ...] = (
    NavGroup("", (NavItem("home", _("今天"), "home", "home"),)),
    NavGroup(
        _("底册"),
        (
            NavItem("households", _("家庭"), "household_list", "users", CASEWORK),
            NavItem("persons", _("人员"), "person_list", "user", CASEWORK),
            NavItem("organisations", _("机构"), "organisation_list", "building", CASEWORK),
            NavItem("imports", _("表格导入"), "import_list", "upload", CASEWORK),
        ),
    ),
    NavGroup(
        _("救助"),
        (
            NavItem("relief", _("临时救助"), "relief_list", "heart-handshake", CASEWORK | {"finance"}),
            NavItem("grants", _("在保对象"), "grant_list", "clipboard-list", CASEWORK),
            NavItem("petty_reserve", _("乡镇备用金"), "petty_reserve_list", "cash", CASEWORK | {"finance"}),
            NavItem("runs", _("资金发放"), "run_list", "table-export", CASEWORK | MONEY, PAYMENT_PAGES),
            NavItem("parameters", _("标准与参数"), "parameter_list", "settings", CASEWORK | MONEY),
        ),
    ),
    NavGroup(_("账本"), (NavItem("ledger", _("科目与余额"), "ledger_accounts", "book", MONEY),)),
    NavGroup(
        _("应急响应"),
        (
            NavItem("events", _("事件"), "event_list", "alert-triangle", COMMAND),
            NavItem("groups", _("工作组"), "group_list", "building-community", COMMAND),
            NavItem("tasks", _("任务"), "task_list", "circle-check", COMMAND),
            NavItem("measures", _("在行措施"), "measures_in_force", "gavel", pages=MEASURE_PAGES),
            NavItem("documents", _("文件"), "document_list", "file-text"),
        ),
    ),
    NavGroup(
        _("卡口"),
        (
            NavItem("gate_board", _("今日卡口"), "gate_board", "chart-bar", GATEKEEPING),
            NavItem("estates", _("小区和出入口"), "estate_list", "building-community", GATEKEEPING),
            NavItem("registrations", _("居民登记"), "registration_list", "clipboard-list", GATEKEEPING),
            NavItem("passes", _("通行证"), "pass_list", "shield-check", GATEKEEPING),
            NavItem("denials", _("作废清单"), "denial_list", "circle-x", GATEKEEPING),
        ),
    ),
    NavGroup(_("报送"), (NavItem("bulletins", _("快报"), "bulletin", "report", CASEWORK | MONEY),)),
    NavGroup(_("审计"), (NavItem("audit", _("审计记录"), "audit_log", "eye", OVERSIGHT),)),
    NavGroup(
        _("系统"),
        (
            NavItem("users", _("用户与岗位"), "user_list", "key", ADMINISTRATION),
            NavItem("workdays", _("工作日历"), "workdays", "calendar", ADMINISTRATION),
            NavItem("health", _("运行状况"), "system_health", "shield-check", ADMINISTRATION),
        ),
    ),
)


def navigation_for(role: str, path: str) -> list[tuple[str | Promise, list[NavLink]]]:
    """The groups this role sees on the page at `path`; the current entry has the longest matching address."""
    groups = [(group.label, list(_routed(group, role))) for group in NAVIGATION]
    urls = [url for _label, items in groups for _item, url in items]
    current = max((url for url in urls if _covers(url, path)), key=len, default=None)
    return [
        (label, [NavLink(item.label, url, item.icon, url == current) for item, url in items])
        for label, items in groups
        if items
    ]


def section_for(key: str, role: str, path: str) -> tuple[str | Promise, list[NavLink]]:
    """The name of a trade and its pages as this role sees them on the page at `path`; one page alone is no section."""
    item = next(item for group in NAVIGATION for item in group.items if item.key == key)
    pages = [(page, reverse(page.url_name)) for page in item.pages if page.is_for(role)]
    current = max((url for _page, url in pages if _covers(url, path)), key=len, default=None)
    links = [NavLink(page.label, url, "", url == current) for page, url in pages]
    return item.label, links if len(links) > 1 else []


def _routed(group: NavGroup, role: str) -> Iterator[tuple[NavItem, str]]:
    for item in group.items:
        if item.is_for(role):
            try:
                yield item, reverse(item.url_name)
            except NoReverseMatch:
                continue


def _covers(url: str, path: str) -> bool:
    """Whether `path` is the page at `url` or lies below it; the home page covers itself only."""
    return path == url or (url != "/" and path.startswith(url.rstrip("/") + "/"))
