// A logger that was handed in, behind the redactor of the home: whoever made it can't know the secrets.
import type { Logger, Redactor } from '../foundation/index.ts'

export function redactedLogger(logger: Logger, redactor: Redactor): Logger {
  const at =
    (level: keyof Logger): Logger['info'] =>
    (message, fields) =>
      logger[level](redactor.text(message), redactor.value(fields ?? {}) as Record<string, unknown>) // an object stays one
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
