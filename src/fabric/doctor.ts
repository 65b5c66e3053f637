// Whether this home and this machine are fit: what each part rests on, and what to do where something is wrong.
import { access, constants, stat, statfs } from 'node:fs/promises'
import { isFabricError, readConfig, toFabricError } from '../foundation/index.ts'
import { type JournalLoss, LOSSES } from '../store/index.ts'
import type { Composition } from './acting.ts'
import { missingConsentOf } from './consents.ts'
import type { DoctorCheck } from './port.ts'

const LITTLE_SPACE = 64 * 1024 * 1024
/** So long a loss is something to do about. */
const LOSS_COUNTS_MS = 7 * 24 * 3_600_000

export async function checkHealth(parts: Composition): Promise<DoctorCheck[]> {
  return [
    nodeCheck(),
    { name: 'way', ok: true, text: `embedded home ${parts.home.path}, no daemon` },
    await check('home', async () => {
      await access(parts.home.path, constants.R_OK | constants.W_OK)
      const { mode } = await stat(parts.home.path)
      if ((mode & 0o077) !== 0)
        return {
          ok: false,
          text: `${parts.home.path} can be read by others (mode ${(mode & 0o777).toString(8)})`,
          next: `chmod 700 ${parts.home.path}`,
        }
      return { ok: true, text: `${parts.home.path} is yours alone` }
    }),
    await check('config', async () => {
      await readConfig(parts.home.config)
      return { ok: true, text: 'config.yaml says what it may, or there is none' }
    }),
    ...(parts.project ? [{ name: 'project', ok: true, text: `${parts.project.name}, ${parts.project.file}` }] : []),
    await check('disk', async () => {
      const { bavail, bsize } = await statfs(parts.home.path)
      const free = Math.round((bavail * bsize) / 1024 / 1024)
      return { ok: bavail * bsize > LITTLE_SPACE, text: `${free} MB free` }
    }),
    await check('store', async () => {
      const { engine, durability } = parts.store.capabilities
      return { ok: true, text: `${engine}, durability ${durability}` }
    }),
    await check('journal', async () => {
      const losses = await parts.store.range<JournalLoss>(LOSSES)
      const last = losses.map(({ value }) => value).sort((a, b) => (a.at < b.at ? 1 : -1))[0]
      if (!last) return { ok: true, text: 'nothing that was answered is missing' }
      const isNew = parts.clock.now() - Date.parse(last.at) < LOSS_COUNTS_MS
      return {
        ok: !isNew,
        text: `${last.expected - last.found} commits that were answered were missing at ${last.at}: a damaged disk, or an older copy was put back`,
        ...(isNew ? { next: 'ifab witness verify' } : {}),
      }
    }),
    await check('witness', async () => {
      const report = await parts.witness.verify(parts.store)
      const [problem] = report.problems
      return problem
        ? { ok: false, text: problem.message, next: 'ifab witness verify' }
        : { ok: true, text: `${report.size} entries verified` }
    }),
    await check('manifests', async () => {
      const ids = await parts.catalogue.ids()
      for (const id of ids) await parts.catalogue.load(id)
      return { ok: true, text: `${ids.length} providers, all manifests signed by trusted keys` }
    }),
    await check('modules', async () => {
      const entries = await parts.modules.list()
      const broken = entries.filter(({ fault }) => fault !== undefined)
      const [first] = broken
      if (!first)
        return { ok: true, text: entries.length === 0 ? 'none is loaded' : `${entries.length} loaded, all verified` }
      return {
        ok: false,
        text: `${first.file}: ${first.fault?.message ?? 'broken'}`,
        next: `ifab chassis unload ${first.id}@${first.version}`,
      }
    }),
    await check('policies', async () => {
      const { fault, current } = parts.policies
      const wrong = fault ?? parts.resourcePolicy.fault
      if (wrong) return { ok: false, text: wrong.message, next: 'ifab policy check' }
      return { ok: true, text: `${current?.policies.length ?? 0} policies hold` }
    }),
    await check('freeze', async () => {
      const frozen = parts.freezes.list()
      const [first] = frozen
      if (!first) return { ok: true, text: 'nothing is frozen' }
      const what = first.kind === 'all' ? 'everything' : `${first.kind} ${first.name}`
      const others = frozen.length > 1 ? ` and ${frozen.length - 1} more` : ''
      return { ok: false, text: `${what}${others} is frozen: ${first.why}`, next: "ifab thaw … --why '…'" }
    }),
    await check('breakers', async () => {
      const open = parts.breakers.list().filter(({ state }) => state !== 'closed')
      if (open.length === 0) return { ok: true, text: 'none is open' }
      const names = open.map(({ kind, name }) => `${kind} ${name}`).join(', ')
      return { ok: false, text: `open: ${names}`, next: 'ifab governor breakers' }
    }),
    await check('instances', async () => {
      const instances = await parts.instances.list()
      return {
        ok: true,
        text: instances.length === 0 ? 'none yet' : instances.map((instance) => instance.name).join(', '),
        ...(instances.length === 0 ? { next: 'ifab provider list' } : {}),
      }
    }),
    await check('consents', async () => {
      // One that can't be read is told of by the check before.
      const names = (await parts.instances.list().catch(() => [])).map(({ name }) => name)
      for (const name of names) {
        const missing = await missingConsentOf(parts, name)
        if (missing) return { ok: false, text: missing.message, ...(missing.next ? { next: missing.next } : {}) }
      }
      return { ok: true, text: 'none is missing' }
    }),
    { name: 'telemetry', ok: true, text: 'none; InfraFabric sends nothing about you anywhere' },
  ]
}

function nodeCheck(): DoctorCheck {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const ok = major > 20 || (major === 20 && minor >= 19)
  return {
    name: 'node',
    ok,
    text: `Node ${process.versions.node}`,
    ...(ok ? {} : { next: 'install Node 20.19 or newer' }),
  }
}

async function check(name: string, look: () => Promise<Omit<DoctorCheck, 'name'>>): Promise<DoctorCheck> {
  try {
    return { name, ...(await look()) }
  } catch (thrown) {
    const error = isFabricError(thrown) ? thrown : toFabricError(thrown)
    return {
      name,
      ok: false,
      text: error.message,
      ...(error.next ? { next: error.next } : error.hint ? { next: error.hint } : {}),
    }
  }
}
