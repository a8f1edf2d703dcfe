import { describe, expect, it } from 'vitest'
import { checkTarget, type TargetRules } from '../../../src/callback/target'

const deployed = { allowLoopbackHttp: false, ownHosts: ['gateway.dz', 'rasid.acme.workers.dev'] }

const reasonOf = (url: string, rules: TargetRules = deployed) => {
  const verdict = checkTarget(url, rules)
  return verdict.ok ? null : verdict.reason
}
const normalOf = (url: string) => {
  const verdict = checkTarget(url, deployed)
  return verdict.ok ? verdict.url : null
}

describe('allowed, and stored in normal form', () => {
  it.each([
    ['https://shop.dz/callback', 'https://shop.dz/callback'],
    ['https://shop.dz', 'https://shop.dz/'],
    ['HTTPS://Shop.DZ/Callback?Token=A', 'https://shop.dz/Callback?Token=A'],
    ['https://shop.dz:443/cb', 'https://shop.dz/cb'],
    ['https://shop.dz:8443/cb', 'https://shop.dz:8443/cb'],
    ['https://shop.dz./cb', 'https://shop.dz/cb'],
    ['https://shop.dz.:8443/cb', 'https://shop.dz:8443/cb'],
    ['https://shop.dz/a/../b', 'https://shop.dz/b'],
    ['https://shop.dz/رصيد', 'https://shop.dz/%D8%B1%D8%B5%D9%8A%D8%AF'],
    ['https://متجر.الجزائر/cb', 'https://xn--pgbep1f.xn--lgbbat1ad8j/cb'],
    ['https://my_shop.hosting.dz/cb', 'https://my_shop.hosting.dz/cb'],
    ['https://xn--pgbep1f.xn--lgbbat1ad8j/cb', 'https://xn--pgbep1f.xn--lgbbat1ad8j/cb'],
    ['https://BÜCHER.dz/', 'https://xn--bcher-kva.dz/'],
    ['https://büCHER。dz/', 'https://xn--bcher-kva.dz/'],
    ['https://ｓｈｏｐ.dz/', 'https://shop.dz/'],
    ['https://ⓢⓗⓞⓟ.dz/', 'https://shop.dz/'],
    ['https://faß.dz/', 'https://xn--fa-hia.dz/'],
    ['https://%73hop.dz/', 'https://shop.dz/'],
    ['https:shop.dz/', 'https://shop.dz/'],
    ['https:///shop.dz/', 'https://shop.dz/'],
    ['https://shop.dz/?next=http://127.0.0.1/', 'https://shop.dz/?next=http://127.0.0.1/'],
    ['https://shop.dz/mail@home', 'https://shop.dz/mail@home'],
  ])('%s', (url, normal) => {
    expect(normalOf(url)).toBe(normal)
  })

  it('the verdict names the host to resolve, as it will be fetched', () => {
    expect(checkTarget('https://ⓢhop.DZ.:8443/cb', deployed)).toMatchObject({ host: 'shop.dz' })
  })

  it.each([
    ['a name that only begins like a private one', 'https://localhost.shop.dz/'],
    ['a name that only contains one', 'https://internal.shop.dz/'],
    ['an ending that only resembles one', 'https://shop.mylocal/'],
    ['a real ending beside .internal', 'https://shop.international/'],
    ['a real ending beside .test', 'https://test.contest/'],
    ['numbers inside a name', 'https://127.0.0.1.shop.dz/'],
    ['a label of digits', 'https://123.dz/'],
    ['example.com, an ordinary name to applications by RFC 6761', 'https://example.com/'],
    ['a neighbour of our own host', 'https://mygateway.dz/'],
    ['our own name in front of another', 'https://gateway.dz.shop.com/'],
    ['another account of the same platform', 'https://rasid.other.workers.dev/'],
    ['a neighbour of a metadata host', 'https://mymetadata.goog/'],
    ['another host of a metadata provider', 'https://www.packet.net/'],
  ])('%s', (_, url) => {
    expect(reasonOf(url)).toBeNull()
  })
})

