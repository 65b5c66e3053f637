/** A secret by name; only the door opens it. */
export interface SecretRef {
  secret: string
}

export const secret = (name: string): SecretRef => ({ secret: name })
