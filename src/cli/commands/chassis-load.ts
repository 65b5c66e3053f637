// ifab chassis load, list, unload: modules of the home. A person sees what a module may reach, do and use before the yes.
import type { Fabric, ModuleFile, ModuleView } from '../../fabric/index.ts'
import { FabricError, parseAddress } from '../../foundation/index.ts'
import { readModuleFile } from '../input/module-file.ts'
import { askYesNo } from '../input/prompt.ts'
import type { CommandHandler, Invocation } from '../invocation.ts'
import { modulePage, modulesText } from '../output/module-text.ts'
import { onPlace } from '../output/way-text.ts'

export const chassisLoadCommand: CommandHandler = async (invocation) => {
  const { args, flags, console } = invocation
  const [path = ''] = args // required by the command tree
  const file = await readModuleFile(path)
  const fabric = await invocation.fabric()
  const wasShown = await consent(invocation, fabric, file)
  const view = await fabric.loadModule(file, flags.has('replace') ? { replace: true } : {})
  const place = view.active ? '' : '; a higher version is the active one'
  const done = `${console.out.good('✓')} ${view.id} ${view.version} loaded${place}`
  console.result(view, wasShown ? done : `${done}\n${modulePage(view, console.out)}`)
  console.note(`Next: ${nextFor(view)}`)
}

/** Asks a person at a terminal; true where the page of the module was shown. */
async function consent(invocation: Invocation, fabric: Fabric, file: ModuleFile): Promise<boolean> {
  const { canAsk, console, io } = invocation
  if (!canAsk || parseAddress(fabric.actor).kind !== 'person') return false
  console.note(modulePage(await fabric.checkModule(file), console.err))
  if (await askYesNo(io, `Load it${onPlace(fabric.way)}?`)) return true
  throw new FabricError('IF_ERR_CANCELLED', `${file.name} was not loaded; nothing was changed`)
}

const nextFor = ({ id, version, kind, active }: ModuleView): string => {
  const reference = active ? id : `${id}@${version}`
  return kind === 'adapter' ? `ifab provider add ${id}` : `ifab chassis run ${reference}`
}

export const chassisListCommand: CommandHandler = async ({ fabric, console }) => {
  const all = await (await fabric()).modules()
  console.result(all, modulesText(all, console.out))
  const [first] = all.modules
  console.note(`Next: ${first ? nextFor(first) : 'ifab chassis new DIR --lang ts'}`)
}

export const chassisUnloadCommand: CommandHandler = async ({ fabric, args, console }) => {
  const [reference = ''] = args // required by the command tree
  const view = await (await fabric()).unloadModule(reference)
  console.result(view, `${console.out.good('✓')} ${view.id} ${view.version} unloaded`)
  console.note('Next: ifab chassis list')
}
