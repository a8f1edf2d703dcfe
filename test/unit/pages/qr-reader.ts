/** Reads a perfect QR code of level M back, version 1 to 10, written from the standard and not from the encoder. */
type Code = readonly (readonly boolean[])[]

/** ISO/IEC 18004, table 9, level M: [blocks, data codewords of each], the longer blocks last; and check codewords. */
const BLOCKS: readonly (readonly (readonly [number, number])[])[] = [
  [[1, 16]],
  [[1, 28]],
  [[1, 44]],
  [[2, 32]],
  [[2, 43]],
  [[4, 27]],
  [[4, 31]],
  [
    [2, 38],
    [2, 39],
  ],
  [
    [3, 36],
    [2, 37],
  ],
  [
    [4, 43],
    [1, 44],
  ],
]
const CHECKS = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26]
/** Annex E. */
const ALIGNMENT = [
  [],
  [6, 18],
  [6, 22],
  [6, 26],
  [6, 30],
  [6, 34],
  [6, 22, 38],
  [6, 24, 42],
  [6, 26, 46],
  [6, 28, 50],
]
/** Annex C, table C.1: the format words of level M, by mask. */
const FORMATS = [0x5412, 0x5125, 0x5e7c, 0x5b4b, 0x45f9, 0x40ce, 0x4f97, 0x4aa0]

export function readQr(code: Code): { version: number; text: string } {
  const version = (code.length - 17) / 4
  const mask = readMask(code)
  const codewords = readCodewords(code, version, mask)
  const blocks = split(codewords, version)
  for (const block of blocks)
    if (syndromes(block, CHECKS[version - 1] ?? 0).some(Boolean)) throw new Error('damaged')
  const data = blocks.flatMap((block) => block.slice(0, -(CHECKS[version - 1] ?? 0)))
  const bits = data.map((each) => each.toString(2).padStart(8, '0')).join('')
  if (!bits.startsWith('0100')) throw new Error('no bytes')
  const start = version < 10 ? 12 : 20
  const length = Number.parseInt(bits.slice(4, start), 2)
  const bytes = Uint8Array.from({ length }, (_, at) =>
    Number.parseInt(bits.slice(start + at * 8, start + at * 8 + 8), 2),
  )
  return { version, text: new TextDecoder().decode(bytes) }
}

/** Both copies, most significant bit first. */
function readMask(code: Code): number {
  const size = code.length
  const first = [
    [8, 0],
    [8, 1],
    [8, 2],
    [8, 3],
    [8, 4],
    [8, 5],
    [8, 7],
    [8, 8],
    [7, 8],
    [5, 8],
    [4, 8],
    [3, 8],
    [2, 8],
    [1, 8],
    [0, 8],
  ]
  const second = Array.from({ length: 15 }, (_, at) => (at < 7 ? [size - 1 - at, 8] : [8, size - 15 + at]))
  const [a, b] = [first, second].map((places) =>
    places.reduce((word, [y = 0, x = 0]) => word * 2 + Number(code[y]?.[x]), 0),
  )
  if (a !== b) throw new Error('the copies of the format differ')
  return FORMATS.indexOf(a ?? -1)
}

function readCodewords(code: Code, version: number, mask: number): number[] {
  const size = code.length
  const bits: number[] = []
  let upwards = true
  for (let x = size - 1; x > 0; x -= 2) {
    if (x === 6) x = 5
    for (let step = 0; step < size; step++) {
      const y = upwards ? size - 1 - step : step
      for (const column of [x, x - 1])
        if (!isFunction(version, size, column, y))
          bits.push(Number(code[y]?.[column]) ^ Number(isTurned(mask, y, column)))
    }
    upwards = !upwards
  }
  const whole = Math.floor(bits.length / 8)
  return Array.from({ length: whole }, (_, at) => Number.parseInt(bits.slice(at * 8, at * 8 + 8).join(''), 2))
}

function isFunction(version: number, size: number, x: number, y: number): boolean {
  if (x === 6 || y === 6) return true
  if ((x < 9 && y < 9) || (x < 9 && y >= size - 8) || (x >= size - 8 && y < 9)) return true
  if (version >= 7 && ((x < 6 && y >= size - 11) || (y < 6 && x >= size - 11))) return true
  const centres = ALIGNMENT[version - 1] ?? []
  const last = size - 7
  return centres.some((cy) =>
    centres.some((cx) => {
      const isFinder = [`6,6`, `6,${last}`, `${last},6`].includes(`${cx},${cy}`)
      return !isFinder && Math.abs(cx - x) <= 2 && Math.abs(cy - y) <= 2
    }),
  )
}

/** Table 10: i is the row, j the column. */
function isTurned(mask: number, i: number, j: number): boolean {
  const conditions = [
    (i + j) % 2,
    i % 2,
    j % 3,
    (i + j) % 3,
    ((i >> 1) + Math.floor(j / 3)) % 2,
    ((i * j) % 2) + ((i * j) % 3),
    (((i * j) % 2) + ((i * j) % 3)) % 2,
    (((i + j) % 2) + ((i * j) % 3)) % 2,
  ]
  return conditions[mask] === 0
}

function split(codewords: readonly number[], version: number): number[][] {
  const lengths = (BLOCKS[version - 1] ?? []).flatMap(
    ([times, length]) => Array(times).fill(length) as number[],
  )
  const blocks: number[][] = lengths.map(() => [])
  const rest = [...codewords]
  const deal = (isDue: (block: number) => boolean) =>
    blocks.forEach((block, at) => {
      if (isDue(at)) block.push(rest.shift() ?? -1)
    })
  for (let at = 0; at < Math.max(...lengths); at++) deal((block) => at < (lengths[block] ?? 0))
  for (let at = 0; at < (CHECKS[version - 1] ?? 0); at++) deal(() => true)
  return blocks
}

/** All zero for a word of the Reed-Solomon code: its value at each power of 2, by logarithms. */
function syndromes(word: readonly number[], count: number): number[] {
  const powers: number[] = [1]
  for (let at = 1; at < 255; at++) {
    const next = (powers[at - 1] ?? 0) * 2
    powers.push(next > 255 ? next ^ 0x11d : next)
  }
  return Array.from({ length: count }, (_, root) =>
    word.reduce((sum, each, at) => {
      const exponent = (powers.indexOf(each) + root * (word.length - 1 - at)) % 255
      return each === 0 ? sum : sum ^ (powers[exponent] ?? 0)
    }, 0),
  )
}
