"""Codes of the register 底册: relations, kinds of facts, categories. Values are stored; labels are the trade's words."""

from __future__ import annotations

from django.db import models


class Sex(models.TextChoices):
    MALE = "male", "男"
    FEMALE = "female", "女"


class Relation(models.TextChoices):
    """Relation to the head of household (after GB/T 4761)."""

    HEAD = "head", "户主"
    SPOUSE = "spouse", "配偶"
    CHILD = "child", "子女"
    CHILD_IN_LAW = "child_in_law", "儿媳女婿"
    GRANDCHILD = "grandchild", "孙子女"
    PARENT = "parent", "父母"
    GRANDPARENT = "grandparent", "祖父母"
    SIBLING = "sibling", "兄弟姐妹"
    OTHER = "other", "其他"


class NoIdReason(models.TextChoices):
    NEWBORN = "newborn", "新生儿未办证"
    UNREGISTERED = "unregistered", "户口待补录"
    UNKNOWN_IDENTITY = "unknown_identity", "身份不明"
    FOREIGN = "foreign", "外籍或港澳台"


class PersonFactKind(models.TextChoices):
    """Dated facts about one person. The value is an amount (fen, score, level, 0/1) or a code, by kind."""

    INCOME_WAGE = "income.wage", "工资性收入"
    INCOME_BUSINESS = "income.business", "经营净收入"
    INCOME_PROPERTY = "income.property", "财产净收入"
    INCOME_TRANSFER = "income.transfer", "转移净收入"
    WORK_COST = "deduction.work_cost", "必要就业成本"
    RIGID_SPENDING = "deduction.rigid", "刚性支出"
    CATEGORY = "category", "困难类别"
    DISABILITY = "disability", "残疾类别等级"
    SELF_CARE = "self_care", "自理能力评分"
    CARE_MODE = "care_mode", "供养方式"
    SERIOUS_ILLNESS = "serious_illness", "重病"
    STUDENT = "student", "在校学生"
    DEATH = "death", "死亡"
    NEED = "need", "需求"


INCOME_KINDS: frozenset[str] = frozenset(
    {
        PersonFactKind.INCOME_WAGE,
        PersonFactKind.INCOME_BUSINESS,
        PersonFactKind.INCOME_PROPERTY,
        PersonFactKind.INCOME_TRANSFER,
    }
)
FLAG_KINDS: frozenset[str] = frozenset(
    {PersonFactKind.SERIOUS_ILLNESS, PersonFactKind.STUDENT, PersonFactKind.DEATH, "urban", "property_flag"}
)
DEDUCTION_KINDS: frozenset[str] = frozenset({PersonFactKind.WORK_COST, PersonFactKind.RIGID_SPENDING})
"""What is taken off an income: the cost of going to work, spending forced by disability or illness (民发〔2021〕57号第十三条)."""

MONEY_KINDS: frozenset[str] = INCOME_KINDS | DEDUCTION_KINDS
AMOUNT_KINDS: frozenset[str] = MONEY_KINDS | FLAG_KINDS | {PersonFactKind.SELF_CARE, "dibao_tier"}
"""Facts whose value is an integer: monthly fen for incomes and deductions, failed items 0-6 for self-care, 0/1 for flags."""

SET_KINDS: frozenset[str] = frozenset({PersonFactKind.CATEGORY, PersonFactKind.NEED})
"""Facts whose value is a set of codes, stored as one text, sorted and joined by commas."""

TIER_MAX = 4
"""一类至四类: places that pay dibao by tiers name the tier of a household (民发〔2021〕57号第二十三条)."""

SELF_CARE_MAX = 6
"""Failed items of the six self-care tests: 1 to 3 is a partial loss, 4 and more a complete one (办法第二十一、二十二条)."""


class HouseholdFactKind(models.TextChoices):
    """Dated facts about a household."""

    RESIDENCE = "residence", "居住区划"
    URBAN = "urban", "城乡"
    PROPERTY_FLAG = "property_flag", "财产线索"
    TIER = "dibao_tier", "低保类别"


class CareMode(models.TextChoices):
    CONCENTRATED = "concentrated", "集中供养"
    DISPERSED = "dispersed", "分散供养"


class Need(models.TextChoices):
    LONG_TERM_MEDICINE = "long_term_medicine", "长期用药"
    NEEDS_ESCORT = "needs_escort", "就医需陪同"
    MEAL_DELIVERY = "meal_delivery", "送餐"
    REMOTE_DIALYSIS = "remote_dialysis", "异地透析"
    DAILY_CARE = "daily_care", "日常照料"


class Category(models.TextChoices):
    """Categories for 分类施保 and for the child and care programmes."""

    ELDERLY = "elderly", "老年人"
    MINOR = "minor", "未成年人"
    SEVERELY_DISABLED = "severely_disabled", "重度残疾人"
    SERIOUSLY_ILL = "seriously_ill", "重病患者"
    ORPHAN = "orphan", "孤儿"
    UNATTENDED_CHILD = "unattended_child", "事实无人抚养儿童"
    VETERAN = "veteran", "优抚对象"
    BORDERLINE = "borderline", "低保边缘人口"
    WORK_INJURY_CARE = "work_injury_care", "领取工伤护理费"


class TransferState(models.TextChoices):
    REQUESTED = "requested", "待移交"
    HANDED_OVER = "handed_over", "已移交"
    REFUSED = "refused", "已退回"
    WITHDRAWN = "withdrawn", "已撤回"


class ImportState(models.TextChoices):
    CHECKING = "checking", "正在检查"
    CHECKED = "checked", "待导入"
    LOADING = "loading", "正在导入"
    LOADED = "loaded", "已导入"
    UNDONE = "undone", "已撤销"
    FAILED = "failed", "失败"


class ImportQuestion(models.TextChoices):
    """What an import asks a person about a row."""

    LOOK_ALIKE = "look_alike", "没有身份证号，底册中有同村同名同出生日期的人"
    OTHER_NAME = "other_name", "身份证号在底册中登记为另一个名字"


class ImportFileRole(models.TextChoices):
    SOURCE = "source", "原表"
    REFUSED = "refused", "退回的行"


class Sealed(models.TextChoices):
    """What a page shows masked and opens for a stated reason."""

    ID_NUMBER = "id_number", "身份证号"
    PHONE = "phone", "联系电话"
    CERTIFICATE = "disability_certificate", "残疾人证号"
    ACCOUNT = "account", "银行账号"


class OrganisationKind(models.TextChoices):
    """What an organisation is to civil affairs: measures name places by it."""

    NURSING_HOME = "nursing_home", "养老机构"
    CHILD_WELFARE = "child_welfare", "儿童福利机构"
    RESCUE_STATION = "rescue_station", "救助管理站"
    ELDERLY_CENTRE = "elderly_centre", "城市养老服务中心"
    DAY_CARE = "day_care", "日间照料中心"
    MARRIAGE_OFFICE = "marriage_office", "婚姻登记处"
    FUNERAL_HOME = "funeral_home", "殡仪馆"
    CEMETERY = "cemetery", "公墓"
    ASH_HALL = "ash_hall", "骨灰堂"
    LOTTERY_OUTLET = "lottery_outlet", "福彩销售站点"
    SOCIAL_ORGANISATION = "social_organisation", "社会组织"
    OTHER = "other", "其他"
