/** What `wrangler.toml` says, in the words of plain workerd; what only the platform has is a service beside it. */
import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { experimental_readRawConfig, type Unstable_Config, unstable_readConfig } from 'wrangler'
import { LOCAL_VARS } from '../../scripts/local-values.mjs'
import { capnp, type Embedded, type Value } from './capnp'

/** Where objects are kept; `serve` says where each of them is. */
export const DISKS = ['gateway-disk', 'kv-disk'] as const
export const SOCKET = 'http'
/** Of the bundle and of the services, beside the configuration. */
export const BUNDLE = 'gateway'
export const SERVICES = 'services'

const LIMITER = 'rasid-local:rate-limit-binding'
/** What is rendered here, or means nothing to a runtime of one's own. */
const KNOWN = new Set([
  ...[
    'name',
    'main',
    'compatibility_date',
    'compatibility_flags',
    'workers_dev',
    'observability',
    'triggers',
    'keep_names',
  ],
  ...['vars', 'secrets', 'kv_namespaces', 'ratelimits', 'durable_objects', 'exports'],
  'analytics_engine_datasets',
  'assets',
])

export function readConfig(path: string): Unstable_Config {
  const written: object = experimental_readRawConfig({ config: path }).rawConfig
  const unknown = Object.keys(written).filter((key) => !KNOWN.has(key))
  if (unknown.length > 0)
    throw new Error(`Teach test/workerd/config.ts what this means: ${unknown.join(', ')}`)
  return unstable_readConfig({ config: path })
}

/** For a bundle that is in `directory` already. */
export function renderConfig(config: Unstable_Config, directory: string): string {
  const rendered: Value = {
    sockets: [{ name: SOCKET, http: {}, service: 'edge' }],
    services: [
      { name: 'gateway', worker: gateway(config, directory) },
      ...services(config.compatibility_date ?? ''),
      ...DISKS.map((name) => ({ name, disk: { writable: true } })),
      { name: 'assets', disk: { path: resolve(config.assets?.directory ?? '') } },
      // The fake provider and merchants are on loopback, which plain workerd keeps a Worker from.
      { name: 'internet', network: { allow: ['public', 'private'], tlsOptions: { trustBrowserCas: true } } },
    ],
    extensions: [{ modules: [{ name: LIMITER, internal: true, esModule: service('rate-limit-binding') }] }],
  }
  return `using Workerd = import "/workerd/workerd.capnp";\n\nconst config :Workerd.Config = ${capnp(rendered)};\n`
}

function gateway(config: Unstable_Config, directory: string): Value {
  return {
    modules: modules(directory),
    compatibilityDate: config.compatibility_date ?? '',
    compatibilityFlags: config.compatibility_flags,
    bindings: [
      ...texts(config),
      ...objects(config),
      ...namespaces(config),
      ...limiters(config),
      ...datasets(config),
      ...assets(config),
    ],
    durableObjectNamespaces: Object.entries(config.exports).map(([className, { type, ...more }]) => {
      if (type !== 'durable-object') throw new Error(`${className} is a ${type}`)
      return {
        className,
        uniqueKey: `${config.name}-${className}`,
        enableSql: 'storage' in more && more.storage === 'sqlite',
      }
    }),
    durableObjectStorage: { localDisk: 'gateway-disk' },
    cacheApiOutbound: 'cache',
  }
}

/** The first is the entry. */
function modules(directory: string): Value[] {
  const names = readdirSync(join(directory, BUNDLE)).filter((name) => name.endsWith('.js'))
  names.sort((a, b) => Number(b === 'index.js') - Number(a === 'index.js'))
  return names.map((name) => ({ name, esModule: { embed: `${BUNDLE}/${name}` } }))
}

/** By name only: their values come with the environment of the process, as an operator's secrets do. */
function texts({ vars, secrets }: Unstable_Config): Value[] {
  const names = new Set([...Object.keys(vars), ...(secrets?.required ?? []), ...Object.keys(LOCAL_VARS)])
  return [...names].map((name) => ({ name, fromEnvironment: name }))
}

function objects({ durable_objects }: Unstable_Config): Value[] {
  return durable_objects.bindings.map(({ name, class_name }) => ({
    name,
    durableObjectNamespace: class_name,
  }))
}

function namespaces({ kv_namespaces }: Unstable_Config): Value[] {
  return kv_namespaces.map(({ binding }) => {
    const props = { json: JSON.stringify({ namespace: binding }) }
    return { name: binding, kvNamespace: { name: 'kv', props } }
  })
}

function limiters({ ratelimits }: Unstable_Config): Value[] {
  return ratelimits.map(({ name, namespace_id, simple }) => {
    const innerBindings = [
      { name: 'counter', service: 'rate-limit' },
      { name: 'limiter', text: namespace_id },
      { name: 'limit', json: String(simple.limit) },
      { name: 'period', json: String(simple.period) },
    ]
    return { name, wrapped: { moduleName: LIMITER, innerBindings } }
  })
}

/** The runtime's own, which checks what is written as on the platform. */
function datasets({ analytics_engine_datasets }: Unstable_Config): Value[] {
  return analytics_engine_datasets.map(({ binding }) => ({ name: binding, analyticsEngine: 'metrics' }))
}

function assets({ assets }: Unstable_Config): Value[] {
  return assets?.binding === undefined ? [] : [{ name: assets.binding, service: 'assets' }]
}

/** What stands beside a Worker on the platform. */
function services(compatibilityDate: string): Value[] {
  const worker = (name: string, more: { readonly [name: string]: Value } = {}): Value => ({
    name,
    worker: { modules: [{ name, esModule: service(name) }], compatibilityDate, ...more },
  })
  return [
    worker('edge', {
      compatibilityFlags: ['service_binding_extra_handlers'],
      bindings: [{ name: 'GATEWAY', service: 'gateway' }],
    }),
    worker('kv', {
      bindings: [{ name: 'NAMESPACES', durableObjectNamespace: 'Namespace' }],
      durableObjectNamespaces: [{ className: 'Namespace', uniqueKey: 'kv-Namespace', enableSql: true }],
      durableObjectStorage: { localDisk: 'kv-disk' },
    }),
    worker('rate-limit'),
    worker('cache'),
    worker('metrics'),
  ]
}

function service(name: string): Embedded {
  return { embed: `${SERVICES}/${name}.mjs` }
}
