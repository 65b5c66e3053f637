// A process that adds module after module to a folder, until it is done or killed:
//   node adding-child.mjs FOLDER KEY_FILE ID COUNT
// It says `added ID@VERSION` for each, and `lost ID@VERSION` where another was first.
import { readFileSync } from 'node:fs'
import { openModules } from '../../../../src/chassis/module/module-library.ts'
import { isFabricError, silentLogger } from '../../../../src/foundation/index.ts'
import { sealedAgent } from '../../../support/module-files.ts'
import type { TestKey } from '../../../support/signing-key.ts'

const [folder = '', keyFile = '', id = '', count = '0'] = process.argv.slice(2)
const key: TestKey = JSON.parse(readFileSync(keyFile, 'utf8'))
const modules = openModules({ folder, trustedKeys: async () => [key.trusted], logger: silentLogger })
const padding = `// ${process.pid} ${'x'.repeat(300_000)}`

for (let at = 0; at < Number(count); at += 1) {
  const version = `1.${at}.0`
  const bytes = sealedAgent(key, { id, version, script: `export const execute = () => ${at}\n${padding}` })
  try {
    await modules.add(bytes)
    console.log(`added ${id}@${version}`)
  } catch (thrown) {
    if (!isFabricError(thrown) || thrown.code !== 'IF_ERR_ALREADY_EXISTS') throw thrown
    console.log(`lost ${id}@${version}`)
  }
}
console.log('done')
