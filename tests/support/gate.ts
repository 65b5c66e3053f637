// A gate on somebody's way: it tells when somebody stands before it, and lets nobody pass until it is opened.

export interface Gate {
  /** Resolves when the first one stands before it. */
  reached: Promise<void>
  /** Waits until the gate is open. */
  pass(): Promise<void>
  open(): void
}

export function closedGate(): Gate {
  let arrive = () => {}
  let open = () => {}
  const reached = new Promise<void>((resolve) => {
    arrive = resolve
  })
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return {
    reached,
    pass() {
      arrive()
      return opened
    },
    open: () => open(),
  }
}
