"""What an audit entry says, in the trade's words and without a word about the people served.

Guarantees: of an entry's data only what has a word here is told, and of that only counts, amounts, dates, codes and
numbers of papers. What an officer typed (a reason, a note, a name) is not: it may name somebody, and stands on the record
itself, behind that record's own door.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwang.areas.public import format_area_code
from shouwang.kernel import clock
from shouwang.kernel.models import AuditEntry
from shouwang.kernel.money import yuan
from shouwang.kernel.reveal import REASONS

from .states import Role

Word = str | Promise

SUBJECTS: Mapping[str, Word] = {
    "person": gettext_lazy("人员"),
    "household": gettext_lazy("家庭"),
    "organisation": gettext_lazy("机构"),
    "transfer": gettext_lazy("跨县迁移"),
    "import": gettext_lazy("表格导入"),
    "registry": gettext_lazy("底册"),
    "field": gettext_lazy("查看全号"),
    "relief": gettext_lazy("临时救助"),
    "grant": gettext_lazy("在保对象"),
    "county_list": gettext_lazy("县区名单"),
    "payment": gettext_lazy("资金发放"),
    "batch": gettext_lazy("清册"),
    "review": gettext_lazy("缓办复核"),
    "publication": gettext_lazy("公示名单"),
    "parameters": gettext_lazy("救助标准"),
    "bank": gettext_lazy("代发银行"),
    "overpayment": gettext_lazy("多发追回"),
    "recalculation": gettext_lazy("补差核算"),
    "death_list": gettext_lazy("死亡名单"),
    "group_list": gettext_lazy("价补对象名单"),
    "card_agreement": gettext_lazy("代管协议"),
    "month": gettext_lazy("月度结账"),
    "petty_reserve": gettext_lazy("乡镇备用金"),
    "registration": gettext_lazy("居民登记"),
    "declaration": gettext_lazy("健康登记"),
    "pass": gettext_lazy("通行证"),
    "denial": gettext_lazy("批量作废"),
    "signing_key": gettext_lazy("签发密钥"),
    "ledger": gettext_lazy("账本"),
    "document": gettext_lazy("文件"),
    "measure": gettext_lazy("措施"),
    "order": gettext_lazy("发布单"),
    "event": gettext_lazy("事件"),
    "group": gettext_lazy("工作组"),
    "task": gettext_lazy("任务"),
    "estate": gettext_lazy("小区"),
    "building": gettext_lazy("楼栋"),
    "gate": gettext_lazy("卡口"),
    "device": gettext_lazy("卡口手机"),
    "passages": gettext_lazy("通行记录"),
    "bulletin": gettext_lazy("快报"),
    "user": gettext_lazy("用户"),
    "post": gettext_lazy("岗位"),
    "workdays": gettext_lazy("工作日历"),
    "areas": gettext_lazy("行政区划"),
    "system": gettext_lazy("系统"),
}
"""What was acted on, by the first part of an action."""

VERBS: Mapping[str, Word] = {
    "accept": gettext_lazy("受理"),
    "answer": gettext_lazy("认定人员"),
    "append": gettext_lazy("追加"),
    "arrange": gettext_lazy("约定"),
    "approve": gettext_lazy("审批"),
    "approve_funds": gettext_lazy("财务审核"),
    "bank_paid": gettext_lazy("银行到账"),
    "cancel": gettext_lazy("取消"),
    "change": gettext_lazy("调整"),
    "change_head": gettext_lazy("变更户主"),
    "change_password": gettext_lazy("修改密码"),
    "check": gettext_lazy("核对"),
    "close": gettext_lazy("办结"),
    "confirm": gettext_lazy("确认"),
    "correct": gettext_lazy("更正"),
    "correct_columns": gettext_lazy("调整列对应"),
    "correct_fact": gettext_lazy("更正事实"),
    "create": gettext_lazy("新建"),
    "create_batch": gettext_lazy("生成清册"),
    "create_fund": gettext_lazy("建立资金"),
    "decide": gettext_lazy("人工认定"),
    "declined": gettext_lazy("不同意"),
    "end": gettext_lazy("终止"),
    "end_notice": gettext_lazy("结束公示"),
    "fail": gettext_lazy("中止"),
    "fill": gettext_lazy("拨付"),
    "go_live": gettext_lazy("登记上线日期"),
    "enrol": gettext_lazy("启用"),
    "invite": gettext_lazy("发登记码"),
    "judge": gettext_lazy("处理停用后的记录"),
    "revoke": gettext_lazy("停用"),
    "wipe": gettext_lazy("清除本机数据"),
    "hand_out": gettext_lazy("下载退回行"),
    "hand_out_refused": gettext_lazy("下载退回行"),
    "hand_over": gettext_lazy("移交"),
    "history": gettext_lazy("补录历史发放"),
    "issue": gettext_lazy("签发"),
    "join": gettext_lazy("入户"),
    "join_household": gettext_lazy("入户"),
    "lift": gettext_lazy("解除"),
    "load": gettext_lazy("入库"),
    "load_decided": gettext_lazy("认定后入库"),
    "load_zones": gettext_lazy("载入功能区"),
    "look_up": gettext_lazy("跨区查找"),
    "look_up_many": gettext_lazy("批量跨区查找"),
    "member_left": gettext_lazy("成员离户"),
    "merge": gettext_lazy("合并"),
    "move": gettext_lazy("迁移"),
    "note": gettext_lazy("登记"),
    "open": gettext_lazy("登记"),
    "owe_papers": gettext_lazy("开始补办手续"),
    "pay_cash": gettext_lazy("发放现金"),
    "plain": gettext_lazy("记账"),
    "post": gettext_lazy("预留转记账"),
    "post_entries": gettext_lazy("批量记账"),
    "propose": gettext_lazy("提出先行救助"),
    "publish_notice": gettext_lazy("张榜公示"),
    "purge": gettext_lazy("到期清除"),
    "receive": gettext_lazy("读入回盘"),
    "receive_papers": gettext_lazy("手续补齐"),
    "reconcile": gettext_lazy("对账"),
    "record_account": gettext_lazy("登记银行账号"),
    "record_certificate": gettext_lazy("登记残疾证"),
    "record_death": gettext_lazy("登记死亡"),
    "record_fact": gettext_lazy("登记事实"),
    "record_member": gettext_lazy("登记成员"),
    "record_membership": gettext_lazy("登记家庭关系"),
    "refuse": gettext_lazy("不予救助"),
    "register": gettext_lazy("登记"),
    "reissue": gettext_lazy("补发"),
    "request": gettext_lazy("申请"),
    "reserve": gettext_lazy("预留"),
    "reserve_entries": gettext_lazy("批量预留"),
    "reset": gettext_lazy("重来"),
    "reset_password": gettext_lazy("重置密码"),
    "reveal": gettext_lazy("查看"),
    "reverse": gettext_lazy("冲正"),
    "run": gettext_lazy("生成当月发放"),
    "scope": gettext_lazy("全域作业"),
    "send": gettext_lazy("送银行"),
    "send_back": gettext_lazy("退回"),
    "send_to_bank": gettext_lazy("列入银行代发"),
    "set": gettext_lazy("修改"),
    "settle": gettext_lazy("办理"),
    "sign_in": gettext_lazy("登录"),
    "sign_in_failed": gettext_lazy("登录失败"),
    "sign_out": gettext_lazy("退出"),
    "start": gettext_lazy("开始"),
    "step_down": gettext_lazy("不再任户主"),
    "take": gettext_lazy("收下"),
    "take_back": gettext_lazy("收回"),
    "take_over": gettext_lazy("接转"),
    "accepted": gettext_lazy("同意"),
    "refused": gettext_lazy("不同意"),
    "requested": gettext_lazy("申请"),
    "withdrawn": gettext_lazy("撤回"),
    "undo": gettext_lazy("撤销"),
    "unlock": gettext_lazy("解除锁定"),
    "unmerge": gettext_lazy("拆开合并"),
    "verify": gettext_lazy("入户核实"),
    "void": gettext_lazy("预留作废"),
    "void_reservations": gettext_lazy("批量预留作废"),
    "withdraw": gettext_lazy("撤回"),
    "recalculation.compute": gettext_lazy("核算"),
    "recalculation.refuse": gettext_lazy("退回"),
    "death_list.record": gettext_lazy("登记死亡"),
    "group_list.take": gettext_lazy("采用"),
    "review.postpone": gettext_lazy("列入待复核"),
    "parameters.propose": gettext_lazy("提出调整"),
    "parameters.decide": gettext_lazy("复核"),
    "publication.post": gettext_lazy("张贴"),
    "month.close": gettext_lazy("结账"),
    "card_agreement.file": gettext_lazy("登记"),
    "registration.refuse": gettext_lazy("退回"),
    "registration.end": gettext_lazy("迁出"),
    "registration.move": gettext_lazy("换房"),
    "registration.join": gettext_lazy("增加成员"),
    "registration.load": gettext_lazy("表格登记"),
    "registration.forget": gettext_lazy("到期删除"),
    "pass.deny": gettext_lazy("作废"),
    "pass.renew": gettext_lazy("换发"),
    "pass.replace": gettext_lazy("补发"),
    "pass.print": gettext_lazy("打印"),
    "denial.propose": gettext_lazy("提出"),
    "denial.refuse": gettext_lazy("不同意"),
    "signing_key.start": gettext_lazy("启用"),
    "signing_key.withdraw": gettext_lazy("停用"),
    "document.send": gettext_lazy("下发"),
    "document.receive": gettext_lazy("签收"),
    "order.draft": gettext_lazy("拟稿"),
    "order.rehearse": gettext_lazy("推演"),
    "order.sign": gettext_lazy("签发"),
    "order.drop": gettext_lazy("作废"),
    "measure.receive": gettext_lazy("签收"),
    "measure.confirm": gettext_lazy("报落实"),
    "event.open": gettext_lazy("启动"),
    "event.raise": gettext_lazy("上调级别"),
    "event.lower": gettext_lazy("下调级别"),
    "event.end": gettext_lazy("结束响应"),
    "group.form": gettext_lazy("成立"),
    "group.dissolve": gettext_lazy("撤销"),
    "group.join": gettext_lazy("加入成员"),
    "group.leave": gettext_lazy("结束任职"),
    "group.assign_line": gettext_lazy("定分工"),
    "task.give": gettext_lazy("下达"),
    "task.receive": gettext_lazy("签收"),
    "task.progress": gettext_lazy("报进展"),
    "task.finish": gettext_lazy("报完成"),
    "task.confirm": gettext_lazy("确认办结"),
    "task.return": gettext_lazy("退回重办"),
    "task.cancel": gettext_lazy("撤销"),
    "post.open_event": gettext_lazy("加入事件"),
    "post.end_event": gettext_lazy("退出事件"),
}
"""What was done, by the whole action or else by its second part."""

_NAMES: Mapping[str, Word] = {
    "address": gettext_lazy("来自"),
    "amount_fen": gettext_lazy("金额"),
    "as_of": gettext_lazy("截止"),
    "at": gettext_lazy("自"),
    "batch": gettext_lazy("清册"),
    "batches": gettext_lazy("清册"),
    "by": gettext_lazy("方式"),
    "cases": gettext_lazy("件数"),
    "changed": gettext_lazy("变更"),
    "code": gettext_lazy("编号"),
    "count": gettext_lazy("笔数"),
    "created": gettext_lazy("新增"),
    "decision": gettext_lazy("处理"),
    "died_on": gettext_lazy("死亡日期"),
    "equal": gettext_lazy("无变化"),
    "field": gettext_lazy("栏目"),
    "fields": gettext_lazy("栏目"),
    "from": gettext_lazy("从"),
    "from_at": gettext_lazy("开始"),
    "from_on": gettext_lazy("任职"),
    "fund": gettext_lazy("资金"),
    "kind": gettext_lazy("种类"),
    "lines": gettext_lazy("笔数"),
    "live_on": gettext_lazy("上线日期"),
    "measures": gettext_lazy("措施"),
    "members": gettext_lazy("人数"),
    "month": gettext_lazy("月份"),
    "monthly_fen": gettext_lazy("月金额"),
    "moved_on": gettext_lazy("迁移日期"),
    "number": gettext_lazy("编号"),
    "on": gettext_lazy("日期"),
    "paid": gettext_lazy("到账"),
    "paid_fen": gettext_lazy("到账金额"),
    "programme": gettext_lazy("项目"),
    "reason": gettext_lazy("原因"),
    "refused": gettext_lazy("退回"),
    "relation": gettext_lazy("关系"),
    "returned": gettext_lazy("退票"),
    "returned_fen": gettext_lazy("退票金额"),
    "role": gettext_lazy("岗位"),
    "rows": gettext_lazy("行数"),
    "since": gettext_lazy("起始"),
    "sites": gettext_lazy("机构"),
    "state": gettext_lazy("状态"),
    "to": gettext_lazy("到"),
    "until_at": gettext_lazy("结束"),
    "until_on": gettext_lazy("终止"),
    "username": gettext_lazy("用户名"),
    "valid_from": gettext_lazy("生效"),
    "waiting": gettext_lazy("待处理"),
}

_VALUES: Mapping[str, Word] = {
    **dict(Role.choices),
    **REASONS,
    "account": gettext_lazy("银行账号"),
    "address": gettext_lazy("住址"),
    "birth_on": gettext_lazy("出生日期"),
    "demo": gettext_lazy("演示登录"),
    "dibao": gettext_lazy("低保"),
    "disability_certificate": gettext_lazy("残疾证号"),
    "disability_living": gettext_lazy("困难残疾人生活补贴"),
    "disability_nursing": gettext_lazy("重度残疾人护理补贴"),
    "lost": gettext_lazy("遗失"),
    "replaced": gettext_lazy("换发"),
    "moved_out": gettext_lazy("迁出"),
    "key_withdrawn": gettext_lazy("签发密钥停用"),
    "issued_in_error": gettext_lazy("误发"),
    "proxy": gettext_lazy("社区代办"),
    "resident": gettext_lazy("本人手机"),
    "spreadsheet": gettext_lazy("表格导入"),
    "id_number": gettext_lazy("证件号"),
    "name": gettext_lazy("姓名"),
    "old_age": gettext_lazy("高龄津贴"),
    "one_off": gettext_lazy("一次性补助"),
    "orphan": gettext_lazy("孤儿基本生活费"),
    "password": gettext_lazy("密码登录"),
    "phone": gettext_lazy("电话"),
    "price_subsidy": gettext_lazy("价格临时补贴"),
    "sex": gettext_lazy("性别"),
    "tekun": gettext_lazy("特困"),
    "temporary_relief": gettext_lazy("临时救助"),
    "unattended_child": gettext_lazy("事实无人抚养儿童补贴"),
}
"""Codes that have words. One without is not told: it says nothing to a reader."""

_PAPERS = frozenset({"number", "batch", "batches", "fund", "code"})
"""Numbers of papers and funds, which have words in them."""

_AS_TYPED = frozenset({"address", "username"})
"""An officer's user name, and from which machine."""

