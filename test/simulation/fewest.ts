/**
 * Delta debugging (Zeller): drops ever smaller parts of the list as long as `breaks` says that what is left is
 * enough.
 */
export async function fewestOf<T>(
  all: readonly T[],
  breaks: (some: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  let left = all
  if (await breaks([])) return []
  for (let parts = 2; left.length > 1 && parts <= left.length; ) {
    const size = Math.ceil(left.length / parts)
    let smaller: readonly T[] | null = null
    for (let from = 0; from < left.length && smaller === null; from += size) {
      const rest = [...left.slice(0, from), ...left.slice(from + size)]
      if (await breaks(rest)) smaller = rest
    }
    if (smaller !== null) {
      left = smaller
      parts = Math.max(2, parts - 1)
    } else if (parts === left.length) break
    else parts = Math.min(left.length, 2 * parts)
  }
  return left
}
