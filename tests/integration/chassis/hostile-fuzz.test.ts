// Five thousand mutants of modules through loader and pool; `npm run soak -- chassis` does a hundred thousand.
import { expect, it } from 'vitest'
import { buildWorkerFile } from '../../support/guest-worker.ts'
import { fuzzModules } from './hostile/fuzz.ts'

it('mutants of modules are refused, stopped, failed or answered, and nothing else', async () => {
  const worker = await buildWorkerFile()
  try {
    const { ends } = await fuzzModules({ seed: 1, cases: 5_000, workerFile: worker.path })

    // The mutants reach every depth: many are refused, but many also run.
    expect(ends.IF_ERR_MODULE_INVALID).toBeGreaterThan(500)
    expect(ends.IF_ERR_MODULE_UNTRUSTED).toBeGreaterThan(10)
    expect(ends.IF_ERR_MODULE_FAILED).toBeGreaterThan(50)
    expect(ends['IF_ERR_MODULE_LIMIT fuel']).toBeGreaterThan(5)
    expect(ends.answered).toBeGreaterThan(50)
  } finally {
    await worker.remove()
  }
}, 300_000)