_DAY_LENGTH = len("2020-03-18")


PAGES: Mapping[str, str] = {
    "person": "person_detail",
    "registration": "registration_detail",
    "household": "household_detail",
    "organisation": "organisation_detail",
    "import": "import_detail",
    "relief_case": "relief_case",
    "batch": "batch_page",
    "run": "run_page",
    "grant": "grant_page",
    "entry": "ledger_entry",
    "document": "document_detail",
    "measure": "measure_detail",
    "order": "order_detail",
    "event": "event_detail",
    "group": "group_detail",
    "task": "task_detail",
    "assignment": "assignment_detail",
    "bulletin": "bulletin_detail",
}
"""The page of the record that an entry is about, by the kind of its subject."""


def action_words(action: str) -> str:
    """ "batch.confirm" as 清册 · 确认; a part without words stands as it is."""
    aggregate, _dot, verb = action.partition(".")
    return f"{SUBJECTS.get(aggregate, aggregate)} · {VERBS.get(action) or VERBS.get(verb, verb)}"


def subject_url(subject: str) -> str:
    """The page of the record, empty where there is none."""
    kind, _colon, key = subject.partition(":")
    if kind not in PAGES or _uuid(key) is None:
        return ""
    return reverse(PAGES[kind], args=[key])


def data_words(entry: AuditEntry) -> str:
    """The entry's data on one line, without what was typed."""
    told = list(_told(entry.data if isinstance(entry.data, dict) else {}))
    return "；".join(told)


