/**
 * QR codes (ISO/IEC 18004) of what a link needs and nothing else: bytes, error correction M, versions 1 to 10. Pure.
 * Coordinates are `[y][x]`, true is dark; the quiet zone of four modules is the drawer's.
 */

type Grid = boolean[][]

/** Table 9, of versions 1 to 10 at level M: codewords in all, those for correction in each block, blocks. */
const CODEWORDS = [26, 44, 70, 100, 134, 172, 196, 242, 292, 346]
const CHECKS_PER_BLOCK = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26]
const BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5]
const BYTE_MODE = 0b0100
const PADDING = [0xec, 0x11]
/** From here on the length is written in 16 bits instead of 8. */
const LONG_LENGTH_FROM = 10
/** From here on the version itself is drawn. */
const VERSION_DRAWN_FROM = 7
const FIELD_POLYNOMIAL = 0x11d
const FORMAT = { polynomial: 0x537, checkBits: 10, mask: 0x5412 }
const VERSION = { polynomial: 0x1f25, checkBits: 12 }

/** Table 10: a module of data is turned where this is 0. */
const MASKS: readonly ((x: number, y: number) => number)[] = [
  (x, y) => (x + y) % 2,
  (_, y) => y % 2,
  (x) => x % 3,
  (x, y) => (x + y) % 3,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2,
  (x, y) => ((x * y) % 2) + ((x * y) % 3),
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2,
]

/** Null for more than version 10 can hold, 213 bytes. */
export function qrCode(text: string): readonly (readonly boolean[])[] | null {
  const bytes = new TextEncoder().encode(text)
  const version = CODEWORDS.findIndex((_, at) => bytes.length <= capacity(at + 1)) + 1
  if (version === 0) return null
  const bits = toBits(withChecks(dataCodewords(bytes, version), version))
  const fixed = fixedModules(version)
  const drawn = MASKS.map((turns, mask) => {
    const grid = filled(fixed, bits, turns)
    drawFormat(grid, mask)
    return { grid, penalty: penalty(grid) }
  })
  return drawn.reduce((best, next) => (next.penalty < best.penalty ? next : best)).grid
}

function shape(version: number) {
  const [all = 0, checks = 0, blocks = 1] = [CODEWORDS, CHECKS_PER_BLOCK, BLOCKS].map((of) => of[version - 1])
  return { checks, blocks, data: all - checks * blocks }
}

function lengthBits(version: number): number {
  return version < LONG_LENGTH_FROM ? 8 : 16
}

function capacity(version: number): number {
  return Math.floor((shape(version).data * 8 - 4 - lengthBits(version)) / 8)
}

function dataCodewords(bytes: Uint8Array, version: number): number[] {
  const { data } = shape(version)
  const head = [...binary(BYTE_MODE, 4), ...binary(bytes.length, lengthBits(version))]
  const bits = [...head, ...toBits([...bytes])]
  // The terminator is four zeros, less where there is no room, and zeros to the end of its byte.
  while (
    bits.length % 8 !== 0 ||
    (bits.length < data * 8 && bits.length < head.length + bytes.length * 8 + 4)
  )
    bits.push(false)
  const codewords = Array.from({ length: bits.length / 8 }, (_, at) =>
    Number.parseInt(line(bits.slice(at * 8, at * 8 + 8)), 2),
  )
  for (let at = 0; codewords.length < data; at++) codewords.push(PADDING[at % 2] ?? 0)
  return codewords
}

/** In blocks, each with its own correction; the longer blocks are the last. Written one codeword of each in turn. */
function withChecks(data: readonly number[], version: number): number[] {
  const { checks, blocks } = shape(version)
  const short = Math.floor(data.length / blocks)
  const firstLong = blocks - (data.length % blocks)
  const starts = Array.from({ length: blocks + 1 }, (_, at) => at * short + Math.max(0, at - firstLong))
  const parts = Array.from({ length: blocks }, (_, at) => data.slice(starts[at], starts[at + 1]))
  const generator = generatorPolynomial(checks)
  return [...inTurn(parts), ...inTurn(parts.map((part) => remainder(part, generator)))]
}

function inTurn(parts: readonly (readonly number[])[]): number[] {
  const longest = Math.max(...parts.map(({ length }) => length))
  return Array.from({ length: longest }, (_, at) => parts.flatMap((part) => part[at] ?? [])).flat()
}

/** Without the leading 1. */
function generatorPolynomial(degree: number): number[] {
  let terms = [1]
  let root = 1
  for (let at = 0; at < degree; at++) {
    const factor = root
    terms = [...terms, 0].map((term, i) => term ^ multiplied(terms[i - 1] ?? 0, factor))
    root = multiplied(root, 2)
  }
  return terms.slice(1)
}

function remainder(data: readonly number[], generator: readonly number[]): number[] {
  let rest = generator.map(() => 0)
  for (const codeword of data) {
    const [first = 0, ...others] = rest
    rest = [...others, 0].map((each, i) => each ^ multiplied(generator[i] ?? 0, codeword ^ first))
  }
  return rest
}

/** In the field of 256 elements. */
function multiplied(a: number, b: number): number {
  let product = 0
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ ((product >> 7) * FIELD_POLYNOMIAL)
    product ^= ((b >> bit) & 1) * a
  }
  return product
}

