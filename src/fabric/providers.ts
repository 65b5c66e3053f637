// What the fabric tells about its providers and operations, from definitions and signed manifests.
import {
  authsOf,
  exampleOf,
  hookSetupOf,
  type Instance,
  inputJsonSchema,
  type LoadedProvider,
  type OperationEntry,
  operationsOf,
} from '../adapter/index.ts'
import { formatUsd, optional } from '../foundation/index.ts'
import { planAction } from '../pipeline/index.ts'
import type { OperationDetail, ProviderDetail, ProviderSummary } from './port.ts'

export function summaryOf(provider: LoadedProvider, instances: Instance[]): ProviderSummary {
  const { definition, manifest, digest, signedBy } = provider
  return {
    id: definition.id,
    name: definition.name,
    category: definition.category,
    standing: definition.standing,
    confidence: definition.confidence,
    operations: operationsOf(provider).map((entry) => entry.id),
    manifest: { version: manifest.version, digest, signedBy },
    instances: instances
      .filter((instance) => instance.provider.split('@')[0] === definition.id)
      .map(({ name, tags }) => ({ name, tags })),
  }
}

export function detailOf(provider: LoadedProvider, instances: Instance[]): ProviderDetail {
  const { definition, manifest } = provider
  return {
    ...summaryOf(provider, instances),
    docs: definition.docs,
    hosts: manifest.hosts,
    scopes: manifest.scopes,
    limits: manifest.limits,
    secrets: Object.entries(definition.secrets).map(([name, { label, get, required }]) => ({
      name,
      label,
      get,
      required: required ?? true,
    })),
    settings: Object.entries(definition.settings ?? {}).map(([name, setting]) => ({
      name,
      description: setting.description,
      default: setting.default ?? null,
    })),
    ...optional('webhooks', definition.webhooks && hookSetupOf(definition.webhooks)),
    ...(authsOf(definition).some(({ token }) => token?.consent) ? { consent: true } : {}),
    operations: operationsOf(provider).map((entry) => operationDetail(provider, entry)),
  }
}

function operationDetail(provider: LoadedProvider, entry: OperationEntry): OperationDetail {
  const { undo, undoLabel } = entry.operation
  return {
    id: entry.id,
    summary: entry.summary,
    effect: entry.effect,
    input: inputJsonSchema(entry),
    example: exampleOf(entry),
    undo: undo === undefined ? null : typeof undo === 'function' ? (undoLabel ?? 'yes') : `none: ${undo.none}`,
    cost: costOf(provider, entry),
    native: entry.native,
    streams: isStream(entry),
  }
}

/** What one call costs, reckoned on the example where it depends on the input. */
function costOf(provider: LoadedProvider, entry: OperationEntry): string {
  if (entry.operation.cost === 'free') return 'free'
  const instance: Instance = {
    version: 1,
    name: provider.definition.id,
    provider: provider.definition.id,
    tags: {},
    settings: {},
    secrets: {},
    privateNetwork: false,
    timeout: '30s',
  }
  const { cost } = planAction({ provider, instance, entry, input: exampleOf(entry) })
  if (cost.kind === 'priced') return `${formatUsd(cost.estimateMicroUsd)} for the example (${cost.basis})`
  return cost.kind === 'free' ? 'free' : `unknown: ${cost.why}`
}

/** Of an operation to be followed each request streams; the example tells. Effects that stream are applied. */
function isStream(entry: OperationEntry): boolean {
  const spec = entry.operation.request(exampleOf(entry))
  if (spec.transport === 'websocket') return spec.mode === 'stream'
  return spec.stream !== undefined && entry.effect === 'read'
}
