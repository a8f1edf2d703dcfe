// The curl line of a request: the reference is written with it, and trying a call fills it anew.

/**
 * @param {{ method: string, url: string, headers: Record<string, string>, body: string | null }} request
 */
export function curl({ method, url, headers, body }) {
  const asked = method === 'GET' || (method === 'POST' && body !== null) ? '' : ` -X ${method}`
  const lines = [`curl -s ${quoted(url)}${asked}`]
  for (const [name, value] of Object.entries(headers)) lines.push(`  -H ${quoted(`${name}: ${value}`)}`)
  if (body !== null) lines.push(`  -d ${quoted(body)}`)
  return lines.join(' \\\n')
}

/** @param {string} text */
function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`
}
