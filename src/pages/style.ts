/** Colours by role. The unit tests hold every text pair of both schemes to WCAG AA (4.5 to 1). */
export const PALETTE = {
  light: {
    page: '#f3f4f1',
    card: '#ffffff',
    ink: '#1b211d',
    soft: '#56605a',
    line: '#dfe3de',
    wait: '#1f5aa8',
    'wait-tint': '#e6eef9',
    good: '#146c43',
    'good-tint': '#e2f3e9',
    back: '#9a3d12',
    'back-tint': '#fbebe1',
    doubt: '#7a5600',
    'doubt-tint': '#faf0d3',
  },
  dark: {
    page: '#111512',
    card: '#1a201c',
    ink: '#edf1ed',
    soft: '#a8b3ab',
    line: '#323a34',
    wait: '#9cc3f8',
    'wait-tint': '#1d2c42',
    good: '#7fd6a6',
    'good-tint': '#17352a',
    back: '#f5b08a',
    'back-tint': '#3d261a',
    doubt: '#eccb72',
    'doubt-tint': '#382e13',
  },
} as const

function variables(scheme: keyof typeof PALETTE): string {
  return Object.entries(PALETTE[scheme])
    .map(([role, colour]) => `--${role}:${colour}`)
    .join(';')
}

/**
 * Directions are logical throughout, so Arabic is the same sheet. Dark is for screens only: paper is white.
 * Letters are never spaced out: that would break Arabic joins.
 */
const SHEET = `
:root{color-scheme:light dark;${variables('light')}}
@media screen and (prefers-color-scheme:dark){:root{${variables('dark')}}}
*{box-sizing:border-box;margin:0;padding:0}
body{background:var(--page);color:var(--ink);font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Noto Sans Arabic","Geeza Pro",Tahoma,sans-serif;min-height:100vh;padding:1rem;display:flex;flex-direction:column;align-items:center}
:lang(ar){line-height:1.75}
header,main,footer{inline-size:100%;max-inline-size:29rem}
header{display:flex;justify-content:space-between;align-items:center;gap:1rem;margin-block:clamp(0rem,4vh,2.5rem) .75rem;padding-inline:.25rem}
.brand{font-weight:700;color:var(--soft)}
nav{display:flex;align-items:center;gap:.25rem;font-size:.9rem}
nav a{color:var(--soft);text-decoration:none;padding:.3rem .55rem;border-radius:.5rem}
nav a:hover{color:var(--ink);text-decoration:underline}
nav a[aria-current]{color:var(--ink);background:var(--card);box-shadow:0 0 0 1px var(--line);font-weight:600}
a:focus-visible{outline:2px solid var(--wait);outline-offset:2px}
main{background:var(--card);border:1px solid var(--line);border-radius:1.25rem;overflow:hidden;box-shadow:0 1px 2px #0000000a,0 12px 32px #0000000f}
.state{padding:2rem 1.5rem 1.75rem;text-align:center;background:var(--tint)}
.wait{--accent:var(--wait);--tint:var(--wait-tint)}
.good{--accent:var(--good);--tint:var(--good-tint)}
.back{--accent:var(--back);--tint:var(--back-tint)}
.doubt{--accent:var(--doubt);--tint:var(--doubt-tint)}
.sign{display:block;inline-size:4rem;block-size:4rem;margin:0 auto .9rem;color:var(--accent)}
h1{font-size:clamp(1.65rem,7vw,2.1rem);line-height:1.25;font-weight:700;color:var(--accent);text-wrap:balance}
h1:lang(ar){line-height:1.45}
.said{margin-block-start:.6rem;font-size:1.06rem;text-wrap:pretty}
.next{margin-block-start:.5rem;color:var(--ink);font-size:.95rem;text-wrap:pretty}
.body{padding:.5rem 1.5rem 1.5rem}
.facts div{display:flex;justify-content:space-between;gap:1rem;padding-block:.7rem;border-block-end:1px solid var(--line)}
dt{color:var(--soft);white-space:nowrap}
dd{font-weight:600;text-align:end;font-variant-numeric:tabular-nums}
h2{font-size:.95rem;font-weight:600;color:var(--soft);margin-block:1.25rem .5rem}
.told{border-inline-start:3px solid var(--back);padding-inline-start:.85rem;overflow-wrap:anywhere}
.offers{list-style:none;border:1px solid var(--line);border-radius:.75rem}
.offers li{display:flex;justify-content:space-between;gap:1rem;padding:.55rem .85rem}
.offers li+li{border-block-start:1px solid var(--line)}
.offers bdi{overflow-wrap:anywhere;min-inline-size:0}
.offers b{white-space:nowrap;font-weight:600;font-variant-numeric:tabular-nums}
.hint{color:var(--soft);font-size:.92rem;margin-block-start:.45rem}
.steps{list-style:none}
.steps li{display:flex;gap:.75rem;align-items:flex-start;position:relative;padding-block-end:1.1rem}
.steps li:last-child{padding-block-end:0}
.steps li:not(:last-child)::before{content:"";position:absolute;inset-block:1.75rem .05rem;inset-inline-start:.7rem;inline-size:2px;background:var(--line)}
.steps svg{flex:none;inline-size:1.5rem;block-size:1.5rem;margin-block-start:.05rem;color:var(--accent)}
.steps:lang(ar) svg{margin-block-start:.15rem}
.steps .later{color:var(--soft)}
.steps .later svg{color:var(--soft)}
strong{font-weight:400;flex:1}
.steps .now strong,.steps .doubt strong,.steps .done:last-child strong{font-weight:600}
.steps time{color:var(--soft);font-size:.92rem;text-align:end;font-variant-numeric:tabular-nums}
footer{color:var(--soft);font-size:.88rem;text-align:center;padding:1rem .5rem}
.aloud{position:absolute;inline-size:1px;block-size:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
[dir=rtl] .turns{transform:scaleX(-1)}
@media (prefers-reduced-motion:no-preference){.moves{animation:breathe 2.5s ease-in-out infinite}}
@keyframes breathe{50%{opacity:.35}}
@media print{@page{margin:15mm}html{font-size:10pt}header{margin-block-start:0}.state{padding-block:1rem}body{background:none;padding:0;min-height:0}nav{display:none}main{border-color:#999;box-shadow:none;break-inside:avoid}.state{background:none;border-block-end:1px solid var(--line)}.moves{animation:none}}
`

export const STYLE = SHEET.replaceAll('\n', '')