describe('refused, with the reason', () => {
  const tables: [reason: string, urls: string[]][] = [
    [
      'must begin with https://',
      [
        'http://shop.dz/',
        'ftp://shop.dz/',
        'data:text/plain,hi',
        'file:///etc/passwd',
        'javascript:alert(1)',
      ],
    ],
    [
      'not a valid URL',
      [
        '',
        'shop.dz',
        '/callback',
        'https://',
        'https://shop.dz:99999/',
        'https://foo.0x7g.9/',
        'https://256.1.1.1/',
        'https://1.2.3.4.5/',
        'https://0x1ffffffff/',
        'https://[::1/',
        'https://[fe80::1%25eth0]/',
        'https://[v1.x]/',
        'https://shop.dz%00.evil.dz/',
        'https://shop.dz%2f@evil.dz:x/',
        'https://shop.dz:https/',
      ],
    ],
    [
      'IP addresses are not accepted',
      [
        'https://127.0.0.1/',
        'https://8.8.8.8/',
        'https://169.254.169.254/latest/meta-data',
        'https://0x7f.1/',
        'https://0177.0.0.1/',
        'https://2130706433/',
        'https://0x7f000001/',
        'https://127.1/',
        'https://0/',
        'https://127.0.0.1./',
        'https://127.0.0.1../',
        'https://%31%32%37.0.0.1/',
        'https://%31%32%37%2e0%2e0%2e1/',
        'https://0x7f.0x0.0x0.0x1/',
        'https://0X7F000001/',
        'https://017700000001/',
        'https://0177.1/',
        'https://127.0.1/',
        'https://127.0.0.1:8443/',
        'https://2852039166/',
        'https://0xa9fea9fe/',
        'https://0251.0376.0251.0376/',
        'https://169.254.43518/',
        'https://0000000127.0.0.1/',
        'https://168.63.129.16/',
        'https://１６９.２５４.１６９.２５４/',
        'https://２１３０７０６４３３/',
        'https://０ｘ７ｆ.1/',
        'https://127。0。0。1/',
        'https://127．0．0．1/',
        'https://127｡0｡0｡1/',
        'https://１２７.０.０.１/',
        'https://①②⑦。0。0。1/',
        'https://[::1]/',
        'https://[::]/',
        'https://[::ffff:127.0.0.1]/',
        'https://[::ffff:7f00:1]/',
        'https://[0:0:0:0:0:FFFF:7F00:0001]/',
        'https://[::127.0.0.1]/',
        'https://[::ffff:0:127.0.0.1]/',
        'https://[2002:7f00:1::]/',
        'https://[fe80::5efe:7f00:1]/',
        'https://[fd00:ec2::254]/',
        'https://[::1]:8443/',
        'https://[::a9fe:a9fe]/',
        'https://[64:ff9b::7f00:1]/',
        'https://[2606:4700::1111]/',
      ],
    ],
    [
      'port must be',
      ['https://shop.dz:80/', 'https://shop.dz:22/', 'https://shop.dz:844/', 'https://shop.dz:6666/'],
    ],
    [
      'user name or password',
      [
        'https://user@shop.dz/',
        'https://user:pass@shop.dz/',
        'https://:pass@shop.dz/',
        'https://shop.dz%40x@evil.dz/',
        'https://shop.dz@169.254.169.254/',
        'https://shop.dz:443@evil.dz/',
        'https://@shop.dz:x@evil.dz/',
      ],
    ],
    ['fragment', ['https://shop.dz/#/callback', 'https://shop.dz/#', 'https://shop.dz/cb?a=1#b']],
    [
      'invisible characters',
      [
        ' https://shop.dz/',
        'https://shop.dz/ ',
        'https://shop.dz/a b',
        'https://sh\top.dz/',
        'https://shop.dz/\r\nhost: x',
        'https://shop.dz/\u0000',
        'https://shop.dz/\u00a0',
        'https://sh\u200bop.dz/',
        'https://shop.dz/\u202e',
        'https://shop.dz\\@evil.dz/',
        'https:\\\\shop.dz/',
      ],
    ],
    [
      'full public name',
      [
        'https://shop/',
        'https://metadata/',
        'https://localhost/',
        'https://localhost./',
        'https://com:8443/',
      ],
    ],
    [
      'not valid',
      ['https://shop..dz/', 'https://.shop.dz/', 'https://shop.dz../', 'https://./', "https://a!b'.dz/"],
    ],
    ['not valid', [`https://${'a'.repeat(64)}.dz/`, `https://${'a.'.repeat(126)}dz/`]],
    [
      'reserved or private',
      [
        'https://app.localhost/',
        'https://ⓛocalhost.localⓗost/',
        'https://printer.local/',
        'https://printer.ｌｏｃａｌ/',
        'https://printer.%6cocal/',
        'https://instance-data.ec2.internal/',
        'https://metadata.google.internal/computeMetadata/v1/',
        'https://METADATA.GOOGLE.INTERNAL./',
        'https://ip-10-0-0-1.ec2.internal/',
        'https://router.home.arpa/',
        'https://1.0.0.127.in-addr.arpa/',
        'https://shop.test/',
        'https://shop.example/',
        'https://shop.invalid/',
        'https://shop.onion/',
        'https://shop.alt/',
        'https://kubernetes.default.svc/',
        'https://localhost.localdomain/',
        'https://nas.lan/',
        'https://erp.corp/',
        'https://nas.home/',
        'https://smtp.mail/',
        'https://wiki.intranet/',
        'https://db.private/',
        'https://metadata.goog/',
        'https://v1.metadata.goog/',
        'https://metadata.tencentyun.com/',
        'https://metadata.packet.net/',
        'https://metadata.platformequinix.com/',
        'https://api.metadata.cloud.ibm.com/',
      ],
    ],
    [
      'not to this gateway',
      [
        'https://gateway.dz/v3/mobile/send',
        'https://GATEWAY.dz./',
        'https://api.gateway.dz/',
        'https://gateway.dz:8443/',
        'https://rasid.acme.workers.dev/',
        'https://ｇateway.dz/',
        'https://gateway。dz/',
        'https://%67ateway.dz/',
      ],
    ],
  ]

  for (const [reason, urls] of tables) {
    it.each(urls)(`${reason}: %j`, (url) => {
      expect(reasonOf(url)).toContain(reason)
    })
  }

  it('every reason is one sentence', () => {
    for (const url of tables.flatMap(([, urls]) => urls)) expect(reasonOf(url)).toMatch(/^[A-Z].*\.$/)
  })
})

