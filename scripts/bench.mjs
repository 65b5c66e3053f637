// Runs benchmarks: npm run bench -- NAME… runs benchmarks/NAME.ts, which exports run(); without a name it lists them.
// NODE_EXTRA_CA_CERTS is taken out: with it Node 20 reads a whole CA file at each start, which hides what is measured.
import { spawnSync } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { withBundle } from './lib/load.mjs'
import { ROOT } from './lib/paths.mjs'

const names = process.argv.slice(2)
const known = (await readdir(join(ROOT, 'benchmarks')))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -'.ts'.length))

if (names.length === 0) console.log(`npm run bench -- NAME…\n${known.map((name) => `  ${name}`).join('\n')}`)
const unknown = names.find((name) => !known.includes(name))
if (unknown) {
  console.error(`bench: there is no benchmark "${unknown}"; there are: ${known.join(', ')}`)
  process.exit(2)
}

const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env
for (const name of names) {
  console.log(`# ${name}`)
  const status = await withBundle(`benchmarks/${name}.ts`, async (bundle) => {
    const code = `await (await import(${JSON.stringify(pathToFileURL(bundle).href)})).run()`
    return spawnSync(process.execPath, ['--enable-source-maps', '--input-type=module', '-e', code], {
      cwd: ROOT,
      env,
      stdio: 'inherit',
    }).status
  })
  if (status !== 0) process.exitCode = 1
}
