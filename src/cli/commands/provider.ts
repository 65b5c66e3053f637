// ifab provider list, show, test, remove.
import type { Fabric, HookAddress, OperationDetail, ProviderDetail } from '../../fabric/index.ts'
import { FabricError, isFabricError, type JsonObject } from '../../foundation/index.ts'
import { choicesOf, fieldOf, knownFields, typesOf } from '../input/field-schema.ts'
import { operationOf, providerOf, unknownName } from '../input/operation.ts'
import { listenForInterrupt } from '../interrupt.ts'
import type { CommandHandler } from '../invocation.ts'
import type { Colours } from '../output/colours.ts'
import { addressText } from '../output/hook-text.ts'
import { counted, spanText, tagText } from '../output/phrases.ts'
import { assignmentWords } from '../output/shell-words.ts'
import { table } from '../output/table.ts'

export const providerListCommand: CommandHandler = async ({ fabric, console }) => {
  const opened = await fabric()
  const [providers, instances] = await Promise.all([opened.providers(), opened.instances()])
  const { strong, faint } = console.out
  const mine = instances.map(({ name, provider, tags, twin }) => [
    strong(name),
    provider === name ? '' : provider,
    `${tagText(tags).trim()}${twin ? ' twin' : ''}`.trim(),
  ])
  const catalogue = providers.map(({ id, name, category, operations, standing }) => [
    strong(id),
    name,
    category,
    counted(operations.length, 'operation'),
    standing === 'active' ? '' : standing,
  ])
  const text = [
    ...(mine.length > 0 ? [faint('mine'), table(mine, '  ')] : []),
    faint('catalogue'),
    table(catalogue, '  '),
  ].join('\n')
  console.result(providers, text)
  const [first] = providers
  console.note(`Next: ${mine.length > 0 ? 'ifab ops QUERY' : `ifab provider add ${first?.id ?? 'ID'}`}`)
}

export const providerShowCommand: CommandHandler = async ({ fabric, args, console }) => {
  const [name = '', operationName] = args // required by the command tree
  const opened = await fabric()
  const provider = await providerOf(opened, name)
  if (operationName !== undefined) {
    const operation = operationOf(provider, operationName)
    console.result(operation, operationText(operation, console.out))
    const verb = operation.effect === 'read' ? 'call' : 'plan'
    return console.note(`Next: ifab ${verb} ${name} ${operation.id} ${assignmentWords(operation.example)}`.trimEnd())
  }
  const addresses = provider.webhooks ? await hookAddressesOf(opened, provider) : []
  const shown = provider.webhooks ? { ...provider, webhooks: { ...provider.webhooks, addresses } } : provider
  console.result(
    shown,
    [providerText(provider, console.out), ...hooksText(addresses, provider, console.out)].join('\n'),
  )
  const used = provider.instances.length > 0
  console.note(`Next: ifab provider ${used ? 'show' : 'add'} ${name}${used ? ' OPERATION' : ''}`)
}

/** Where the vendor has to send the events of its instances. */
async function hookAddressesOf(opened: Fabric, { instances }: ProviderDetail): Promise<HookAddress[]> {
  return (await Promise.all(instances.map(({ name }) => opened.hookAddresses(name)))).flat()
}

function hooksText(addresses: readonly HookAddress[], { webhooks }: ProviderDetail, paint: Colours): string[] {
  if (!webhooks) return []
  const rows = addresses.map((address) => addressText(address).replace(/^/gm, '  '))
  const proof = webhooks.secrets.length > 0 ? ` (proven by ${webhooks.secrets.join(', ')})` : ''
  return [paint.faint('webhooks'), ...(rows.length > 0 ? rows : [`  ${webhooks.setup}${proof}`])]
}

export const providerLine = (provider: ProviderDetail): string =>
  [
    provider.name,
    counted(provider.operations.length, 'operation'),
    `manifest ${provider.manifest.version}, signed by ${provider.manifest.signedBy}`,
    `reaches ${provider.hosts.map((host) => host.replace(/^[a-z]+:\/\//, '')).join(', ')}`,
  ].join(' · ')

function providerText(provider: ProviderDetail, paint: Colours): string {
  const secrets = provider.secrets.map(({ name, label, get, required }) => [
    name,
    `${label}${required ? '' : ' (optional)'}`,
    get,
  ])
  const settings = provider.settings.map(({ name, description, default: value }) => [
    name,
    description,
    value === null ? 'needed' : `default ${value}`,
  ])
  const operations = provider.operations.map(({ id, effect, summary, undo, cost }) => [
    paint.strong(id),
    effect,
    summary,
    undo === null ? '' : `undo: ${undo}`,
    cost,
  ])
  const section = (title: string, rows: string[][]) => (rows.length > 0 ? [paint.faint(title), table(rows, '  ')] : [])
  return [
    providerLine(provider),
    provider.docs,
    ...section(
      'instances',
      provider.instances.map(({ name, tags }) => [name, tagText(tags).trim()]),
    ),
    ...section('secrets', secrets),
    ...section('settings', settings),
    ...section('operations', operations),
  ].join('\n')
}

function operationText(operation: OperationDetail, paint: Colours): string {
  const { input } = operation
  const required = new Set(Array.isArray(input.required) ? input.required.map(String) : [])
  const fields = (knownFields(input, input) ?? []).map((name) => {
    const field: JsonObject = fieldOf(input, input, name) ?? {}
    const type = choicesOf(input, field)?.join('|') ?? [...typesOf(input, field)].join('|')
    return [`${paint.strong(name)}${required.has(name) ? '*' : ''}`, type, String(field.description ?? '')]
  })
  return [
    `${paint.strong(operation.id)} · ${operation.effect} · ${operation.cost}${operation.undo === null ? '' : ` · undo: ${operation.undo}`}`,
    operation.summary,
    table(fields, '  '),
  ].join('\n')
}

export const providerTestCommand: CommandHandler = async ({ fabric, args, console, io }) => {
  const [name = ''] = args
  const opened = await fabric()
  const interruption = listenForInterrupt(io)
  try {
    const health = await opened.testInstance(name, { signal: interruption.stop })
    const references = (await opened.secrets(name)).map(({ name: key, kind }) => `${key} from ${kind}`)
    const mark = health.ok ? console.out.good('✓') : console.out.bad('✗')
    console.result(
      health,
      `${mark} ${name} ${spanText(health.durationMs)}: ${health.told}${references.length > 0 ? ` · ${references.join(', ')}` : ''}`,
    )
    if (!health.ok) throw new FabricError('IF_ERR_AUTH_FAILED', `${name} did not accept the credential: ${health.told}`)
    console.note(`Next: ifab provider show ${name}`)
  } catch (thrown) {
    if (isFabricError(thrown) && thrown.code === 'IF_ERR_NOT_FOUND') {
      throw unknownName(
        name,
        (await opened.instances()).map((instance) => instance.name),
      )
    }
    throw thrown
  } finally {
    interruption.end()
  }
}

export const providerRemoveCommand: CommandHandler = async ({ fabric, args, console }) => {
  const [name = ''] = args
  const opened = await fabric()
  const { provider } = await opened.instance(name)
  const known = await opened.provider(provider).catch(() => undefined) // one that doesn't load can be forgotten too
  await opened.removeInstance(name)
  console.result({ removed: name, provider }, `${console.out.good('✓')} removed ${name} and its stored secrets`)
  if (known?.consent) {
    console.note(`A consent that was given stays at the provider until it is taken back there: ${known.docs}`)
  }
  console.note(`Next: ifab provider add ${provider}`)
}
