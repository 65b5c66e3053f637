// What runs in an interpreter before a guest's code does: the module `infrafabric:host`, the way in for calls and answers,
// and a few globals that bundles count on. It keeps its own hold on every intrinsic it needs, so that nothing the guest
// does to its realm later changes what the host sees. Only strings and numbers cross.
import { GUEST_EXPORTS } from '../guest-protocol.ts'
import { PRELUDE_GLOBALS } from './prelude-globals.ts'

/** The module that guests import from. */
export const HOST_MODULE = 'infrafabric:host'

/** The global that hands the host's functions in, and the prelude's out. It is gone before the guest's code runs. */
export const HANDOVER = '__infrafabric'

/** How a call settled; the number crosses. */
export const SETTLED = { done: 0, failed: 1, missing: 2, noJson: 3 } as const

/** What a guest may want; the number crosses. */
export const WANTS = ['call', 'kv.get', 'kv.set', 'kv.delete', 'kv.list'] as const

export const PRELUDE = `
const host = globalThis.${HANDOVER}
delete globalThis.${HANDOVER}
const { settle, want, say, chance } = host
const { parse, stringify } = JSON
const { apply, defineProperty } = Reflect
const { slice } = String.prototype
const [GuestPromise, GuestError, GuestTypeError, toText] = [Promise, Error, TypeError, String]
const LONGEST = 2000
const cut = (value) => (typeof value === 'string' ? apply(slice, value, [0, LONGEST]) : '')

// Calls.
const NAMES = ${JSON.stringify(GUEST_EXPORTS)}
const exported = { __proto__: null }
const adopt = (module) => {
  for (const name of NAMES) if (typeof module[name] === 'function') exported[name] = module[name]
}
const read = (error, name) => {
  try {
    return cut(error[name])
  } catch {
    return ''
  }
}
const describe = (error) => {
  const isObject = error !== null && (typeof error === 'object' || typeof error === 'function')
  const message = isObject ? read(error, 'message') : typeof error === 'symbol' ? 'a symbol' : cut(toText(error))
  const name = isObject ? read(error, 'name') : ''
  const stack = isObject ? read(error, 'stack') : ''
  return stringify({ __proto__: null, name, message, stack })
}
const fail = (error) => {
  let told = '{}'
  try {
    told = describe(error)
  } catch {}
  settle(${SETTLED.failed}, told.length, told)
}
const invoke = async (name, input) => {
  try {
    const called = exported[name]
    if (called === undefined) return settle(${SETTLED.missing}, 0, '')
    const output = stringify(await called(parse(input)))
    if (typeof output !== 'string') return settle(${SETTLED.noJson}, 0, '')
    settle(${SETTLED.done}, output.length, output)
  } catch (error) {
    fail(error)
  }
}

// Wants and answers.
const waiting = { __proto__: null }
const ask = (kind, first, second) =>
  new GuestPromise((resolve, reject) => {
    const subject = first()
    const value = second()
    const id = want(kind, subject.length + value.length, subject, value)
    if (id === 0) throw new GuestError('the host can be asked within a call only, not at the top level')
    waiting[id] = { __proto__: null, resolve, reject }
  })
const answered = (id, isOk, answer) => {
  const asked = waiting[id]
  delete waiting[id]
  const value = parse(answer)
  if (isOk) return asked.resolve(value)
  const error = new GuestError(value.message)
  for (const name of ['code', 'hint', 'retryable']) {
    if (value[name] !== undefined) defineProperty(error, name, { __proto__: null, value: value[name], enumerable: true })
  }
  asked.reject(error)
}
const json = (value, what) => {
  const made = stringify(value)
  if (typeof made !== 'string') throw new GuestTypeError(what + ' cannot be written as JSON')
  return made
}
const key = (value, what) => {
  if (typeof value !== 'string') throw new GuestTypeError(what + ' must be a string')
  return value
}
const nothing = () => ''
export const call = (intent) => ask(0, () => json(intent, 'the intent'), nothing)
export const kv = Object.freeze({
  get: (name) => ask(1, () => key(name, 'the key'), nothing),
  set: (name, value) => ask(2, () => key(name, 'the key'), () => json(value, 'the value')),
  delete: (name) => ask(3, () => key(name, 'the key'), nothing),
  list: (prefix = '') => ask(4, () => key(prefix, 'the prefix'), nothing),
})

// Log lines.
const LEVELS = { __proto__: null, debug: 0, info: 1, log: 1, warn: 2, error: 3 }
const shown = (value) => {
  if (typeof value === 'string') return value
  if (value instanceof GuestError) return read(value, 'name') + ': ' + read(value, 'message')
  try {
    return stringify(value) ?? toText(value)
  } catch {
    return typeof value === 'bigint' ? toText(value) : '(cannot be shown)'
  }
}
const line = (level, values) => {
  let whole = ''
  for (let i = 0; i < values.length && whole.length < LONGEST; i++) whole += (i > 0 ? ' ' : '') + cut(shown(values[i]))
  say(level, cut(whole))
}
export const log = (first, ...rest) => {
  const level = typeof first === 'string' && rest.length > 0 ? LEVELS[first] : undefined
  if (level === undefined) line(1, [first, ...rest])
  else line(level, rest)
}
export const now = Date.now
export const random = () => chance()

const install = (name, value) =>
  defineProperty(globalThis, name, { __proto__: null, value, writable: true, configurable: true, enumerable: false })
const console = {}
for (const name of ['debug', 'info', 'log', 'warn', 'error']) console[name] = (...values) => line(LEVELS[name], values)
install('console', console)
defineProperty(Math, 'random', { __proto__: null, value: random, writable: true, configurable: true, enumerable: false })
// Memory shared between threads has no use in here.
delete globalThis.SharedArrayBuffer
${PRELUDE_GLOBALS}
host.invoke = invoke
host.adopt = adopt
host.answered = answered
host.fail = fail
`
