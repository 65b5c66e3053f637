// The login keychain of macOS through `security`. The key goes in by standard input, since arguments show in the process list.
import { type Keyring, type KeyringParts, keyringFailure, saidBy } from './keyring.ts'

const SECURITY = '/usr/bin/security'
const SERVICE = 'infrafabric'
/** Exit code of `security`: the item could not be found. */
const NOT_FOUND = 44

export function macKeychain({ run, home }: KeyringParts): Keyring {
  return {
    async check() {
      const { code, stderr } = await run(SECURITY, ['default-keychain'])
      if (code !== 0) throw keyringFailure(saidBy(stderr))
    },

    async read(name) {
      const { code, stdout, stderr } = await run(SECURITY, ['find-generic-password', '-s', SERVICE, '-a', name, '-w'])
      if (code === 0) return stdout.trim()
      if (code === NOT_FOUND) return undefined
      throw keyringFailure(saidBy(stderr))
    },

    async write(name, value) {
      // Whether it worked is told by reading it back: `security -i` ends well whatever its commands did.
      await run(SECURITY, ['-i'], `add-generic-password -s ${SERVICE} -a ${name} -j ${home} -w ${value}\n`)
    },

    async remove(name) {
      const { code, stderr } = await run(SECURITY, ['delete-generic-password', '-s', SERVICE, '-a', name, '-j', home])
      if (code !== 0 && code !== NOT_FOUND) throw keyringFailure(saidBy(stderr))
    },
  }
}
