/** From the names of the code to those of the wire. */

/** `balanceAfterDzd` is `balance_after_dzd`; values stay as they are. */
export function inSnakeCase<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  const entries = Object.entries(record).map(([name, value]) => {
    return [name.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`), value] as const
  })
  return Object.fromEntries(entries)
}
