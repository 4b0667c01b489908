/* Without a pass: by ID number or name, the whole household at once, today's paper slip. */
import { button, field, h } from '../dom.js'
import { HOW } from '../states.js'
import { isIdNumber } from '../roster.js'
import { addressOf, COLOUR_WORDS, DECLARATION_WORDS, personLine } from '../words.js'

const GRAVITY = ['symptoms', 'none', 'due', 'declared']

export function find(app) {
  const { roster } = app.session
  const results = h('div', { class: 'results', 'aria-live': 'polite' })
  const look = async () => {
    const text = input.value.trim()
    if (/^\d{17}[\dXx]$/.test(text)) return results.replaceChildren(...(await byNumber(app, text)))
    results.replaceChildren(...(text ? byWords(app, roster.search(text)) : []))
  }
  const wanted = field('身份证号；或姓名、首字母、楼号室号', { name: 'wanted', enterkeyhint: 'search', oninput: look })
  const input = wanted.querySelector('input')
  const form = h('form', { onsubmit: (event) => { event.preventDefault(); look() } }, wanted)
  return {
    title: '查名册',
    focus: input,
    body: [
      form,
      results,
      h('div', { class: 'actions' },
        button('访客登记', () => app.visitor()),
        button('查不到，按无证人员', () => app.take(app.passage({ how: HOW.NAME }))),
        button('返回扫码', () => app.home())),
    ],
  }
}

async function byNumber(app, text) {
  if (!isIdNumber(text)) return [h('p', { class: 'trouble' }, '身份证号有误，请再核对一遍。')]
  const holder = await app.session.roster.byIdNumber(text)
  return holder ? rows(app, [holder], HOW.ID_NUMBER) : [h('p', {}, '不在本小区名册。')]
}

const byWords = (app, holders) => (holders.length ? rows(app, holders, HOW.NAME) : [h('p', {}, '名册上没有。')])

function rows(app, holders, how) {
  const households = new Set()
  return holders.flatMap((holder) => {
    const person = h('button', { type: 'button', class: 'person', onclick: app.once(() => app.takeHolder(holder, how)) },
      h('strong', {}, personLine(holder)), h('span', {}, `${addressOf(holder)} · ${DECLARATION_WORDS[holder.declaration]}`))
    const members = app.session.roster.household(holder.household)
    if (members.length < 2 || households.has(holder.household)) return [person]
    households.add(holder.household)
    return [person, button(`${addressOf(holder)} 全家 ${members.length} 人一起…`, () => app.show(group, { members }))]
  })
}

/* One temperature, the highest; one exit of the household; as many persons as are ticked. */
export function group(app, { members }) {
  const form = h(
    'form',
    {
      onsubmit: app.once(() => {
        const chosen = members.filter((_member, place) => form.elements[`member-${place}`].checked)
        if (chosen.length === 0) return undefined
        const [holder] = [...chosen].sort((one, other) => GRAVITY.indexOf(one.declaration) - GRAVITY.indexOf(other.declaration))
        const how = chosen.length > 1 ? HOW.GROUP : HOW.NAME
        return app.take({ ...app.passage({ how, holder, passId: holder.pass }), party: chosen.length })
      }),
    },
    members.map((member, place) =>
      h('label', { class: 'tick' }, h('input', { type: 'checkbox', name: `member-${place}`, checked: true }), personLine(member))),
    h('p', { class: 'note' }, '测温填最高的一个。'),
    h('div', { class: 'actions' }, h('button', { class: 'btn primary', type: 'submit' }, '一起过'), button('取消', () => app.home())),
  )
  return { title: `${addressOf(members[0])} 全家`, body: [form] }
}

export function slip(app) {
  const today = app.session.roster.slipOn(app.session.today())
  if (!today) return { title: '当日纸条', body: [h('p', { class: 'banner' }, '今天的纸条词没有下发，请查身份证号。'), h('div', { class: 'actions' }, button('返回', () => app.home()))] }
  const matches = app.once(() => app.take(app.passage({ how: HOW.SLIP, slip: true })))
  return {
    title: '当日纸条',
    body: [
      h('p', {}, `纸条上须是今天（${today.on}）的词和颜色：`),
      h('div', { class: `slip colour-${today.colour}` }, h('strong', {}, today.word), h('span', {}, COLOUR_WORDS[today.colour] ?? today.colour)),
      h('div', { class: 'actions' },
        button('词和颜色都相符', matches, { class: 'btn primary' }),
        button('不符，查身份证号', () => app.find()),
        button('返回', () => app.home())),
    ],
  }
}
