/**
 * Chance without a stream: the n-th roll for a purpose follows from (seed, key, purpose, n) alone. So a fault
 * that is taken away, or an order that is left out, changes nothing for the others, and a failure can be shrunk.
 */

export class Dice {
  readonly #seed: number
  readonly #rolled = new Map<number, number>()

  constructor(seed: number) {
    this.#seed = seed
  }

  /** In [0, 1). `key` is who rolls: an order's number, or one of the numbers of the world and its merchants. */
  unit(key: number, purpose: string): number {
    const id = purposeId(purpose)
    const slot = key * 65_536 + id.slot
    const count = (this.#rolled.get(slot) ?? 0) + 1
    this.#rolled.set(slot, count)
    return this.nth(key, purpose, count)
  }

  /** That very roll, without counting it. */
  nth(key: number, purpose: string, count: number): number {
    return mix(mix(mix(this.#seed, key + 1), purposeId(purpose).hash), count) / 0x1_0000_0000
  }

  /** A whole number from `least` to `most`. */
  between(key: number, purpose: string, least: number, most: number): number {
    return least + Math.floor(this.unit(key, purpose) * (most - least + 1))
  }

  pick<T>(key: number, purpose: string, choices: readonly [T, ...T[]]): T {
    return choices[Math.floor(this.unit(key, purpose) * choices.length)] ?? choices[0]
  }
}

/** Murmur3's finisher over two numbers; 32 bits. */
export function mix(a: number, b: number): number {
  let hash = a ^ Math.imul(b, 0x9e37_79b1)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

interface Purpose {
  /** Of the name alone, so that it is the same in every run. */
  readonly hash: number
  /** Only tells counters apart. */
  readonly slot: number
}

const purposes = new Map<string, Purpose>()

function purposeId(name: string): Purpose {
  const known = purposes.get(name)
  if (known !== undefined) return known
  let hash = 0x811c_9dc5
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x0100_0193)
  const purpose = { hash: hash >>> 0, slot: purposes.size }
  purposes.set(name, purpose)
  return purpose
}
