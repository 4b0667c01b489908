"""Every address of the product as the neighbour walk takes it: who opens it, what it shows, what it is sent.

An address that is neither here nor among the exemptions fails the walk.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern, URLResolver, get_resolver

from shouwang.accounts.public import Role
from shouwang.assistance.bank_files import BACK_COLUMNS
from shouwang.kernel.ids import new_id
from shouwang.kernel.money import yuan

from .counties import Samples
from .samples import CUTOFF

Data = Callable[[Samples], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Address:
    """How an address is walked.

    `shows`: what of the sample its page shows, empty for a form that starts blank. `query`: what stands behind the
    question mark. `sends`: what its owner posts with success; the neighbour posts the same.
    """

    owner: str = Role.COUNTY_OFFICER
    shows: str = ""
    query: Data | None = None
    sends: Data | None = None


EXEMPT: Mapping[str, str] = {
    "sign_in": "public; names the demo's officers only",
    "sign_in_demo": "public; answers in a demo only",
    "sign_out": "ends one's own session",
    "health": "public; says ok",
    "csp_report": "public; reads nothing",
    "my_account": "one's own posts",
    "change_password": "one's own password",
    "act_in_post": "one's own posts, tested with the sign-in",
    "area_search": "the area tree is public",
    "area_children": "the area tree is public",
    "measures_in_force": "what is in force is for everyone to read",
    "measure_list": "what is in force is for everyone to read",
    "measure_timeline": "what is in force is for everyone to read",
    "measures_today": "public; what is in force is for everybody to read",
    "gate_app": "the keeper's phone, which holds nothing before it is enrolled",
    "gate_app_worker": "the keeper's phone, which holds nothing before it is enrolled",
    "gate_app_manifest": "the keeper's phone, which holds nothing before it is enrolled",
    "measure_detail": "what is in force is for everyone to read",
    "document_list": "documents are for everyone to read",
    "document_detail": "documents are for everyone to read",
    "document_matrix": "documents are for everyone to read",
    "workdays": "one calendar for the nation",
    "system_health": "no personal data, for the system administrator",
    "import_template": "an empty workbook",
    "county_list_template": "an empty workbook",
    "death_list_template": "an empty workbook",
    "registration_template": "an empty workbook",
    "register_find": "public; names estates only",
    "register_household": "public; tells nothing of what exists, tested with the public pages",
    "own_page_open": "public; opened by a code and four digits, tested with the public pages",
    "own_page": "behind a signed address, tested with the public pages",
    "own_declare": "behind a signed address, tested with the public pages",
    "own_guest": "behind a signed address, tested with the public pages",
    "own_step": "behind a signed address, tested with the public pages",
    "own_pass_code": "behind a signed address, tested with the public pages",
    "group_list_template": "an empty workbook",
}

_CUT = {"from": "2020-01-01", "as_of": CUTOFF}


def _area(samples: Samples) -> dict[str, Any]:
    return {"area": samples.place.county}


def _cut(samples: Samples) -> dict[str, Any]:
    return _area(samples) | _CUT


def _order(samples: Samples) -> dict[str, Any]:
    document = samples.arguments["document_id"]
    return {"request_id": new_id(), "title": "先行救助", "document": document, "confirm_within_hours": 24}


def _planned(samples: Samples) -> dict[str, Any]:
    return _area(samples) | {"from_at": "2020-03-18T09:00", "parameter_papers_due_working_days": "5"}


def _hex(samples: Samples, argument: str) -> str:
    """The id as the name of a field that is asked for each member."""
    return UUID(str(samples.arguments[argument])).hex


def _fact(samples: Samples, value: str) -> dict[str, Any]:
    return {"request_id": new_id(), "value": value, "valid_from": "2020-03-01", "source": "入户调查"}


def _file(name: str, text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode())


def _organisation(samples: Samples) -> dict[str, Any]:
    place = samples.place
    return {"request_id": new_id(), "name": place.name("家新院"), "kind": "nursing_home", "area": place.village}


def _applicant(samples: Samples) -> dict[str, Any]:
    return {
        "request_id": new_id(),
        "area": samples.place.village,
        "kind": "urgent",
        "cause": "accident",
        "occurred_on": "2020-03-18",
        "channel": "cash",
        "story": "意外受伤",
    }


def _user(samples: Samples, **more: Any) -> dict[str, Any]:
    return {"request_id": new_id(), "role": Role.GRID_WORKER, "area": samples.place.village, "on": "2020-03-18"} | more


def _prefixed(prefix: str, values: dict[str, Any]) -> dict[str, Any]:
    return {f"{prefix}-{name}": value for name, value in values.items()}


def _return_file(samples: Samples) -> dict[str, Any]:
    """The bank's file once more: it changes nothing, and is taken."""
    head = ",".join(column.label for column in BACK_COLUMNS)
    fen = samples.arguments["amount_fen"]
    assert isinstance(fen, int)
    line = f"{samples.shown['batch']},1,{yuan(fen)},成功,,2020-03-10"
    return {"workbook": _file("回盘.csv", f"{head}\n{line}\n")}


