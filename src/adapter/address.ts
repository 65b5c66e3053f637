// Where requests go: base addresses with settings filled in, path templates with values filled in. Values never change
// the shape of an address: they are encoded, and one that could climb out of its segment is refused.
import { FabricError } from '../foundation/index.ts'
import type { ProviderDefinition } from './definition.ts'
import { percent } from './encoding.ts'
import { baseUrlOf } from './environment.ts'
import type { Instance } from './instance.ts'
import type { Scalar } from './request.ts'

/** An address in two parts; either may hold `{setting}`. */
export interface BaseTemplate {
  /** `https://api.stripe.com`; always http or https, the transport says whether a socket opens there. */
  origin: string
  /** `/v1`, or empty; never ends in a slash. */
  prefix: string
}

export interface BaseAddress {
  /** As the definition and the manifest have it. */
  template: BaseTemplate
  /** For this instance; an unset setting stays `{host}`. */
  origin: string
  prefix: string
  unset: string[]
}

/** Values for `hostParts`. */
export type HostValues = Readonly<Record<string, string>> | 'any'

const SETTING = /\{([A-Za-z][\w-]*)\}/g
/** `{name}` is one segment or a part of one, `{name+}` takes slashes as they are. */
const PART = /\{([A-Za-z][\w-]*)(\+?)\}/g

export function splitBase(baseUrl: string): BaseTemplate {
  const match = /^((?:(?:[a-z]+|\{[^}]+\}):\/\/)?[^/]+)(\/.*)?$/.exec(baseUrl)
  return {
    origin: (match?.[1] ?? '').replace(/^ws(s?):/, 'http$1:'),
    prefix: (match?.[2] ?? '').replace(/\/+$/, ''),
  }
}

/**
 * The base address of this name for an instance, of its environment. A twin replaces the origin and keeps the path. `host`
 * gives the parts that only an answer tells; `any` leaves them open, as `*`.
 */
export function resolveBase(
  definition: ProviderDefinition,
  instance: Instance,
  { name, host = {} }: { name: string; host?: HostValues },
): BaseAddress {
  const baseUrl = baseUrlOf(definition, instance, name)
  if (baseUrl === undefined) throw new FabricError('IF_ERR_INTERNAL', `${definition.id} has no base address "${name}"`)
  const template = splitBase(baseUrl)
  checkOpenHost(definition, template.origin)
  const unset = new Set<string>()
  const fill = (text: string, encode: (value: string) => string) =>
    text.replace(SETTING, (hole, setting: string) => {
      const value = hostPart(definition, setting, host) ?? settingOf(definition, instance, setting)
      if (value === undefined) unset.add(setting)
      return value === undefined ? hole : encode(value)
    })
  const prefix = fill(template.prefix, percent)
  if (instance.twin !== undefined) {
    return { template, origin: new URL(instance.twin).origin, prefix, unset: [...unset] }
  }
  const filled = fill(template.origin, (value) => value)
  if (unset.size > 0) return { template, origin: filled, prefix, unset: [...unset] }
  const site = checkedSite(filled, instance)
  return { template, origin: site.origin, prefix: site.prefix + prefix, unset: [] }
}

/** A text with the instance's settings in it, and the ones that have no value. */
export function fillSettings(
  definition: ProviderDefinition,
  instance: Instance,
  text: string,
): { text: string; unset: string[] } {
  const unset: string[] = []
  const filled = text.replace(SETTING, (hole, setting: string) => {
    const value = settingOf(definition, instance, setting)
    if (value === undefined) unset.push(setting)
    return value ?? hole
  })
  return { text: filled, unset }
}

/** An answer may choose among the hosts of one owner; a definition that lets it choose the owner is refused. */
function checkOpenHost({ id, hostParts = {} }: ProviderDefinition, origin: string): void {
  const open = [...origin.matchAll(SETTING)].filter(([, name = '']) => Object.hasOwn(hostParts, name)).at(-1)
  if (!open || /^[a-z0-9-]*(\.[a-z0-9-]+){2,}(:\d+)?$/.test(origin.slice(open.index + open[0].length))) return
  throw new FabricError('IF_ERR_INTERNAL', `${id}: an answer would decide more than a part of the host of ${origin}`, {
    hint: 'Behind the last host part there have to be two fixed names, as in https://{index}.svc.example.com.',
  })
}

