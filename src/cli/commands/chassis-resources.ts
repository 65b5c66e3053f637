// ifab chassis resources: what modules use in the process that answers, against the limits of their contracts.
import type { ModuleResources } from '../../chassis/index.ts'
import type { CommandHandler } from '../invocation.ts'
import { resourcesText } from '../output/module-resources-text.ts'

export const chassisResourcesCommand: CommandHandler = async ({ fabric, console }) => {
  const opened = await fabric()
  const used: ModuleResources[] = await opened.moduleResources()
  const { modules } = await opened.modules()
  const rows = used.map((use) => ({
    ...use,
    contract: modules.find(({ digest }) => digest === use.digest)?.contract ?? null,
  }))
  const isDaemon = opened.way.kind === 'daemon'
  const none = isDaemon ? 'no module has run since the daemon began' : 'no module has run in this process'
  console.result(rows, rows.length === 0 ? none : resourcesText(rows, console.out))
  if (rows.length === 0 && !isDaemon) console.note('Next: ifab up, and what runs in the daemon shows here')
}
