// Slack knows emoji by name: `thumbsup`, `wave::skin-tone-3`. Colons around a name are how people write it.
import { unsupported } from '../../../adapter/index.ts'

/** The name without its colons; IF_ERR_UNSUPPORTED for a drawn emoji. */
export function emojiName(emoji: string): string {
  const name = /^:?([a-z0-9_+'-]+(?:::skin-tone-[2-6])?):?$/.exec(emoji)?.[1]
  if (name !== undefined) return name
  throw unsupported(
    `emoji: ${JSON.stringify(emoji)} is no name`,
    'Slack takes names: thumbsup, tada, white_check_mark.',
  )
}