def _county_list(samples: Samples) -> dict[str, Any]:
    head = f"身份证号,姓名,月发放金额\n{samples.numbers['子彦']},{samples.shown['head']},300\n"
    return {
        "request_id": new_id(),
        "programme": "tekun",
        "document": samples.arguments["document_id"],
        "month": "2020-03",
        "file": _file("名单.csv", head),
    }


def _death_list(samples: Samples) -> dict[str, Any]:
    rows = f"身份证号,姓名,死亡日期\n{samples.numbers['子彦']},{samples.shown['head']},2020-03-01\n"
    return {
        "request_id": new_id(),
        "document": samples.arguments["document_id"],
        "file": _file("死亡名单.csv", rows),
    }


def _group_list(samples: Samples) -> dict[str, Any]:
    rows = f"身份证号,姓名\n{samples.numbers['子彦']},{samples.shown['head']}\n"
    return {
        "request_id": new_id(),
        "group": "veteran",
        "month": "2020-05",
        "document": samples.arguments["document_id"],
        "file": _file("优抚名单.csv", rows),
    }


def _notice(samples: Samples) -> dict[str, Any]:
    rows = {"TOTAL_FORMS": 1, "INITIAL_FORMS": 0, "0-key": "dibao.standard.rural", "0-area": samples.place.county}
    return {
        "request_id": new_id(),
        "area": samples.place.county,
        "number": "测民〔2020〕9号",
        "title": "关于农村低保标准的通知",
        "effective_on": "2020-05-01",
        "step": "check",
        **_prefixed("values", rows | {"0-text": "460", "0-status": "confirmed"}),
    }


def _proxy_registration(samples: Samples) -> dict[str, Any]:
    return {
        "request_id": new_id(),
        "estate": samples.arguments["estate_id"],
        "source": "proxy",
        "building": "1",
        "room": "808",
        "agrees": "on",
        "members-TOTAL_FORMS": "1",
        "members-INITIAL_FORMS": "0",
        "members-0-name": samples.place.name("代登"),
        "members-0-no_id_reason": "newborn",
    }


ASSISTANT, OFFICER, LEADER = Role.TOWNSHIP_ASSISTANT, Role.COUNTY_OFFICER, Role.COUNTY_LEADER
FINANCE, SYSADMIN, GRID = Role.FINANCE, Role.SYSADMIN, Role.GRID_WORKER

