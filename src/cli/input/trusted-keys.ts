// Whose signatures count in a home: the package's keys and, in the home, the operator's own.
import { join } from 'node:path'
import { loadTrustedKeys, type TrustedKey } from '../../adapter/index.ts'
import { packageRoot } from '../../fabric/index.ts'

export async function trustedKeys(home: string): Promise<TrustedKey[]> {
  const own = await loadTrustedKeys(join(home, 'trust', 'keys.yaml'), { optional: true })
  return [...(await loadTrustedKeys(join(packageRoot(), 'trust', 'keys.yaml'))), ...own]
}
