// The request that a guest asks for, as the engine's own. The guest names no host and no secret: those come from the
// signed manifest and the door. Headers that decide where bytes go, or how they are framed, are not the guest's to set.
import type { RequestSpec } from '../../adapter/index.ts'
import { FabricError } from '../../foundation/index.ts'
import type { GuestRequest } from '../module/description.ts'

const NOT_THEIRS =
  /^(host|connection|keep-alive|upgrade|te|trailer|transfer-encoding|content-length|expect|proxy-.*|via|forwarded|x-forwarded-.*)$/i

const HOLE = /\{([A-Za-z][\w-]*)\}/g

/** The engine's request; IF_ERR_MODULE_FAILED where the guest asks for what it must not. */
export function requestSpecOf(request: GuestRequest): RequestSpec {
  const { method, path, base = 'main', params = {}, query = {}, headers = {}, json, form } = request
  const forbidden = Object.keys(headers).find((name) => NOT_THEIRS.test(name) || !/^[A-Za-z0-9-]+$/.test(name))
  if (forbidden !== undefined) throw refused(`sets the header ${JSON.stringify(forbidden)}`)
  if (json !== undefined && form !== undefined) throw refused('has a json and a form body')
  if (/[?#\\\s]|\/\.{1,2}(\/|$)/.test(path)) throw refused(`has the path ${JSON.stringify(path)}`)
  return {
    transport: 'http',
    base,
    method,
    template: path,
    path: params,
    query,
    headers,
    ...(json === undefined ? {} : { body: { encoding: 'json' as const, value: json } }),
    ...(form === undefined ? {} : { body: { encoding: 'form' as const, value: form } }),
  }
}

/** Refuses a request to a base address that its adapter did not describe, or with a hole in its path that nothing fills. */
export function checkPlaces(
  { base = 'main', path, params = {} }: GuestRequest,
  baseUrls: Record<string, string>,
): void {
  if (!Object.hasOwn(baseUrls, base))
    throw refused(`goes to the base address ${JSON.stringify(base)}, which is none of its own`)
  const hole = holesOf(path).find((name) => !Object.hasOwn(params, name))
  if (hole !== undefined) throw refused(`has no value for {${hole}} in its path ${JSON.stringify(path)}`)
}

/** Names that stand in braces in an address or a path. */
export const holesOf = (text: string): string[] => [...text.matchAll(HOLE)].map(([, name = '']) => name)

const refused = (problem: string): FabricError =>
  new FabricError('IF_ERR_MODULE_FAILED', `the module asks for a request that ${problem}`, {
    hint: 'A request is method, path below the base address, params, query, headers of the API, and json or form.',
  })