/** Everything that is no data; the holes of the array are where the data goes. */
function fixedModules(version: number): Grid {
  const size = version * 4 + 17
  const grid: Grid = Array.from({ length: size }, () => Array(size))
  for (let at = 0; at < size; at++) {
    put(grid, at, 6, at % 2 === 0)
    put(grid, 6, at, at % 2 === 0)
  }
  const places = alignmentPlaces(version, size)
  for (const y of places)
    for (const x of places) {
      const isCorner = (x === 6 && (y === 6 || y === size - 7)) || (x === size - 7 && y === 6)
      if (!isCorner) square(grid, x, y, 2, (distance) => distance !== 1)
    }
  for (const [x, y] of [
    [3, 3],
    [size - 4, 3],
    [3, size - 4],
  ] as const)
    square(grid, x, y, 4, (distance) => distance !== 2 && distance !== 4)
  drawFormat(grid, 0)
  if (version >= VERSION_DRAWN_FROM) drawVersion(grid, version)
  return grid
}

function alignmentPlaces(version: number, size: number): number[] {
  if (version === 1) return []
  return version < VERSION_DRAWN_FROM ? [6, size - 7] : [6, (size - 1) / 2, size - 7]
}

function square(
  grid: Grid,
  x: number,
  y: number,
  reach: number,
  isDark: (distance: number) => boolean,
): void {
  for (let dy = -reach; dy <= reach; dy++)
    for (let dx = -reach; dx <= reach; dx++)
      put(grid, x + dx, y + dy, isDark(Math.max(Math.abs(dx), Math.abs(dy))))
}

/** Twice, once around the first finder and once beside the others. Level M is 00. */
function drawFormat(grid: Grid, mask: number): void {
  const size = grid.length
  const bits = binary(corrected(mask, FORMAT) ^ FORMAT.mask, 15).reverse()
  bits.forEach((bit, i) => {
    if (i < 8) put(grid, 8, i < 6 ? i : i + 1, bit)
    else put(grid, i === 8 ? 7 : 14 - i, 8, bit)
    if (i < 8) put(grid, size - 1 - i, 8, bit)
    else put(grid, 8, size - 15 + i, bit)
  })
  put(grid, 8, size - 8, true)
}

function drawVersion(grid: Grid, version: number): void {
  const bits = binary(corrected(version, VERSION), 18).reverse()
  bits.forEach((bit, i) => {
    const [a, b] = [grid.length - 11 + (i % 3), Math.floor(i / 3)]
    put(grid, a, b, bit)
    put(grid, b, a, bit)
  })
}

/** The value and its BCH code. */
function corrected(
  value: number,
  { polynomial, checkBits }: { polynomial: number; checkBits: number },
): number {
  let rest = value
  for (let bit = 0; bit < checkBits; bit++) rest = (rest << 1) ^ ((rest >> (checkBits - 1)) * polynomial)
  return (value << checkBits) | rest
}

/** Two columns at a time from the right, up and down in turn; the column of the timing pattern is left out. */
function filled(fixed: Grid, bits: readonly boolean[], turns: (x: number, y: number) => number): Grid {
  const size = fixed.length
  const grid = fixed.map((row) => [...row])
  let next = 0
  for (let pair = 0; pair < (size - 1) / 2; pair++) {
    const right = size - 1 - pair * 2 - (size - 1 - pair * 2 <= 6 ? 1 : 0)
    for (let step = 0; step < size; step++)
      for (const x of [right, right - 1]) {
        const y = pair % 2 === 0 ? size - 1 - step : step
        if (fixed[y]?.[x] === undefined) put(grid, x, y, (bits[next++] ?? false) !== (turns(x, y) === 0))
      }
  }
  return grid
}

/** Section 7.8.3: what confuses a reader costs. */
function penalty(grid: Grid): number {
  const rows = grid.map(line)
  const lines = [...rows, ...grid.map((_, x) => line(grid.map((row) => row[x] ?? false)))]
  const all = rows.join('')
  let cost = Math.floor(Math.abs((all.split('1').length - 1) / all.length - 0.5) * 20) * 10
  for (const each of lines) {
    for (const [run] of each.matchAll(/0{5,}|1{5,}/g)) cost += run.length - 2
    cost += [...each.matchAll(/(?=10111010000|00001011101)/g)].length * 40
  }
  rows.slice(1).forEach((row, y) => {
    const above = rows[y] ?? ''
    for (let x = 1; x < row.length; x++)
      if (row[x] === row[x - 1] && row[x] === above[x] && row[x] === above[x - 1]) cost += 3
  })
  return cost
}

function line(cells: readonly boolean[]): string {
  return cells.map(Number).join('')
}

function toBits(codewords: readonly number[]): boolean[] {
  return codewords.flatMap((codeword) => binary(codeword, 8))
}

function binary(value: number, length: number): boolean[] {
  return Array.from({ length }, (_, at) => ((value >> (length - 1 - at)) & 1) === 1)
}

/** Outside of the grid is nothing. */
function put(grid: Grid, x: number, y: number, isDark: boolean): void {
  const row = grid[y]
  if (row !== undefined && x >= 0 && x < grid.length) row[x] = isDark
}
