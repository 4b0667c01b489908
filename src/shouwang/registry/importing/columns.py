"""What townships call the columns of a list of households, and the words they write into them.

One row is one person. A word that is not in its table is refused, never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from shouwang.kernel.disability import DisabilityKind
from shouwang.kernel.spreadsheets import Column, Kind

from ..states import Category, NoIdReason, PersonFactKind, Relation, Sex

HOUSEHOLDS: Final = "households"

COLUMNS: Final = (
    Column(
        "household",
        "户号",
        ("家庭编号", "户编号", "家庭户号", "家庭号", "户口簿号", "户口本号", "户籍号", "家庭序号", "户序号"),
        kind=Kind.CODE,
    ),
    Column(
        "head_name",
        "户主姓名",
        ("户主", "户主名", "家庭户主", "户主名称", "申请人姓名", "申请人", "保障户主"),
        kind=Kind.NAME,
    ),
    Column(
        "name",
        "姓名",
        (
            "成员姓名", "家庭成员姓名", "家庭成员", "人员姓名", "本人姓名", "对象姓名", "保障对象姓名", "保障对象",
            "救助对象姓名", "名字", "居民姓名", "村民姓名",
        ),
        kind=Kind.NAME,
    ),
    Column(
        "id_number",
        "身份证号",
        (
            "身份证号码", "身份证", "公民身份号码", "公民身份证号码", "居民身份证号码", "居民身份证号", "证件号码", "证件号",
            "身份号码", "成员身份证号", "家庭成员身份证号", "家庭成员身份证号码", "本人身份证号", "本人身份证号码",
            "保障对象身份证号",
        ),
        kind=Kind.ID_NUMBER,
    ),
    Column(
        "head_id",
        "户主身份证号",
        ("户主身份证号码", "户主身份证", "户主证件号码", "户主公民身份号码", "申请人身份证号", "申请人身份证号码"),
        kind=Kind.ID_NUMBER,
    ),
    Column(
        "relation",
        "与户主关系",
        ("与户主的关系", "与户主之关系", "户主关系", "家庭关系", "与申请人关系", "与申请人的关系", "称谓", "关系"),
    ),
    Column("sex", "性别", ("男女", "男/女")),
    Column("birth_on", "出生日期", ("出生年月日", "生日", "出生时间", "出生年月"), kind=Kind.DATE),
    Column(
        "village",
        "村（社区）",
        (
            "村", "村社区", "村(居)", "村居", "村名", "村庄", "社区", "所在村", "所属村", "所在村居", "所属村居",
            "所在村(社区)", "行政村", "村委会", "村(居)委会", "村居委会", "居委会", "村(社区)名称", "居住村", "居住地",
            "居住区划", "区划代码", "行政区划代码", "村代码",
        ),
    ),
    Column("urban", "城乡", ("城乡类别", "城乡属性", "城镇/农村", "城乡类型", "户籍类别", "户口类别", "户口性质", "户籍性质")),
    Column(
        "phone",
        "联系电话",
        ("电话", "手机", "手机号", "手机号码", "联系方式", "电话号码", "本人电话", "本人联系电话"),
        kind=Kind.CODE,
    ),
    Column(
        "certificate",
        "残疾证号",
        ("残疾人证号", "残疾人证号码", "残疾证号码", "残疾证编号", "残疾人证编号", "残疾人证"),
        kind=Kind.CODE,
    ),
    Column("disability_kind", "残疾类别", ("残疾类型", "残疾种类")),
    Column("disability_level", "残疾等级", ("残疾级别", "残疾程度")),
    Column(
        "health",
        "健康状况",
        ("重病", "是否重病", "身体状况", "患病情况", "健康情况", "是否大病", "大病", "重病情况", "身体健康状况"),
    ),
    Column(
        "category", "困难类别", ("困难类型", "人员类别", "人员类型", "对象类别", "特殊人群类别", "分类施保类别", "困难群体类别")
    ),
    Column("wage", "工资性收入（月）", ("工资性收入", "月工资性收入", "工资收入", "月工资", "务工收入"), kind=Kind.AMOUNT),
    Column(
        "business", "经营净收入（月）", ("经营净收入", "经营性收入", "月经营净收入", "经营收入", "种养收入"), kind=Kind.AMOUNT
    ),
    Column("property", "财产净收入（月）", ("财产净收入", "财产性收入", "月财产净收入", "财产收入"), kind=Kind.AMOUNT),
    Column(
        "transfer", "转移净收入（月）", ("转移净收入", "转移性收入", "月转移净收入", "转移收入"), kind=Kind.AMOUNT
    ),
    Column("income", "月收入", ("月收入合计", "月总收入", "个人月收入", "收入(月)", "月均收入", "收入"), kind=Kind.AMOUNT),
    Column("wage_year", "工资性收入（年）", ("年工资性收入", "年工资收入", "年务工收入"), kind=Kind.AMOUNT),
    Column("business_year", "经营净收入（年）", ("年经营净收入", "年经营性收入", "年经营收入"), kind=Kind.AMOUNT),
    Column("property_year", "财产净收入（年）", ("年财产净收入", "年财产性收入", "年财产收入"), kind=Kind.AMOUNT),
    Column("transfer_year", "转移净收入（年）", ("年转移净收入", "年转移性收入", "年转移收入"), kind=Kind.AMOUNT),
    Column(
        "income_year", "年收入", ("年收入合计", "年总收入", "个人年收入", "全年收入", "收入(年)"), kind=Kind.AMOUNT
    ),
    Column("bank", "开户行", ("开户银行", "银行名称", "发放银行", "代发银行", "银行")),
    Column(
        "account",
        "银行账号",
        (
            "银行帐号", "账号", "帐号", "银行卡号", "卡号", "一卡通账号", "一卡通帐号", "一卡通", "一卡通卡号", "惠农一卡通账号",
            "存折账号", "存折帐号", "社保卡号", "社保卡账号", "发放账号",
        ),
        kind=Kind.CODE,
    ),
    Column("holder", "开户人", ("户名", "账户名", "开户名", "开户人姓名", "账户姓名", "账户户名"), kind=Kind.NAME),
    Column("no_id_reason", "无证原因", ("无身份证原因", "无身份证号原因", "未办证原因", "无证件原因")),
    Column("remark", "备注（不导入）", ("备注", "说明", "备注说明", "情况说明")),
)  # fmt: skip
"""A total income without its four kinds is recorded as 工资性收入, and the other kinds as no longer so: rules read the
sum. Yearly amounts are divided by twelve, half a fen up."""

_IN_TEMPLATE: Final = (
    "household", "village", "name", "id_number", "relation", "sex", "birth_on", "urban", "phone", "certificate", "health",
    "category", "income", "bank", "account", "no_id_reason",
)  # fmt: skip
TEMPLATE: Final = tuple(column for key in _IN_TEMPLATE for column in COLUMNS if column.key == key)
"""The columns of the empty workbook that a township may start from."""

LABELS: Final[Mapping[str, str]] = {column.key: column.label for column in COLUMNS}

INCOMES: Final[Mapping[str, str]] = {
    "wage": PersonFactKind.INCOME_WAGE,
    "business": PersonFactKind.INCOME_BUSINESS,
    "property": PersonFactKind.INCOME_PROPERTY,
    "transfer": PersonFactKind.INCOME_TRANSFER,
}


def _table(words: Mapping[str, str]) -> dict[str, str]:
    """One entry for each of the blank-separated words."""
    return {word: value for value, listed in words.items() for word in listed.split()}


RELATIONS: Final = _table(
    {
        Relation.HEAD: "户主 本人 户主本人 申请人 申请人本人 户主(本人)",
        Relation.SPOUSE: "配偶 妻 妻子 夫 丈夫 老伴 爱人 户主配偶",
        Relation.CHILD: (
            "子女 子 女 儿子 女儿 独生子 独生女 长子 次子 三子 四子 五子 长女 次女 二女 三女 四女 五女 二子 大儿子 二儿子"
            " 小儿子 大女儿 二女儿 小女儿 养子 养女 继子 继女 养子女 继子女 婚生子 婚生女 之子 之女"
        ),
        Relation.CHILD_IN_LAW: "儿媳女婿 儿媳 媳妇 女婿 儿媳妇 长媳 次媳 儿媳或女婿",
        Relation.GRANDCHILD: (
            "孙子女 孙子 孙女 外孙 外孙子 外孙女 外孙子女 长孙 次孙 长孙女 曾孙 曾孙子 曾孙女 重孙 重孙子 重孙女 孙"
        ),
        Relation.PARENT: "父母 父 母 父亲 母亲 公公 婆婆 岳父 岳母 继父 继母 养父 养母 公婆 岳父母 爸爸 妈妈",
        Relation.GRANDPARENT: (
            "祖父母 祖父 祖母 爷爷 奶奶 外祖父 外祖母 姥爷 姥姥 外公 外婆 曾祖父 曾祖母 祖父母或外祖父母"
        ),
        Relation.SIBLING: "兄弟姐妹 兄弟 姐妹 兄 弟 姐 妹 哥哥 弟弟 姐姐 妹妹 哥 兄长 胞兄 胞弟 胞姐 胞妹",
        Relation.OTHER: (
            "其他 其它 其他亲属 侄子 侄女 侄儿 外甥 外甥女 叔叔 伯父 伯伯 姑姑 舅舅 姨 叔 伯 姑 嫂子 弟媳 嫂 保姆 非亲属"
            " 被监护人 孙媳 孙媳妇 孙女婿"
        ),
    }
)

SEXES: Final = _table({Sex.MALE: "男 男性 1 M", Sex.FEMALE: "女 女性 2 F"})

URBAN: Final[Mapping[str, int]] = {
    **dict.fromkeys(
        [
            "城市",
            "城镇",
            "城",
            "居民",
            "非农",
            "非农业",
            "非农户口",
            "非农业户口",
            "城镇居民",
            "城镇户口",
            "城市居民",
            "居民户口",
            "1",
        ],
        1,
    ),
    **dict.fromkeys(["农村", "乡村", "农", "农业", "村民", "乡", "农业户口", "农村居民", "农村户口", "农户", "0"], 0),
}

SERIOUSLY_ILL: Final = frozenset(
    ["重病", "大病", "重大疾病", "患重病", "患大病", "重症", "危重", "重病患者", "是", "有", "√"]
)
NOT_SERIOUSLY_ILL: Final = frozenset(
    [
        "健康",
        "良好",
        "一般",
        "正常",
        "健康或良好",
        "一般或较弱",
        "较弱",
        "体弱",
        "慢性病",
        "患慢性病",
        "长期慢性病",
        "有慢性病",
        "残疾",
        "无",
        "否",
        "无重病",
        "较好",
    ]
)

DISABILITY_KINDS: Final = {
    word: int(kind)
    for kind, words in {
        DisabilityKind.VISUAL: "视力 视力残疾 盲 1",
        DisabilityKind.HEARING: "听力 听力残疾 聋 2",
        DisabilityKind.SPEECH: "言语 言语残疾 语言 语言残疾 3",
        DisabilityKind.PHYSICAL: "肢体 肢体残疾 肢残 4",
        DisabilityKind.INTELLECTUAL: "智力 智力残疾 智残 5",
        DisabilityKind.MENTAL: "精神 精神残疾 6",
        DisabilityKind.MULTIPLE: "多重 多重残疾 7",
    }.items()
    for word in words.split()
}
DISABILITY_LEVELS: Final = {
    word: level
    for level, words in {
        1: "一级 一 1 1级 壹级",
        2: "二级 二 2 2级 贰级",
        3: "三级 三 3 3级 叁级",
        4: "四级 四 4 4级 肆级",
    }.items()
    for word in words.split()
}
NONE_WORDS: Final = frozenset(["无", "没有", "否", "/", "-", "—", "——", "无残疾", "非残疾"])

CATEGORIES: Final = _table(
    {
        Category.ELDERLY: "老年人 老人 高龄老人 70岁以上老人 高龄 60岁以上老年人 70岁以上老年人 老龄",
        Category.MINOR: "未成年人 儿童 未成年 少年儿童",
        Category.SEVERELY_DISABLED: "重度残疾人 重残 重度残疾 重残人员",
        Category.SERIOUSLY_ILL: "重病患者 重病 大病 大病患者 重病人员 重大疾病患者",
        Category.ORPHAN: "孤儿",
        Category.UNATTENDED_CHILD: "事实无人抚养儿童 事实孤儿 困境儿童 事实无人抚养",
        Category.VETERAN: "优抚对象 退役军人 军属 烈属 烈士遗属 退伍军人",
        Category.BORDERLINE: "低保边缘 低保边缘户 低保边缘家庭 低收入家庭",
        Category.WORK_INJURY_CARE: "工伤护理费 领取工伤保险生活护理费 生活护理费",
    }
)
OTHER_CATEGORIES: Final = frozenset(
    [
        "低保",
        "低保户",
        "低保对象",
        "城市低保",
        "农村低保",
        "最低生活保障",
        "特困",
        "特困人员",
        "特困供养",
        "五保",
        "五保户",
        "特困供养人员",
        "低收入",
        "低收入家庭",
        "低保边缘",
        "低保边缘家庭",
        "低收入户",
        "贫困户",
        "脱贫户",
        "建档立卡",
        "建档立卡贫困户",
        "建档立卡户",
        "一般户",
        "普通",
        "一般",
        "无",
        "其他",
        "其它",
        "支出型困难",
        "临时救助",
        "农户",
        "居民",
        "正常",
    ]
)
"""Written into the same column, but said by a grant or by nothing: read over, not refused."""

NO_ID_REASONS: Final = _table(
    {
        NoIdReason.NEWBORN: "新生儿未办证 新生儿 新生 未满月 刚出生 新出生",
        NoIdReason.UNREGISTERED: "户口待补录 未上户 未落户 无户口 未上户口 未登记户口 户口未落 黑户 未办理户口",
        NoIdReason.UNKNOWN_IDENTITY: "身份不明 身份不清 流浪人员",
        NoIdReason.FOREIGN: "外籍或港澳台 外籍 港澳台 外国人 外国籍 港澳台居民 外籍人员",
    }
)