ADDRESSES: Mapping[str, Address] = {
    # the shell
    "home": Address(ASSISTANT, "open_case"),
    "home_figures": Address(OFFICER),
    "search": Address(ASSISTANT, sends=lambda s: {"q": s.shown["head"]}),
    # the register
    "household_list": Address(GRID, "household"),
    "household_new": Address(
        sends=lambda s: {
            "request_id": new_id(),
            "area": s.place.village,
            "registered_on": "2020-03-18",
            "is_urban": "0",
            "members-TOTAL_FORMS": "1",
            "members-INITIAL_FORMS": "0",
            "members-0-relation": "head",
            "members-0-name": s.place.name("新户"),
            "members-0-no_id_reason": "unregistered",
            "members-0-sex": "male",
            "members-0-birth_on": "1970-01-01",
        }
    ),
    "household_detail": Address(GRID, "household"),
    "household_add_member": Address(
        shows="household",
        sends=lambda s: {
            "request_id": new_id(),
            "relation": "child",
            "since": "2020-03-01",
            "name": s.place.name("添丁"),
            "no_id_reason": "newborn",
            "sex": "male",
            "birth_on": "2020-02-20",
        },
    ),
    "member_head": Address(
        shows="child",
        sends=lambda s: {
            "request_id": new_id(),
            "valid_from": "2020-03-01",
            "source": "户口簿",
            _hex(s, "person_id"): "parent",
        },
    ),
    "member_relation": Address(
        shows="child",
        sends=lambda s: {
            "request_id": new_id(),
            "valid_from": "2020-03-01",
            "source": "户口簿",
            "relation": "sibling",
        },
    ),
    "member_leave": Address(
        shows="child", sends=lambda s: {"request_id": new_id(), "valid_from": "2020-03-01", "source": "外出"}
    ),
    "household_fact": Address(shows="household", sends=lambda s: _fact(s, "1")),
    "household_move": Address(
        shows="household",
        sends=lambda s: {
            "request_id": new_id(),
            "area": s.place.other_village,
            "moved_on": "2020-03-01",
            "reason": "迁居",
        },
    ),
    "person_list": Address(GRID, "head"),
    "duplicate_list": Address(shows="child"),
    "person_detail": Address(GRID, "head"),
    "person_correct": Address(
        shows="head",
        sends=lambda s: {"request_id": new_id(), "name": s.place.name("改名"), "reason": "户口本"},
    ),
    "person_fact": Address(shows="head", query=lambda s: {"kind": "student"}, sends=lambda s: _fact(s, "1")),
    "person_fact_correct": Address(shows="head", sends=lambda s: _fact(s, "350.00")),
    "person_death": Address(
        shows="head", sends=lambda s: {"request_id": new_id(), "died_on": "2020-03-17", "source": "死亡证明"}
    ),
    "person_certificate": Address(
        shows="head",
        sends=lambda s: {
            "request_id": new_id(),
            "number": s.numbers["子彦"] + "42",
            "since": "2020-03-01",
            "source": "验看证件",
        },
    ),
    "person_need": Address(sends=lambda s: {"need": "meal_delivery", "is_needed": "1"}),
    "person_account": Address(
        shows="head",
        sends=lambda s: {
            "request_id": new_id(),
            "bank_name": "农商行",
            "number": "6217009988776655",
            "holder_name": s.shown["head"],
            "valid_from": "2020-03-01",
        },
    ),
    "person_reveal": Address(shows="head", sends=lambda s: {"reason": "verify"}),
    "person_merge": Address(shows="child", sends=lambda s: {"reason": "同一人"}),
    "person_unmerge": Address(shows="merged", sends=lambda s: {"reason": "不是同一人"}),
    "transfer_list": Address(shows="transfer"),
    "transfer_new": Address(
        sends=lambda s: {
            "request_id": new_id(),
            "id_number": s.numbers["elsewhere"],
            "area": s.place.village,
            "with_household": "0",
            "moved_on": "2020-03-01",
            "reason": "迁入",
        }
    ),
    "transfer_answer": Address(sends=lambda s: {"withdraw": "1"}),
    "organisation_list": Address(shows="organisation"),
    "organisation_new": Address(sends=_organisation),
    "organisation_detail": Address(shows="organisation"),
    "organisation_edit": Address(shows="organisation", sends=lambda s: _organisation(s) | {"version": 1}),
    "import_list": Address(ASSISTANT, "import"),
    "import_new": Address(
        ASSISTANT,
        sends=lambda s: {
            "request_id": new_id(),
            "area": s.place.township,
            "since": "2020-03-18",
            "file": _file("新册.csv", "姓名,身份证号,与户主关系\n"),
        },
    ),
    "import_detail": Address(ASSISTANT, "import"),
    "import_progress": Address(ASSISTANT),
    "import_check": Address(
        ASSISTANT, sends=lambda s: {"village": 0, "household": 1, "name": 2, "relation": 3, "id_number": 5}
    ),
    "import_load": Address(ASSISTANT, sends=lambda s: {}),
    "import_decide": Address(ASSISTANT, "child", sends=lambda s: {"row_4": "new"}),
    "import_refused": Address(ASSISTANT, sends=lambda s: {}),
    "import_undo": Address(ASSISTANT, sends=lambda s: {"reason": "传错了"}),
    # the book
    "ledger_accounts": Address(FINANCE, "fund"),
    "ledger_account_list": Address(FINANCE, "fund"),
    "ledger_statement": Address(FINANCE, "entry"),
    "ledger_entry": Address(FINANCE, "entry"),
    "ledger_reverse": Address(FINANCE, sends=lambda s: {"reason": "记错"}),
    "ledger_receive": Address(
        FINANCE,
        "fund",
        sends=lambda s: {
            "request_id": new_id(),
            "fund": s.arguments["fund_id"],
            "area": s.place.county,
            "amount": "100.00",
            "occurred_on": "2020-03-18",
            "memo": "拨入",
        },
    ),
    "ledger_transfer": Address(
        FINANCE,
        sends=lambda s: {
            "request_id": new_id(),
            "giver": s.arguments["account_id"],
            "taker": s.arguments["petty_account_id"],
            "amount": "100.00",
            "occurred_on": "2020-03-18",
            "memo": "调拨",
        },
    ),
    "ledger_fund_new": Address(
        FINANCE,
        sends=lambda s: {
            "code": "NEW",
            "name": "新资金",
            "level": "county",
            "area": s.place.county,
            "programmes": ["dibao"],
            "purpose": "救助",
        },
    ),
    # measures and documents
    "order_list": Address(shows="order"),
    "order_new": Address(sends=lambda s: _order(s) | _planned(s)),
    "order_detail": Address(shows="order"),
    "order_edit": Address(shows="order", sends=lambda s: _order(s)),
    "order_add": Address(shows="order", sends=lambda s: _planned(s)),
    "order_remove": Address(sends=lambda s: {}),
    "order_rehearse": Address(sends=lambda s: {}),
    "order_sign": Address(LEADER, sends=lambda s: {"version": 1}),
    "order_drop": Address(sends=lambda s: {"version": 1}),
    "receipt_list": Address(
        shows="organisation", sends=lambda s: {"receipt": s.arguments["receipt_id"], "answer": "confirm"}
    ),
    "measure_lift": Address(LEADER, sends=lambda s: {"at": "2020-03-18T09:00", "reason": "结束"}),
    "document_new": Address(
        sends=lambda s: {
            "number": "测〔2020〕99号",
            "title": "通知",
            "issuer": "民政局",
            "issued_on": "2020-03-18",
            "area": s.place.county,
        }
    ),
    "document_file": Address(shows="file"),
    "document_send": Address(sends=lambda s: {"units": [s.place.township], "due_on": "2020-03-20"}),
    "document_receive": Address(sends=lambda s: {}),
    # the command of events
    "event_list": Address(shows="event"),
    "event_open": Address(
        LEADER,
        sends=lambda s: {
            "request_id": new_id(),
            "kind": "flood",
            "title": s.place.name("家洪水"),
            "area": s.place.county,
            "level": "3",
            "started_at": "2020-03-18T07:00",
            "reason": "汛情",
        },
    ),
    "event_detail": Address(shows="event"),
    "event_level": Address(
        LEADER, sends=lambda s: {"version": "1", "level": "2", "at": "2020-03-18T07:00", "reason": "缓解"}
    ),
    "event_end": Address(LEADER, sends=lambda s: {"version": "1", "at": "2020-03-18T07:00", "reason": "终止"}),
    "event_units": Address(shows="event"),
    "event_groups": Address(shows="member"),
    "group_form": Address(sends=lambda s: {"area": s.place.township, "template": "five_groups"}),
    "call_tree": Address(shows="member"),
    "duty_matrix": Address(shows="event"),
    "group_list": Address(shows="event"),
    "group_detail": Address(shows="member"),
    "group_member_add": Address(
        sends=lambda s: {
            "request_id": new_id(),
            "role": "deputy",
            "name": s.place.name("副组"),
            "organisation": "卫健局",
        }
    ),
    "group_line_assign": Address(
        shows="member", sends=lambda s: {"field": "statistics", "what": "每日汇总上报", "rhythm": "每天"}
    ),
    "group_dissolve": Address(sends=lambda s: {"reason": "合并"}),
    "group_member_end": Address(shows="member", sends=lambda s: {"reason": "调离"}),
    "group_member_phone": Address(shows="member", sends=lambda s: {"reason": "contact"}),
    "task_list": Address(shows="task"),
    "task_new": Address(
        sends=lambda s: {
            "request_id": new_id(),
            "kind": "ordinary",
            "title": s.place.name("家任务"),
            "field": "other",
            "source": "none",
            "due_at": "2020-03-20T18:00",
            "units": [s.place.township],
        }
    ),
    "task_detail": Address(shows="task"),
    "assignment_detail": Address(shows="task"),
    "assignment_step": Address(
        ASSISTANT, sends=lambda s: {"request_id": new_id(), "version": "3", "text": "已走访", "quantity": "3"}
    ),
    "assignment_file": Address(shows="evidence"),
    # grants and payments
    "grant_list": Address(ASSISTANT, "head"),
    "would_be_page": Address(shows="head"),
    "grant_page": Address(ASSISTANT, "household"),
    "grant_change": Address(
        sends=lambda s: {
            "request_id": new_id(),
            "kind": "change",
            "amount": "500.00",
            "valid_from": "2020-04",
            "cause": "standard",
            "reason": "标准提高",
        }
    ),
    "review_list": Address(shows="head"),
    "lifted_list": Address(shows="head"),
    "review_page": Address(shows="head"),
    "review_settle": Address(sends=lambda s: {"reason": "收入又降了"}),
    "county_list_new": Address(sends=_county_list),
    "county_list_page": Address(shows="county_list"),
    "county_list_columns": Address(sends=lambda s: {"id_number": "0", "name": "1", "amount": "2"}),
    "county_list_answers": Address(sends=lambda s: {}),
    "county_list_take": Address(sends=lambda s: {}),
    "county_list_refused": Address(sends=lambda s: {}),
    "go_live_list": Address(
        shows="go_live",
        sends=lambda s: {
            "area": s.place.county,
            "programme": "tekun",
            "live_on": "2020-01-01",
            "document": s.arguments["document_id"],
        },
    ),
    "run_list": Address(FINANCE, "batch"),
    "month_page": Address(
        FINANCE,
        query=lambda s: {"area": s.place.county, "month": "2020-02"},
        sends=lambda s: {"request_id": new_id(), "expected_open": "1", "note": "等补登账号后补发"},
    ),
    "agreement_list": Address(ASSISTANT, "agreement"),
    "agreement_new": Address(
        ASSISTANT,
        "head",
        sends=lambda s: {
            "request_id": new_id(),
            "keeper_name": s.place.name("代管"),
            "keeper_relation": "侄子",
            "document_number": "代管2号",
            "valid_from": "2020-03-01",
            "reason": "卧床",
        },
    ),
    "agreement_end": Address(ASSISTANT, sends=lambda s: {"reason": "本人自管"}),
    "bank_list": Address(
        FINANCE,
        "payer",
        sends=lambda s: {"request_id": new_id(), "area": s.place.county, "profile": "counter_csv"},
    ),
    "publication_list": Address(
        ASSISTANT,
        "publication",
        sends=lambda s: {
            "request_id": new_id(),
            "area": s.place.village,
            "programme": "dibao",
            "month": "2020-02",
            "kind": "announcement",
        },
    ),
    "publication_page": Address(ASSISTANT, "masked_head"),
    "run_new": Address(sends=lambda s: {"programme": "dibao", "month": "2020-04", "area": s.place.county}),
    "run_page": Address(shows="batch"),
    "run_line": Address(ASSISTANT, "head"),
    "run_line_letter": Address(ASSISTANT, "head"),
    "run_paper": Address(),
    "what_if": Address(),
    "problem_list": Address(ASSISTANT, "waiting"),
    "payment_reissue": Address(sends=lambda s: {"programme": "dibao", "month": "2020-02", "area": s.place.county}),
    "payable_cancel": Address(ASSISTANT, sends=lambda s: {"reason": "已迁出"}),
    "batch_page": Address(FINANCE, "batch"),
    "batch_step": Address(ASSISTANT, sends=lambda s: {"version": "1"}),
    "batch_send_back": Address(ASSISTANT, sends=lambda s: {"version": "1", "reason": "有误"}),
    "batch_file": Address(FINANCE, sends=lambda s: {}),
    "batch_paper": Address(FINANCE),
    "batch_return": Address(FINANCE, sends=_return_file),
    "payment_line": Address(FINANCE, "batch"),
    "recalculation_list": Address(
        shows="recalculation",
        sends=lambda s: {
            "request_id": new_id(),
            "programme": "dibao",
            "month": "2020-02",
            "area": s.place.county,
            "basis": "收入补登",
        },
    ),
    "recalculation_page": Address(shows="recalculation"),
    "recalculation_left_out": Address(shows="recalculation"),
    "recalculation_step": Address(sends=lambda s: {}),
    "recalculation_line": Address(shows="recalculation"),
    "death_list_new": Address(shows="death_list", sends=_death_list),
    "death_list_page": Address(shows="death_list"),
    "death_list_record": Address(sends=lambda s: {"row": "2"}),
    "group_list_new": Address(shows="group_list", sends=_group_list),
    "group_list_page": Address(shows="group_list"),
    "group_list_take": Address(sends=lambda s: {}),
    "overpayment_list": Address(FINANCE, "overpaid"),
    "overpayment_page": Address(FINANCE, "overpaid"),
    "overpayment_settle": Address(
        FINANCE, sends=lambda s: {"request_id": new_id(), "amount": "0.10", "reason": "家属退回"}
    ),
    "line_correct": Address(FINANCE, sends=lambda s: {"reason": "错发"}),
    # standards and parameters: what is in force is public, what is proposed is its area's
    "parameter_list": Address(),
    "parameter_history": Address(),
    "parameter_notice_list": Address(shows="notice"),
    "parameter_notice_new": Address(sends=_notice),
    "parameter_notice_page": Address(shows="notice"),
    "parameter_announcement": Address(shows="notice"),
    "parameter_notice_confirm": Address(LEADER, sends=lambda s: {"reason": ""}),
    "parameter_notice_refuse": Address(LEADER, sends=lambda s: {"reason": "与市文件不符"}),
    # temporary relief
    "relief_list": Address(ASSISTANT, "case"),
    "relief_open": Address(ASSISTANT, sends=lambda s: {"id_number": s.numbers["子彦"]}),
    "relief_open_new": Address(
        ASSISTANT,
        sends=lambda s: (
            _applicant(s)
            | {
                "name": s.place.name("外来"),
                "no_id_reason": "unknown_identity",
                "sex": "male",
                "birth_on": "1980-01-01",
                "home_area_name": "河南省",
            }
        ),
    ),
    "relief_open_for": Address(
        ASSISTANT, "head", sends=lambda s: _applicant(s) | {"covered": [s.arguments["person_id"]]}
    ),
    "relief_to_bank": Address(OFFICER, sends=lambda s: {"case": s.arguments["bank_case_id"]}),
    "relief_case": Address(ASSISTANT, "case"),
    "relief_receipt": Address(ASSISTANT, "case"),
    "relief_letter": Address(ASSISTANT, "case"),
    "relief_reveal": Address(ASSISTANT, "case", sends=lambda s: {"reason": "verify"}),
    "relief_step": Address(ASSISTANT, "open_case", sends=lambda s: {"version": "1"}),
    "petty_reserve_list": Address(FINANCE, "reserve"),
    "petty_reserve_fill": Address(
        FINANCE,
        sends=lambda s: {
            "request_id": new_id(),
            "treasury": s.arguments["account_id"],
            "township": s.place.township,
            "amount": "100.00",
            "occurred_on": "2020-03-18",
        },
    ),
    "petty_reserve_detail": Address(FINANCE, "fill"),
    "petty_reserve_take_back": Address(FINANCE, sends=lambda s: {"version": "0", "reason": "拨错"}),
    # residents and their passes
    "registration_list": Address(GRID, "waiting_resident"),
    "registration_confirm_many": Address(
        GRID, sends=lambda s: {"registration": s.arguments["waiting_registration_id"]}
    ),
    "registration_detail": Address(GRID, "resident"),
    "registration_step": Address(GRID, sends=lambda s: {"version": "1"}),
    "registration_new": Address(GRID, "estate", sends=_proxy_registration),
    "registration_import": Address(
        GRID,
        "registration_sheet",
        sends=lambda s: {
            "request_id": new_id(),
            "estate": s.arguments["estate_id"],
            "agrees": "on",
            "file": _file(
                "新表.csv", f"楼号,房号,姓名,身份证号,无证原因\n1,909,{s.place.name('新住')},,新生儿未办证\n"
            ),
        },
    ),
    "registration_refused": Address(GRID, sends=lambda s: {}),
    "registration_declare": Address(GRID, "resident", sends=lambda s: {f"{_hex(s, 'resident_id')}-health": "well"}),
    "resident_add": Address(GRID, sends=lambda s: {"name": s.place.name("添丁"), "no_id_reason": "newborn"}),
    "resident_left": Address(GRID, sends=lambda s: {}),
    "pass_list": Address(GRID, "masked_resident"),
    "pass_new": Address(
        GRID,
        "estate",
        sends=lambda s: {
            "request_id": new_id(),
            "estate": s.arguments["estate_id"],
            "kind": "2",
            "name": s.place.name("保洁"),
        },
    ),
    "pass_detail": Address(GRID, "masked_resident"),
    "pass_replace": Address(GRID, sends=lambda s: {"reason": "lost"}),
    "pass_cards": Address(GRID, sends=lambda s: {"pass": s.arguments["pass_id"]}),
    "paper_list": Address(GRID, "estate"),
    "gate_board": Address(GRID, "estate"),
    "estate_list": Address(GRID, "estate"),
    "estate_new": Address(
        GRID, sends=lambda s: {"name": s.place.name("新园"), "kind": "residential", "area": s.place.village}
    ),
    "estate_detail": Address(GRID, "estate"),
    "building_new": Address(GRID, sends=lambda s: {"name": "9", "household_count": "12"}),
    "gate_new": Address(GRID, sends=lambda s: {"name": "北门", "stale_after_hours": "24", "stale_policy": "refuse"}),
    "gate_detail": Address(GRID, "estate"),
    "gate_status": Address(GRID, sends=lambda s: {"state": "sealed", "emergency_note": "物业有钥匙"}),
    "gate_code": Address(GRID, sends=lambda s: {}),
    "device_revoke": Address(GRID, sends=lambda s: {"reason": "遗失"}),
    "alarm_settle": Address(GRID, sends=lambda s: {"note": "已核实"}),
    "held_judge": Address(GRID, sends=lambda s: {"note": "与现场不符", "decision": "leave"}),
    "estate_paper": Address(GRID),
    "denial_list": Address(GRID, "denied"),
    "denial_new": Address(
        GRID, sends=lambda s: {"request_id": new_id(), "pass": s.arguments["pass_id"], "reason": "lost"}
    ),
    "denial_proposal": Address(ASSISTANT, "masked_resident"),
    "denial_decide": Address(ASSISTANT, sends=lambda s: {"decision": "confirm"}),
    # figures
    "bulletin": Address(shows="bulletin", query=_area),
    "bulletin_issue": Address(sends=lambda s: _cut(s) | {"request_id": new_id(), "title": "快报"}),
    "bulletin_list": Address(shows="bulletin"),
    "bulletin_detail": Address(shows="bulletin"),
    "figure_rows": Address(shows="head", query=_cut),
    # oversight
    "audit_log": Address(Role.AUDITOR, "household", query=lambda s: {"what": "household"}),
    # users and posts
    "user_list": Address(SYSADMIN, "user"),
    "user_new": Address(SYSADMIN, sends=lambda s: _user(s, name="新人", username="newcomer")),
    "user_detail": Address(SYSADMIN, "user"),
    "user_reset_password": Address(SYSADMIN, sends=lambda s: {}),
    "user_unlock": Address(SYSADMIN, sends=lambda s: {}),
    "post_add": Address(SYSADMIN, sends=lambda s: _prefixed("add", _user(s, role=ASSISTANT, area=s.place.township))),
    "post_move": Address(
        SYSADMIN,
        sends=lambda s: _prefixed(
            f"move-{s.arguments['post_id']}", _user(s, role=ASSISTANT, area=s.place.township, reason="调动")
        ),
    ),
    "post_end": Address(
        SYSADMIN,
        sends=lambda s: _prefixed(f"end-{s.arguments['post_id']}", {"until_on": "2020-03-18", "reason": "离任"}),
    ),
}

