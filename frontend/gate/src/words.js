/* How things are said on the screens. */
import { CHECK, HOW_WORDS, REASON_WORDS, VERDICT, VERDICT_WORDS } from './states.js'
import { timeOf } from './clock.js'

export const TONES = {
  [VERDICT.ADMIT]: 'done',
  [VERDICT.ADMIT_AFTER_ENTRY]: 'waiting',
  [VERDICT.TURN_BACK]: 'stopped',
  [VERDICT.FEVER_CLINIC]: 'overdue',
}

export const DIRECTION_WORDS = { 1: '进', 2: '出' }

export const DENIED_WORDS = {
  lost: '已挂失', replaced: '已换发', moved_out: '已迁出', key_withdrawn: '签发密钥停用', issued_in_error: '误发',
}

export const DECLARATION_WORDS = { none: '未健康登记', declared: '已健康登记', due: '健康登记到期', symptoms: '申报有症状' }

export const COLOUR_WORDS = { red: '红色', orange: '橙色', yellow: '黄色', green: '绿色', blue: '蓝色', purple: '紫色', pink: '粉色', white: '白色', grey: '灰色' }

export const CHECK_QUESTIONS = {
  [CHECK.MASK]: ['口罩', '戴好', '没戴'],
  [CHECK.HEALTH_CODE]: ['健康码', '已看，正常', '未出示'],
  [CHECK.TRIP_CARD]: ['行程卡', '已看，正常', '未出示'],
  [CHECK.IDENTITY]: ['是本人吗', '相符', '不符'],
}

export const QUARANTINE_WORDS = {
  sequence_reused: '同一序号内容不同',
  invalid: '内容不合格式',
  held: '本机已停用，交社区审核',
  unclear: '服务器答复不明',
}

/* `3 分钟`, `5 小时`, `2 天`: whole, in the largest unit that says two of it. */
export function spanWords(seconds) {
  if (seconds < 7200) return `${Math.floor(seconds / 60)} 分钟`
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} 小时`
  return `${Math.floor(seconds / 86_400).toLocaleString('en-US')} 天`
}

export const ageWords = (seconds) => (seconds < 120 ? '刚刚' : `${spanWords(seconds)}前`)

const named = (text, ends, unit) => (!text || ends.test(text) ? text : `${text} ${unit}`)

export const addressOf = (holder) =>
  [named(holder.building, /[栋楼座区院]$/, '号楼'), named(holder.room, /[室户床]$/, '室')].filter(Boolean).join(' ')

export const personLine = (holder) => `${holder.name}　尾号 ${holder.tail || '无'}`

export const degrees = (tenths) => (tenths === null ? '' : `${(tenths / 10).toFixed(1)} ℃`)

/* 36.5 and 365 are both 36.5; null for what no thermometer shows. */
export function tenthsOf(text) {
  const number = Number(text.trim().replace('。', '.'))
  const tenths = Math.round(number >= 300 ? number : number * 10)
  return tenths >= 300 && tenths <= 450 ? tenths : null
}

export function logLine(kept) {
  const what = kept.annuls === null ? `${VERDICT_WORDS[kept.verdict]} · ${REASON_WORDS[kept.reason]}` : `撤销第 ${kept.annuls} 号`
  return `${timeOf(kept.at_ms)} ${DIRECTION_WORDS[kept.dir]} ${HOW_WORDS[kept.how]} ${what}`
}
