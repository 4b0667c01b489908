"""Words of the gates as data: kinds of passes, what a keeper can answer and why, and how each thing moves.

The small integers travel in passes, manifests and a billion scans: a number is never given a second meaning.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import models


class EstateKind(models.TextChoices):
    RESIDENTIAL = "residential", "居民小区"
    INSTITUTION = "institution", "民政服务机构"


class PassKind(models.IntegerChoices):
    RESIDENT = 1, "居民通行证"
    STAFF = 2, "工作人员通行证"
    VISITOR = 3, "访客通行证"
    HELPER = 4, "志愿服务通行证"
    INSTITUTION = 5, "机构人员通行证"


PASS_LIVES: dict[int, timedelta] = {
    PassKind.RESIDENT: timedelta(days=90),
    PassKind.STAFF: timedelta(days=90),
    PassKind.VISITOR: timedelta(days=1),
    PassKind.HELPER: timedelta(days=30),
    PassKind.INSTITUTION: timedelta(days=90),
}
"""A short life is the main control of a code that is verified offline (issue 4; EU DCC had no revocation at first)."""


class Direction(models.IntegerChoices):
    IN = 1, "进"
    OUT = 2, "出"


class Verdict(models.IntegerChoices):
    """What the keeper saw, and so what was. Being turned back is a result like any other."""

    ADMIT = 1, "放行"
    ADMIT_AFTER_ENTRY = 2, "登记后放行"
    TURN_BACK = 3, "劝返"
    FEVER_CLINIC = 4, "转送发热门诊"


class Reason(models.IntegerChoices):
    """Why, in one clause: the first that decided."""

    NONE = 0, "符合通行要求"
    EXPIRED = 10, "通行证已过期"
    NOT_YET_VALID = 11, "通行证尚未生效"
    BAD_SIGNATURE = 12, "不是本系统签发的通行证"
    UNREADABLE = 13, "不是通行码"
    UNKNOWN_VERSION = 14, "通行码版本较新，请更新卡口程序"
    DENIED = 20, "通行证已作废"
    NOT_THE_HOLDER = 21, "人证不符"
    NOT_OF_ESTATE = 30, "有效通行证，非本小区"
    NOT_ON_ROSTER = 31, "不在本小区名册"
    KIND_REFUSED = 40, "现行措施不准此类人员进入"
    OUT_OF_HOURS = 41, "不在允许外出的时段"
    QUOTA_USED = 42, "本户外出次数已用完"
    NOT_TO_LEAVE = 43, "现行措施不准此类人员外出"
    FEVER = 50, "体温异常"
    NO_MASK = 51, "未佩戴口罩"
    CREDENTIALS_MISSING = 52, "未出示健康码、行程卡"
    STALE_MANIFEST = 60, "本机名册已过时"
    DECLARATION_DUE = 61, "健康登记已到期"
    SYMPTOMS = 62, "申报有症状，请测温并询问"
    ENTRY_ASKED = 63, "按现行措施登记后放行"
    ENTRY_REFUSED = 64, "不愿登记"


class How(models.IntegerChoices):
    """How the keeper knew who it was."""

    QR = 1, "扫码"
    ID_NUMBER = 2, "身份证号"
    NAME = 3, "姓名住址"
    GROUP = 4, "全家一起"
    VISITOR = 5, "访客登记"
    SHEET = 6, "纸质登记表"
    SLIP = 7, "当日纸条"


class Check(models.IntegerChoices):
    """What was seen and found in order: bits of `checks`. Results, never copies of a credential (requirements, row 148)."""

    TEMPERATURE = 1, "测温"
    MASK = 2, "口罩"
    HEALTH_CODE = 4, "健康码"
    TRIP_CARD = 8, "行程卡"
    IDENTITY = 16, "人证相符"


NOT_ADMITTED, AFTER_ENTRY, ADMITTED = 0, 1, 2
"""Values of who may pass: the lower is the stricter."""
UNLIMITED_EXITS = 99

FEVER_FROM_TENTHS = 373
"""37.3 C and above is fever: the line of most provinces' notices of 2020; a measure may set a lower one."""


class RegistrationState(models.TextChoices):
    PENDING = "pending", "待确认"
    CONFIRMED = "confirmed", "已确认"
    REFUSED = "refused", "已退回"
    WITHDRAWN = "withdrawn", "已撤回"
    ENDED = "ended", "已迁出"


REGISTRATION_MOVES: dict[tuple[str, str], str] = {
    (RegistrationState.PENDING, "confirm"): RegistrationState.CONFIRMED,
    (RegistrationState.PENDING, "refuse"): RegistrationState.REFUSED,
    (RegistrationState.PENDING, "withdraw"): RegistrationState.WITHDRAWN,
    (RegistrationState.CONFIRMED, "end"): RegistrationState.ENDED,
}


class RegistrationSource(models.TextChoices):
    RESIDENT = "resident", "本人手机"
    PROXY = "proxy", "社区代办"
    PHONE = "phone", "电话登记"
    SPREADSHEET = "spreadsheet", "表格导入"


class GateState(models.TextChoices):
    OPEN = "open", "开放"
    SEALED = "sealed", "封闭"


class StalePolicy(models.TextChoices):
    """What a gate does whose manifest is older than it may be."""

    REFUSE = "refuse", "不予放行，改用纸质登记"
    ADMIT_AND_FLAG = "admit_and_flag", "放行并标记"


class DeviceProfile(models.TextChoices):
    """What a device key may call: an allow-list (see policies.CALLS)."""

    GATE = "gate", "卡口手机"
    SHEETS = "sheets", "纸质表补录"


class DenyReason(models.TextChoices):
    """The closed set: a pass can be taken out of use, a person cannot."""

    LOST = "lost", "遗失"
    REPLACED = "replaced", "换发"
    MOVED_OUT = "moved_out", "迁出"
    KEY_WITHDRAWN = "key_withdrawn", "签发密钥停用"
    ISSUED_IN_ERROR = "issued_in_error", "误发"


DENIED_ALONE_MAX = 20
"""More passes at once need a second officer (issue 4)."""


SCANS_KEPT_DAYS = 28
"""For how long a scan is kept; then its day is dropped and counts stay. No national number: 14 to 28 days were usual in
2020 (domain notes), and the purpose has ended by then (PIPL, Art. 19)."""

DAYS_BACK, DAYS_AHEAD = 60, 2
"""A scan of a day this far from the server's is taken into a partition of its day; one further off goes to the default
partition and raises an alarm (issue 4)."""

SCANS_IN_A_BATCH_MAX = 200

CLOCK_ALARM = timedelta(days=1)
"""A phone's clock this far off is an alarm; less is shown on its page."""


class AlarmKind(models.TextChoices):
    """What a sync brought up that a person must look at."""

    SEQUENCE_REUSED = "sequence_reused", "同一序号内容不同"
    GAP = "gap", "有未上传的记录"
    FAR_DAY = "far_day", "记录日期异常"
    CLOCK = "clock", "手机时间偏差大"
    REVOKED_DEVICE = "revoked_device", "停用手机仍有记录"
    DISTANT_USE = "distant_use", "同一通行证短时间出现在两处"
