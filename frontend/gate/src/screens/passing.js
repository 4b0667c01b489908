/* Somebody stands at the gate: what his pass lacks, the checks to make, the entry to write, and the verdict. */
import { button, choice, field, h, shape, valuesOf } from '../dom.js'
import { CHECK, HOW, IN, NEXT_WORDS, REASON, REASON_WORDS, VERDICT, VERDICT_WORDS } from '../states.js'
import { addressOf, CHECK_QUESTIONS, DECLARATION_WORDS, degrees, DENIED_WORDS, DIRECTION_WORDS, personLine, tenthsOf, TONES } from '../words.js'

const PROBLEM_REASONS = {
  unreadable: REASON.UNREADABLE, unknown_version: REASON.UNKNOWN_VERSION, bad_signature: REASON.BAD_SIGNATURE,
  not_yet_valid: REASON.NOT_YET_VALID, expired: REASON.EXPIRED, denied: REASON.DENIED,
}
const ALL_WELL = [CHECK.MASK, CHECK.HEALTH_CODE, CHECK.TRIP_CARD, CHECK.IDENTITY]

/* The pass does not help: who is it? Nothing is recorded until that is settled. */
export function identify(app, { current }) {
  const why = REASON_WORDS[PROBLEM_REASONS[current.pass]] + (current.denied ? `：${DENIED_WORDS[current.denied]}` : '')
  return {
    title: why,
    tone: 'stopped',
    body: [
      h('div', { class: 'verdict tone-stopped' }, shape('stopped'), h('p', {}, '这张证不能用，问清是谁')),
      h('div', { class: 'actions' },
        button('查身份证号、姓名', () => app.find(), { class: 'btn primary' }),
        button('当日纸条', () => app.slip()),
        button('查不到，按无证人员', () => app.take({ ...current, asUnknown: true })),
        button('不处理，下一位', () => app.home())),
    ],
  }
}

export function checks(app, { current, ask }) {
  const trouble = h('p', { class: 'trouble', role: 'alert' })
  const questions = ALL_WELL.filter((check) => ask & check)
  const wantsTemperature = (ask & CHECK.TEMPERATURE) !== 0
  const answer = app.once(async () => {
    const found = answers(form, ask)
    if (found === null) {
      trouble.textContent = '体温填 30 至 45 度，例如 36.5。'
      return
    }
    await app.take({
      ...current,
      temperature: found.temperature ?? current.temperature,
      answered: current.answered | ask,
      seen: current.seen | found.seen,
    })
  })
  const form = h(
    'form',
    { onsubmit: answer },
    wantsTemperature ? field('体温（℃）', { name: 'temperature', inputmode: 'decimal', maxlength: 5, placeholder: '36.5', class: 'number' }) : null,
    wantsTemperature ? h('label', { class: 'tick' }, h('input', { type: 'checkbox', name: 'unmeasured' }), '测不了') : null,
    questions.map((check) => {
      const [question, yes, no] = CHECK_QUESTIONS[check]
      return choice(question, `check-${check}`, [['yes', yes], ['no', no]])
    }),
    trouble,
    h('div', { class: 'actions' }, h('button', { class: 'btn primary', type: 'submit' }, '看结果'), button('取消', () => app.home())),
  )
  return { title: '先查验', body: [who(current), form], focus: wantsTemperature ? form.querySelector('input') : null }
}

function answers(form, ask) {
  const given = valuesOf(form)
  let seen = 0
  for (const check of ALL_WELL) if (ask & check && given[`check-${check}`] === 'yes') seen |= check
  if (!(ask & CHECK.TEMPERATURE) || given.unmeasured) return { temperature: null, seen }
  const temperature = tenthsOf(given.temperature)
  return temperature === null ? null : { temperature, seen: seen | CHECK.TEMPERATURE }
}

/* To be written down: no more than the gate needs, and only when the rule of the day asks for it. */
export function entry(app, { current, answer }) {
  const form = h(
    'form',
    { onsubmit: app.once(() => app.take({ ...current, visitor: trimmed(valuesOf(form)) })) },
    field('姓名', { name: 'name', required: true, maxlength: 40 }),
    field('手机号', { name: 'phone', required: true, inputmode: 'tel', maxlength: 20 }),
    h('div', { class: 'pair' },
      field('去几号楼', { name: 'building', maxlength: 20 }),
      field('几室', { name: 'room', maxlength: 20 })),
    field('事由', { name: 'purpose', maxlength: 60 }),
    h('div', { class: 'actions' },
      h('button', { class: 'btn primary', type: 'submit' }, '登记并放行'),
      button('不愿登记，劝返', app.once(() => app.take({ ...current, refusesEntry: true })))),
  )
  return { title: '登记后放行', body: [h('p', {}, REASON_WORDS[answer.reason]), who(current), form], focus: form.querySelector('input') }
}

const trimmed = (values) => Object.fromEntries(Object.entries(values).map(([name, text]) => [name, text.trim()]))

export function verdict(app, { current, answer, seq }) {
  const tone = TONES[answer.verdict]
  const isPlain = answer.verdict === VERDICT.ADMIT
  const undo = button('撤销', app.once(async () => {
    await app.session.annul(seq)
    app.sync.soon()
    await app.home()
  }))
  return {
    title: VERDICT_WORDS[answer.verdict],
    tone,
    returnsMs: isPlain && answer.reason === REASON.NONE ? 4_000 : null,
    takesScans: true,
    body: [
      h('div', { class: `verdict tone-${tone}`, 'data-verdict': answer.verdict, 'data-reason': answer.reason, 'data-seq': seq },
        shape(tone),
        h('p', { class: 'word', 'aria-hidden': 'true' }, VERDICT_WORDS[answer.verdict]),
        h('p', { class: 'reason' }, REASON_WORDS[answer.reason]),
        h('p', { class: 'next' }, NEXT_WORDS[answer.next])),
      who(current),
      h('div', { class: 'actions' }, button('下一位', () => app.home(), { class: 'btn primary' }), undo),
      h('p', { class: 'note' }, `已记录，第 ${seq} 号`),
    ],
  }
}

/* Whom the keeper compares with: a masked name, the last four, where he lives. */
function who(current) {
  const { holder } = current
  const about = [
    DIRECTION_WORDS[current.direction],
    current.party > 1 ? `全家 ${current.party} 人` : null,
    degrees(current.temperature) || null,
  ]
  if (holder) about.push(addressOf(holder), DECLARATION_WORDS[holder.declaration])
  else if (current.pass === 'valid') about.push(current.home ? '名册上还没有' : '外小区')
  else if (current.how === HOW.VISITOR) about.push(current.direction === IN ? '访客' : '访客离开')
  const title = holder ? personLine(holder) : (current.visitor?.name ?? null)
  return h('div', { class: 'who' }, title ? h('strong', {}, title) : null, h('span', {}, about.filter(Boolean).join(' · ')))
}