/** A part of a host that an answer told: checked, as it decides where a credential goes. */
function hostPart({ id, hostParts }: ProviderDefinition, name: string, values: HostValues): string | undefined {
  const pattern = hostParts?.[name]
  if (!pattern) return undefined
  if (values === 'any') return '*'
  const value = Object.hasOwn(values, name) ? values[name] : undefined
  if (value === undefined) throw new FabricError('IF_ERR_INTERNAL', `${id}: nothing tells the host part {${name}}`)
  if (pattern.test(value) && /^[a-z0-9.-]+$/i.test(value)) return value
  throw new FabricError('IF_ERR_BAD_RESPONSE', `${id} named a host that cannot be its own: ${JSON.stringify(value)}`, {
    hint: 'The provider, or something on the way to it, does not answer as its documentation says.',
  })
}

/** What stands for a credential in the path until the door writes it there. */
export const PATH_HOLE = 'hole'

/**
 * The path with each `{name}` filled from `values`, one segment each; `{name+}` keeps slashes. `slots` gives the text for
 * names that a credential fills.
 */
export function fillPath(
  template: string,
  values: Record<string, Scalar>,
  slots: ReadonlyMap<string, string> = new Map(),
): string {
  if (!template.includes('{')) return template
  const filled = template.replace(PART, (_hole, name: string, plus: string) => {
    const slot = slots.get(name)
    if (slot !== undefined) return slot
    const given = Object.hasOwn(values, name) ? values[name] : undefined
    if (given === undefined) throw new FabricError('IF_ERR_INTERNAL', `the path ${template} has no value for {${name}}`)
    const value = String(given)
    if (value === '') throw unusable(name, value)
    if (plus === '') return percent(value)
    // An empty or a dot segment would leave another path than the one that was planned.
    if (value.startsWith('/') || /\/\/|(^|\/)\.{1,2}(\/|$)/.test(value)) throw unusable(name, value)
    return value.split('/').map(percent).join('/')
  })
  const climbing = filled.split('/').findIndex((segment) => segment === '.' || segment === '..')
  if (climbing >= 0) throw unusable(template.split('/')[climbing]?.slice(1, -1) ?? template, filled)
  return filled
}

const unusable = (name: string, value: string): FabricError =>
  new FabricError('IF_ERR_INVALID_INPUT', `${name}: ${JSON.stringify(value)} cannot stand in an address`, {
    hint: 'Give the id as the provider wrote it.',
    details: { field: name },
  })

function settingOf(definition: ProviderDefinition, instance: Instance, name: string): string | undefined {
  const spec = definition.settings?.[name]
  if (!spec) throw new FabricError('IF_ERR_INTERNAL', `${definition.id} does not define its setting "${name}"`)
  const value = Object.hasOwn(instance.settings, name) ? instance.settings[name] : spec.default
  if (value === undefined || spec.pattern.test(value)) return value
  throw badSetting(instance, name, value, spec.description)
}

/** What is left after filling must be an origin with at most a path: a value may bring no credentials, query or fragment. */
function checkedSite(text: string, instance: Instance): BaseTemplate {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const plain = url && url.username === '' && url.password === '' && !/[?#@\\]/.test(text)
  if (!url || !plain || !/^https?:$/.test(url.protocol)) {
    throw badSetting(instance, 'settings', text, 'the address is https://host, with a port and a path where needed')
  }
  return { origin: url.origin, prefix: url.pathname.replace(/\/+$/, '') }
}

const badSetting = (instance: Instance, name: string, value: string, rule: string): FabricError =>
  new FabricError(
    'IF_ERR_INVALID_INPUT',
    `instance ${instance.name}: ${name}: ${JSON.stringify(value)} is not usable`,
    {
      hint: `Expected: ${rule}`,
      details: { instance: instance.name, setting: name },
    },
  )
