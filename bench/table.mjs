// Figures as tables for people.

/** @typedef {import('./rounds.mjs').Row} Row */
/** @typedef {import('./rounds.mjs').Ratio} Ratio */

/**
 * Columns as wide as their widest cell, the first to the left and the others to the right.
 * @param {readonly (readonly string[])[]} lines
 */
export function columns(lines) {
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => (line[column] ?? '').length)),
  )
  return lines
    .map((line) =>
      line
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/**
 * One line for each contender, and one more for each further limit that it is held against.
 * @param {readonly Row[]} rows
 * @param {readonly Ratio[]} ratios
 */
export function routesTable(rows, ratios) {
  const head = [
    '',
    'answers/s',
    'p50 ms',
    'p99 ms',
    'CPU µs',
    'errors',
    'of limit',
    'ratio',
    'rounds',
    'by CPU',
    'target',
  ]
  const lines = rows.flatMap((row) => {
    const figures = [row.name, row.perSecond.toFixed(0), row.p50Ms.toFixed(2), row.p99Ms.toFixed(2)]
    const all = [...figures, row.cpuMicroseconds?.toFixed(0) ?? '?', String(row.errors)]
    const [first, ...more] = ratios.filter(({ ours }) => ours === row.name).map(ratioCells)
    return [[...all, ...(first ?? [])], ...more.map((cells) => [...all.map(() => ''), ...cells])]
  })
  return columns([head, ...lines])
}

/** @param {Ratio} ratio */
function ratioCells({ limit, ratio, lowest, highest, cpuRatio, target }) {
  const verdict = target === null ? '' : `${ratio >= target ? 'met' : 'not met'}, ${target}`
  return [
    limit,
    ratio.toFixed(2),
    `${lowest.toFixed(2)}-${highest.toFixed(2)}`,
    cpuRatio?.toFixed(2) ?? '?',
    verdict,
  ]
}
