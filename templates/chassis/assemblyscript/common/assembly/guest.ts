// How questions come in and answers go out: UTF-8 JSON in this module's own memory. The host asks `alloc` for room, writes
// the question there and calls an export, which answers with pointer << 32 | length.
import * as host from './infrafabric'
import * as json from './json'

/** What was answered last is kept, as the host reads it after the call. */
let answered: ArrayBuffer = new ArrayBuffer(0)

export function alloc(length: i32): usize {
  return heap.alloc(length)
}

/** The question; its room is free again. */
export function question(pointer: usize, length: i32): json.Json {
  __collect() // of the last call; nothing of this one is there yet
  const text = String.UTF8.decodeUnsafe(pointer, length)
  heap.free(pointer)
  return json.parse(text)
}

export function answer(json: string): u64 {
  answered = String.UTF8.encode(json)
  return ((changetype<usize>(answered) as u64) << 32) | (answered.byteLength as u64)
}

export function log(text: string): void {
  const bytes = String.UTF8.encode(text)
  host.log(1, changetype<usize>(bytes), bytes.byteLength)
}
