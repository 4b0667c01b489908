"""Unified social credit codes of organisations (GB 32100-2015, 18 characters).

Guarantees: what is returned has 18 characters of the code's alphabet and a right check character. Refuses: the rest.
"""

from __future__ import annotations

from django.utils.translation import gettext as _
from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, InvalidLength, ValidationError

from .errors import Invalid

_HALF_WIDTH = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


def parse_credit_code(text: str) -> str:
    """The code in capitals without blanks. Raises Invalid with reason credit_code.length, .checksum or .characters."""
    code = uscc.compact(text.translate(_HALF_WIDTH).replace("\u00a0", ""))
    try:
        return str(uscc.validate(code))
    except InvalidLength:
        message = _("统一社会信用代码应为18位，现为%(length)s位") % {"length": len(code)}
        raise Invalid(message, reason="credit_code.length", length=len(code)) from None
    except InvalidChecksum:
        message = _("统一社会信用代码“%(code)s”校验码不符，请对照证书核对") % {"code": code}
        raise Invalid(message, reason="credit_code.checksum", credit_code=code) from None
    except ValidationError:
        message = _("统一社会信用代码“%(code)s”含有不允许的字符（不用字母 I、O、S、V、Z）") % {"code": code}
        raise Invalid(message, reason="credit_code.characters", credit_code=code) from None
