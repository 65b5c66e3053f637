// Example Agent: counts the words of a task.
import { answer, log, question } from './guest'

export { alloc } from './guest'

/** Asked once, when the module is built. */
export function describe(pointer: usize, length: i32): u64 {
  question(pointer, length)
  return answer('{"kind":"agent","id":"example-agent","name":"Example Agent","version":"1.0.0"}')
}

/** The task's work: `{"text": "two words"}` gives `{"words": 2}`. */
export function execute(pointer: usize, length: i32): u64 {
  const words = question(pointer, length).get('text').text.split(' ')
  let count = 0
  for (let i = 0; i < words.length; i++) if (words[i].length > 0) count++
  log(`counted ${count}`)
  return answer(`{"words":${count}}`)
}
