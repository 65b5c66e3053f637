/** A member that is left out where there is no value: `{ ...optional('why', why) }`. */
export const optional = <K extends string, V>(name: K, value: V | undefined): { [P in K]?: V } =>
  (value === undefined ? {} : { [name]: value }) as { [P in K]?: V }
