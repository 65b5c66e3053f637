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

const SETTING = /\{([A-Za-z][\w-]*)\}/g

export function splitBase(baseUrl: string): BaseTemplate {
  const match = /^((?:(?:[a-z]+|\{[^}]+\}):\/\/)?[^/]+)(\/.*)?$/.exec(baseUrl)
  return {
    origin: (match?.[1] ?? '').replace(/^ws(s?):/, 'http$1:'),
    prefix: (match?.[2] ?? '').replace(/\/+$/, ''),
  }
}

/** The base address of this name for an instance, of its environment. A twin replaces the origin and keeps the path. */
export function resolveBase(definition: ProviderDefinition, instance: Instance, name: string): BaseAddress {
  const baseUrl = baseUrlOf(definition, instance, name)
  if (baseUrl === undefined) throw new FabricError('IF_ERR_INTERNAL', `${definition.id} has no base address "${name}"`)
  const template = splitBase(baseUrl)
  const unset = new Set<string>()
  const fill = (text: string, encode: (value: string) => string) =>
    text.replace(SETTING, (hole, setting: string) => {
      const value = settingOf(definition, instance, setting)
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

/** The path with each `{name}` filled from `values`, one segment each. */
export function fillPath(template: string, values: Record<string, Scalar>): string {
  return template
    .split('/')
    .map((segment) => fillSegment(segment, values))
    .join('/')
}

function fillSegment(segment: string, values: Record<string, Scalar>): string {
  if (!segment.includes('{')) return segment
  const filled = segment.replace(SETTING, (_hole, name: string) => {
    const given = Object.hasOwn(values, name) ? values[name] : undefined
    if (given === undefined) throw new FabricError('IF_ERR_INTERNAL', `the path ${segment} has no value for {${name}}`)
    const value = String(given)
    if (value === '') throw unusable(name, value)
    return percent(value)
  })
  if (filled === '.' || filled === '..') throw unusable(segment.slice(1, -1), filled)
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
