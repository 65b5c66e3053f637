;; Example Agent, by hand: it answers each task with the task. A module of the chassis exports its memory, `alloc`, and each
;; of its functions as (pointer, length) of UTF-8 JSON → pointer << 32 | length of the answer.
(module
  (import "infrafabric" "log" (func $log (param i32 i32 i32)))

  (memory (export "memory") 1)

  ;; What the module says of itself, asked once when it is built; it ends with a zero.
  (data (i32.const 16) "{\"kind\":\"agent\",\"id\":\"example-agent\",\"name\":\"Example Agent\",\"version\":\"1.0.0\"}\00")
  (data (i32.const 1024) "a task came")

  ;; Questions are written here; they may go to the end of memory.
  (global $input i32 (i32.const 4096))

  ;; Where the host writes a question of so many bytes. Memory grows as far as the contract lets it.
  (func (export "alloc") (param $length i32) (result i32)
    (local $missing i32)
    (local.set $missing
      (i32.sub
        (i32.shr_u (i32.add (i32.add (global.get $input) (local.get $length)) (i32.const 65535)) (i32.const 16))
        (memory.size)))
    (if (i32.gt_s (local.get $missing) (i32.const 0))
      (then
        (if (i32.eq (memory.grow (local.get $missing)) (i32.const -1)) (then (unreachable)))))
    (global.get $input))

  (func $answer (param $pointer i32) (param $length i32) (result i64)
    (i64.or
      (i64.shl (i64.extend_i32_u (local.get $pointer)) (i64.const 32))
      (i64.extend_i32_u (local.get $length))))

  ;; The length of a text that ends with a zero.
  (func $length (param $pointer i32) (result i32)
    (local $end i32)
    (local.set $end (local.get $pointer))
    (loop $next
      (if (i32.load8_u (local.get $end))
        (then
          (local.set $end (i32.add (local.get $end) (i32.const 1)))
          (br $next))))
    (i32.sub (local.get $end) (local.get $pointer)))

  (func (export "describe") (param i32 i32) (result i64)
    (call $answer (i32.const 16) (call $length (i32.const 16))))

  ;; The task is JSON, and so is the answer: the same bytes.
  (func (export "execute") (param $pointer i32) (param $length i32) (result i64)
    (call $log (i32.const 1) (i32.const 1024) (call $length (i32.const 1024)))
    (call $answer (local.get $pointer) (local.get $length))))
