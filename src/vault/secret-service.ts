// The Secret Service of Linux desktops, as GNOME Keyring serves it, through `secret-tool` and `dbus-send`. Reading is a
// search, since a search leaves locked what is locked while a lookup would ask for the password.
import { type Keyring, type KeyringParts, keyringFailure, saidBy } from './keyring.ts'

const SERVICE = 'infrafabric'
const BUS_NAME = 'org.freedesktop.secrets'
const ROOT = '/org/freedesktop/secrets'

export function secretService({ run, env, keysDir, home }: KeyringParts): Keyring {
  const own = (name: string): string[] => ['service', SERVICE, 'name', name, 'home', home]

  const needBus = (): void => {
    if (!env.DBUS_SESSION_BUS_ADDRESS) {
      throw keyringFailure('there is no session bus (DBUS_SESSION_BUS_ADDRESS is not set)')
    }
  }

  async function ask(path: string, method: string, ...args: string[]): Promise<string> {
    const call = ['--session', '--print-reply=literal', `--dest=${BUS_NAME}`, path, method, ...args]
    const { code, stdout, stderr } = await run('dbus-send', call)
    if (code === 0) return stdout.trim()
    throw keyringFailure(saidBy(stderr))
  }

  async function search(...attributes: string[]): Promise<string> {
    needBus()
    const { code, stdout, stderr } = await run('secret-tool', ['search', '--all', ...attributes])
    if (code === 0) return stdout
    throw keyringFailure(saidBy(stderr))
  }

  return {
    async check() {
      needBus()
      const collection = await ask(ROOT, 'org.freedesktop.Secret.Service.ReadAlias', 'string:default')
      if (!collection.startsWith(`${ROOT}/`)) {
        throw keyringFailure('it has no default keyring yet; make one in the settings of the desktop')
      }
      const property = ['string:org.freedesktop.Secret.Collection', 'string:Locked']
      const locked = await ask(collection, 'org.freedesktop.DBus.Properties.Get', ...property)
      if (!/boolean false$/.test(locked)) throw keyringFailure('it is locked')
    },

    async read(name) {
      const found = await search('service', SERVICE, 'name', name)
      const secret = /^secret = (.+)$/m.exec(found)?.[1]
      if (secret === undefined && found.trim() !== '') throw keyringFailure('it is locked')
      return secret
    },

    async write(name, value) {
      const label = `--label=InfraFabric: key of the secrets of ${keysDir}`
      const { code, stderr } = await run('secret-tool', ['store', label, ...own(name)], value)
      if (code !== 0) throw keyringFailure(saidBy(stderr))
    },

    async remove(name) {
      needBus()
      // Its exit code is the same for what was not there and for what is locked; a search tells.
      await run('secret-tool', ['clear', ...own(name)])
      const left = await search(...own(name))
      if (left.trim() !== '') throw keyringFailure(`${name} could not be removed; the keyring may be locked`)
    },
  }
}