describe('length', () => {
  const padded = (length: number) => 'https://shop.dz/'.padEnd(length, 'a')

  it('2,048 characters are allowed and one more is not', () => {
    expect(reasonOf(padded(2048))).toBeNull()
    expect(reasonOf(padded(2049))).toContain('2048')
  })

  it('is counted as typed too, so that nothing long is ever parsed', () => {
    expect(reasonOf(`https://shop.dz/${'a/../'.repeat(500)}`)).toContain('2048')
  })

  it('counts what is really sent: a short text that grows beyond the limit when encoded is refused', () => {
    expect(reasonOf(`https://shop.dz/${'ر'.repeat(400)}`)).toContain('once encoded')
    expect(reasonOf(`https://shop.dz/${'ر'.repeat(300)}`)).toBeNull()
  })
})

describe('own hosts', () => {
  it('may be given with a port, in capitals or with a trailing dot', () => {
    const rules = { allowLoopbackHttp: false, ownHosts: ['Gateway.DZ:8443', 'rasid.dz.', ''] }
    expect(reasonOf('https://gateway.dz/', rules)).toContain('not to this gateway')
    expect(reasonOf('https://rasid.dz/', rules)).toContain('not to this gateway')
    expect(reasonOf('https://shop.dz/', rules)).toBeNull()
  })
})
