// The names that metering adds to a module; the host finds its counter and gives fuel under them.
export const METER_MODULE = 'infrafabric:meter'
export const TICK = 'tick'
export const FUEL = '__fuel'
export const DEPTH = '__depth'
export const START = '__start'

export const RESERVED_EXPORTS: readonly string[] = [FUEL, DEPTH, START]