CONSTANTS: Mapping[str, Any] = {
    "household_fact.kind": "urban",
    "person_reveal.field": "id_number",
    "order_new.kind": "relief_first",
    "order_add.kind": "relief_first",
    "order_remove.position": 2,
    "assignment_step.verb": "progress",
    "county_list_new.door": "take_over",
    "review_settle.decision": "dismiss",
    "batch_step.verb": "confirm",
    "batch_file.file_format": "csv",
    "line_correct.verb": "reverse",
    "overpayment_settle.verb": "recover",
    "recalculation_step.step": "compute",
    "run_paper.file_format": "pdf",
    "registration_step.verb": "confirm",
    "estate_paper.paper": "slips",
    "relief_step.verb": "accept",
    "relief_reveal.field": "id_number",
    "figure_rows.key": "dibao.people",
    "parameter_history.key": "dibao.standard.urban",
}
"""Arguments that name no record."""


def routed() -> Iterator[tuple[str, list[str]]]:
    """(name, names of its arguments) of every address, however deep. An address without a name is given by its route."""
    return _walk(get_resolver("shouwang.config.urls"), "")


def _walk(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, list[str]]]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield pattern.name or route, re.findall(r"<(?:\w+:)?(\w+)>", route)
        else:
            yield from _walk(pattern, route)
