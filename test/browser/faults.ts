import axe, { type AxeResults, type RunOptions } from 'axe-core'
import type { Page } from 'playwright-core'

/** What breaks WCAG 2.2 AA or axe's best practice, and what else no page of ours may do; empty is good. */
export async function faultsOf(page: Page): Promise<string[]> {
  // Evaluated from outside: the page's own policy lets no script in.
  await page.evaluate(axe.source)
  const { violations }: AxeResults = await page.evaluate(`axe.run(document, ${JSON.stringify(OPTIONS)})`)
  const broken = violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`),
  )
  return [...broken, ...(await page.evaluate<string[]>(OURS))]
}

/** Of WCAG 2.2 AA, axe leaves the size of targets out unless it is asked. */
const OPTIONS: RunOptions = { resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } }

const OURS = `(() => {
  const faults = []
  const { lang, dir, scrollWidth } = document.documentElement
  if (!lang || !dir) faults.push('no language')
  if (scrollWidth > innerWidth) faults.push('wider than the screen: ' + scrollWidth)
  const prose = document.body.cloneNode(true)
  for (const code of prose.querySelectorAll('pre, code, script, textarea')) code.remove()
  if (/\\{\\w+\\}/.test(prose.textContent)) faults.push('a text with a hole in it')
  return faults
})()`