def _told(data: Mapping[str, object]) -> Iterator[str]:
    is_withheld = False
    for key, value in data.items():
        words = _value_words(key, value)
        if words and key in _NAMES:
            yield f"{_NAMES[key]} {words}"
        elif isinstance(value, str) and not value.isascii():
            is_withheld = True
    if is_withheld:
        yield _("另有文字说明，在原记录查看")


def _value_words(key: str, value: object) -> str:
    """Empty for what is not told: nothing, an id, a code without words, or what an officer typed."""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, int):
        return _number_words(key, value)
    if isinstance(value, list):
        return "、".join(filter(None, (_value_words(key, one) for one in value)))
    if not isinstance(value, str):
        return ""
    if key in _PAPERS or key in _AS_TYPED:
        return value
    return str(_VALUES.get(value, "")) or _moment_words(value)


def _number_words(key: str, value: int) -> str:
    if key.endswith("_fen"):
        return _("%(yuan)s 元") % {"yuan": yuan(value)}
    return format_area_code(value) if value >= 10**13 else str(value)


def _moment_words(text: str) -> str:
    """A month, a day or an instant; empty for any other text."""
    if re.fullmatch(r"\d{4}-\d{2}", text):
        return text
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return ""
    if len(text) == _DAY_LENGTH:
        return text
    return f"{moment.astimezone(clock.TZ):%Y-%m-%d %H:%M}" if moment.tzinfo else ""


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
