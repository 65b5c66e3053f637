// A process that makes one call and neither closes its pool nor exits by itself: started with the worker's file.
import { quickJsModule } from '../../../../src/chassis/guest/quickjs-module.ts'
import { openChassis } from '../../../../src/chassis/pool/open-chassis.ts'
import { silentLogger, systemClock } from '../../../../src/foundation/index.ts'
import { guestModule } from '../../../support/guest-module.ts'

const chassis = await openChassis({
  clock: systemClock,
  logger: silentLogger,
  quickJs: quickJsModule,
  workerFile: process.argv[2] ?? '',
})
const module = guestModule(
  'slow',
  "import { call } from 'infrafabric:host'; export const execute = async () => { await call(1); return 'answered' }",
)
// Nothing but the chassis waits for this.
const call = () => new Promise<null>((resolve) => setTimeout(() => resolve(null), 50).unref())
const { output } = await chassis.run({ module, export: 'execute', input: null, host: { call } })
console.log(JSON.stringify(output))
