// Requests of a definition as the vendor would get them, and the description of the vendor to hold them against.
import {
  encodeQuery,
  type JsonObject,
  type JsonValue,
  type Operation,
  type ProviderDefinition,
  type RequestSpec,
  VOCABULARY,
} from '../../src/adapter/index.ts'
import {
  type DescribedRequest,
  openVendorDescription,
  type VendorDescription,
  vendorDescriptionsFolder,
} from '../../src/twin/vendor/index.ts'

export interface ContractOperation {
  id: string
  operation: Operation<JsonObject, JsonObject>
  input: { parse: (value: unknown) => unknown; safeParse: (value: unknown) => { success: boolean } }
  output: { parse: (value: unknown) => unknown }
}

/** Every operation of a definition with its schemas. */
export function contractOperations(definition: ProviderDefinition): ContractOperation[] {
  const standard = Object.entries(definition.operations).map(([id, operation]) => {
    const { input, result } = VOCABULARY[id as keyof typeof VOCABULARY]
    return { id, operation: operation as unknown as Operation<JsonObject, JsonObject>, input, output: result }
  })
  const native = Object.entries(definition.native ?? {}).map(([id, operation]) => ({
    id: `${definition.id}:${id}`,
    operation: operation as unknown as Operation<JsonObject, JsonObject>,
    input: operation.input,
    output: operation.output,
  }))
  return [...standard, ...native]
}

/** The vendor's description, or undefined and a visible word that its tests are skipped. */
export async function describedBy(providerId: string): Promise<VendorDescription | undefined> {
  const folder = vendorDescriptionsFolder()
  const description = folder && (await openVendorDescription(folder, providerId))
  if (!description) console.warn(`SKIPPED: no vendor description of ${providerId} (set IFAB_SPECS)`)
  return description || undefined
}

/** A request of a definition in the form that a description checks. */
export function asDescribed(definition: ProviderDefinition, spec: RequestSpec): DescribedRequest {
  const prefix = (definition.baseUrls[spec.base] ?? '').replace(/^[^/]*:\/\/[^/]*/, '')
  const path = spec.template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(spec.path[name])))
  const query = new URLSearchParams(encodeQuery(spec.query))
  const body = spec.transport === 'http' ? spec.body : undefined
  return {
    method: spec.method,
    path: `${prefix}${path}`,
    query: Object.fromEntries(query),
    headers: { ...definition.headers, ...spec.headers },
    body: body && 'value' in body ? (JSON.parse(JSON.stringify(body.value)) as JsonValue) : undefined,
    bodyEncoding: body?.encoding,
  }
}
