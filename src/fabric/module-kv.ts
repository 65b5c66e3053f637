// What a module keeps between its calls: records under its own name, that no other module sees. Small on purpose: a guest
// is no place for data, and a module that fills the home would hurt everybody.
import type { GuestKv } from '../chassis/index.ts'
import { FabricError } from '../foundation/index.ts'
import { JsonText, keyOf, prefixOf, type Store, segmentsOf } from '../store/index.ts'

const MOST_KEYS = 1_000
const MOST_VALUE_BYTES = 64 * 1024
const KEY = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,127}$/

/** The records of a module. */
export function moduleKv(store: Store, module: string): GuestKv {
  const at = (key: string): string => {
    if (KEY.test(key)) return keyOf('module-kv', module, key)
    throw new FabricError('IF_ERR_INVALID_INPUT', `${JSON.stringify(key.slice(0, 80))} is not a key`, {
      hint: 'Keys are letters, digits and . _ / -, at most 128.',
    })
  }
  const all = (limit?: number) => store.range(prefixOf('module-kv', module), limit === undefined ? {} : { limit })
  return {
    async get(key) {
      const entry = await store.get(at(key))
      return entry && JSON.stringify(entry.value)
    },
    async set(key, value) {
      const place = at(key)
      const bytes = Buffer.byteLength(value)
      if (bytes > MOST_VALUE_BYTES) throw full(`the value of ${key} has ${bytes} bytes, at most ${MOST_VALUE_BYTES}`)
      const isNew = (await store.get(place)) === undefined
      if (isNew && (await all(MOST_KEYS)).length >= MOST_KEYS) throw full(`${module} keeps ${MOST_KEYS} keys already`)
      await store.commit([{ key: place, value: new JsonText(JSON.stringify(JSON.parse(value))), expect: 'any' }])
    },
    async delete(key) {
      await store.commit([{ key: at(key), value: undefined, expect: 'any' }])
    },
    async list(prefix) {
      const keys = (await all()).map(({ key }) => segmentsOf(key)[2] ?? '')
      return keys.filter((key) => key.startsWith(prefix))
    },
  }
}

const full = (problem: string): FabricError =>
  new FabricError('IF_ERR_INVALID_INPUT', problem, { hint: 'Keep less, or keep it where data belongs.' })
