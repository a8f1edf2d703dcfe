/** Files share their modules, so what a file opened is told to this list; `setup.ts` closes it after the file. */
const closers: (() => unknown)[] = []
const witnesses: (() => void)[] = []

/** After the last test of the file that asked. */
export function atEnd(close: () => unknown): void {
  closers.push(close)
}

/** What to say when a test of this file failed. */
export function onFailure(tell: () => void): void {
  witnesses.push(tell)
}

export function tellFailure(): void {
  for (const tell of witnesses) tell()
}

/** Newest first: what was opened later may need what was there before. */
export async function closeAll(): Promise<void> {
  witnesses.length = 0
  for (const close of closers.splice(0).reverse()) await close()
}
