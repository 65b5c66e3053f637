// Files of the twin: uploaded, known by their file_id, or named by an address, which the twin does not fetch.
import type { JsonObject, TwinAnswer, TwinCall } from '../../../adapter/index.ts'
import { post } from './twin-messages.ts'
import { badRequest, parametersOf, refuse, succeed, text } from './twin-shapes.ts'

interface Kept {
  file: JsonObject
}

/** The file that a parameter names: a part of the body, `attach://part`, a file_id or an address. */
function fileIn(call: TwinCall, name: 'document' | 'photo'): Kept | { refusal: TwinAnswer } {
  const given = parametersOf(call)
  const value = given[name]
  const part =
    typeof value === 'string' && value.startsWith('attach://') ? given[value.slice('attach://'.length)] : value
  if (part !== null && typeof part === 'object' && !Array.isArray(part)) return { file: keep(call, name, part) }
  const named = text(value)
  if (named === '') return { refusal: badRequest(`there is no ${name} in the request`) }
  const known = call.state('files').get(named)
  if (known) return { file: known }
  if (!/^https?:\/\//.test(named)) {
    return { refusal: badRequest('wrong remote file identifier specified: Wrong string length') }
  }
  return {
    file: keep(call, name, { filename: named.split('/').at(-1) ?? 'file', contentType: '', size: 0, base64: '' }),
  }
}

function keep(
  call: TwinCall,
  name: 'document' | 'photo',
  { filename, contentType, base64, size }: JsonObject,
): JsonObject {
  const id = call.nextId(name === 'photo' ? 'AgACAgIAAx_' : 'BQACAgIAAx_')
  const extension = /\.[A-Za-z0-9]+$/.exec(text(filename))?.[0] ?? ''
  const file: JsonObject = {
    file_id: id,
    file_unique_id: `AgAD${id.replace(/\D/g, '')}`,
    file_path: `${name}s/file_${id.replace(/\D/g, '')}${extension}`,
    file_name: text(filename),
    mime_type: text(contentType),
    file_size: Number(size ?? 0),
    base64: text(base64),
  }
  call.state('files').set(id, file)
  return file
}

export function sendDocument(call: TwinCall): TwinAnswer {
  const found = fileIn(call, 'document')
  if ('refusal' in found) return found.refusal
  const { base64: _content, file_path: _path, ...document } = found.file
  return post(call, { document })
}

export function sendPhoto(call: TwinCall): TwinAnswer {
  const found = fileIn(call, 'photo')
  if ('refusal' in found) return found.refusal
  const { file_id = '', file_unique_id = '', file_size = 0 } = found.file
  return post(call, { photo: [{ file_id, file_unique_id, width: 1280, height: 853, file_size }] })
}

export function getFile(call: TwinCall): TwinAnswer {
  const file = call.state('files').get(text(parametersOf(call).file_id))
  if (!file) return badRequest('invalid file_id')
  const { file_id = '', file_unique_id = '', file_size = 0, file_path = '' } = file
  return succeed({ file_id, file_unique_id, file_size, file_path })
}

export function download({ path, state }: TwinCall): TwinAnswer {
  const file = [...state('files').values()].find(({ file_path }) => file_path === path.file_path)
  if (!file) return refuse(404, 'Not Found')
  return { body: null, bytes: Buffer.from(text(file.base64), 'base64') }
}
