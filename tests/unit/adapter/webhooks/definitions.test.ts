// Every definition with webhooks: its example brings events, always the same ones, and its proof names secrets that it has.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { hookSetupOf, type ProviderDefinition, readDelivery } from '../../../../src/adapter/index.ts'
import { packageRoot } from '../../../../src/fabric/index.ts'

const FOLDER = join(packageRoot(), 'src', 'providers')

const files = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap((category) =>
    readdirSync(join(FOLDER, category.name), { withFileTypes: true }).map((entry) =>
      join(FOLDER, category.name, entry.name, ...(entry.isDirectory() ? ['index.ts'] : [])),
    ),
  )

const definitions = await Promise.all(
  files.map(async (file): Promise<ProviderDefinition> => (await import(pathToFileURL(file).href)).default),
)
const withWebhooks = definitions.flatMap(({ webhooks, ...rest }) => (webhooks ? [{ ...rest, webhooks }] : []))

it.each(withWebhooks)('$id: its example brings the same events each time, with ids and types', ({ webhooks }) => {
  const { body, headers = {}, query = {}, method = 'POST' } = webhooks.example
  const isText = typeof body === 'string'
  const read = () =>
    webhooks.events(
      readDelivery({
        method,
        url: `https://hooks.example.com/hooks/x?${new URLSearchParams(query)}`,
        headers: isText ? { ...headers } : { 'content-type': 'application/json', ...headers },
        bytes: Buffer.from(isText ? body : JSON.stringify(body)),
      }),
    )

  const events = read()

  expect(events.length).toBeGreaterThan(0)
  expect(events.every(({ id, type }) => id !== '' && type !== '')).toBe(true)
  expect(read()).toEqual(events)
})

it.each(withWebhooks)('$id: its proof names secrets of its own', ({ webhooks, secrets }) => {
  const unknown = hookSetupOf(webhooks).secrets.filter((name) => !Object.hasOwn(secrets, name))

  expect(unknown).toEqual([])
})
