/*
 * The small integers that travel, and their words: the same as src/shouwang/gates/states.py, which a test compares.
 */
export const IN = 1
export const OUT = 2

export const VERDICT = { ADMIT: 1, ADMIT_AFTER_ENTRY: 2, TURN_BACK: 3, FEVER_CLINIC: 4 }
export const VERDICT_WORDS = { 1: '放行', 2: '登记后放行', 3: '劝返', 4: '转送发热门诊' }

export const REASON = {
  NONE: 0, EXPIRED: 10, NOT_YET_VALID: 11, BAD_SIGNATURE: 12, UNREADABLE: 13, UNKNOWN_VERSION: 14, DENIED: 20,
  NOT_THE_HOLDER: 21, NOT_OF_ESTATE: 30, NOT_ON_ROSTER: 31, KIND_REFUSED: 40, OUT_OF_HOURS: 41, QUOTA_USED: 42,
  NOT_TO_LEAVE: 43, FEVER: 50, NO_MASK: 51, CREDENTIALS_MISSING: 52, STALE_MANIFEST: 60, DECLARATION_DUE: 61,
  SYMPTOMS: 62, ENTRY_ASKED: 63, ENTRY_REFUSED: 64,
}
export const REASON_WORDS = {
  0: '符合通行要求', 10: '通行证已过期', 11: '通行证尚未生效', 12: '不是本系统签发的通行证', 13: '不是通行码',
  14: '通行码版本较新，请更新卡口程序', 20: '通行证已作废', 21: '人证不符', 30: '有效通行证，非本小区', 31: '不在本小区名册',
  40: '现行措施不准此类人员进入', 41: '不在允许外出的时段', 42: '本户外出次数已用完', 43: '现行措施不准此类人员外出',
  50: '体温异常', 51: '未佩戴口罩', 52: '未出示健康码、行程卡', 60: '本机名册已过时', 61: '健康登记已到期',
  62: '申报有症状，请测温并询问', 63: '按现行措施登记后放行', 64: '不愿登记',
}

export const HOW = { QR: 1, ID_NUMBER: 2, NAME: 3, GROUP: 4, VISITOR: 5, SHEET: 6, SLIP: 7 }
export const HOW_WORDS = { 1: '扫码', 2: '身份证号', 3: '姓名住址', 4: '全家一起', 5: '访客登记', 6: '纸质登记表', 7: '当日纸条' }

export const CHECK = { TEMPERATURE: 1, MASK: 2, HEALTH_CODE: 4, TRIP_CARD: 8, IDENTITY: 16 }
export const CHECK_WORDS = { 1: '测温', 2: '口罩', 4: '健康码', 8: '行程卡', 16: '人证相符' }

export const KIND = { RESIDENT: 1, STAFF: 2, VISITOR: 3, HELPER: 4, INSTITUTION: 5 }
export const KIND_WORDS = { 1: '居民通行证', 2: '工作人员通行证', 3: '访客通行证', 4: '志愿服务通行证', 5: '机构人员通行证' }

/* What the keeper does next: rules/verdicts.py, Next. */
export const NEXT_WORDS = {
  pass: '请通过',
  write_down: '登记姓名、电话和去处后放行',
  recorded: '已登记，请通过',
  use_paper: '在纸质登记表上登记，联网后补录',
  update: '联网更新卡口程序，先查身份证号',
  look_up: '查身份证号或姓名',
  clinic: '到一旁等候，联系社区转送发热门诊',
  put_on_mask: '戴好口罩再来',
  hand_out_mask: '发给口罩，请通过',
  show_credentials: '出示健康码、行程卡再来',
  ask_community: '联系社区处理；急病急事随时放行',
  come_in_hours: '在允许的时段外出；急病急事联系社区',
  remind: '请通过，提醒今天补报健康登记',
  ask_symptoms: '请通过，询问症状并告知社区',
}
