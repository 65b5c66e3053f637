// What the host gives; the name of this file is the name of the module that is imported. There is nothing else.

/** Level: 0 debug, 1 info, 2 warn, 3 error. */
export declare function log(level: i32, pointer: usize, length: i32): void
/** Milliseconds since 1970. */
export declare function now(): f64
/** Fills memory with chance. */
export declare function random(pointer: usize, length: i32): void
