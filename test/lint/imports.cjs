/** Imports flow one way: each folder of src/ may import only what this table names. */
const mayImport = {
  burrow: ['platform'],
  poll: ['burrow', 'series', 'telemetry', 'platform'],
  series: ['records'],
  records: [],
  outbox: ['records', 'store', 'platform'],
  ledger: ['records', 'store', 'kafka', 'platform'],
  store: ['platform'],
  tail: ['records', 'words'],
  top: ['http', 'platform', 'words'],
  kafka: ['platform'],
  recall: ['records', 'tail', 'kafka', 'platform'],
  sinks: ['config/setting', 'records', 'ledger', 'kafka', 'platform'],
  http: ['platform', 'words'],
  dashboard: ['http/api/contract', 'words'],
  history: ['records', 'telemetry'],
  telemetry: [],
  platform: [],
  // How numbers, durations and times read: for pages, terminals and logs alike.
  words: [],
  // A destination's settings are beside it; the configuration is put together of them.
  'config/setting': [],
  config: ['records/(formats|naming)', 'sinks/sink-kinds.ts', 'sinks/[^/]+/[^/]+-settings.ts'],
  simulator: ['platform'],
};

/** Each npm package has one home. */
const homes = {
  undici: 'burrow',
  'p-queue': 'poll',
  xstate: '(poll|series)',
  kafkajs: 'kafka',
  'classic-level': 'store',
  'prom-client': 'telemetry',
  'pino-pretty': 'telemetry',
  fastify: 'http',
  'get-east-asian-width': 'top',
  zod: '(config|http|sinks)',
  preact: 'dashboard',
  '@preact/signals': 'dashboard',
  uplot: 'dashboard',
  'eventsource-parser': 'dashboard',
  yaml: 'config',
  re2js: 'config',
};

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    ...Object.entries(mayImport).map(([folder, allowed]) => ({
      name: `${folder}-imports`,
      severity: 'error',
      from: { path: `^src/${folder}/` },
      to: { path: '^src/', pathNot: [folder, ...allowed].map((name) => `^src/${name}(/|$)`) },
    })),
    ...Object.entries(homes).map(([name, folder]) => ({
      name: `${name}-has-one-home`,
      severity: 'error',
      from: { pathNot: `^src/${folder}/` },
      to: { path: `node_modules/${name}/` },
    })),
    {
      name: 'root-files-only-start-something',
      severity: 'error',
      from: { path: '^src/[^/]+[.]ts$' },
      to: { path: '^src/', pathNot: '^src/((commands|platform)/|cli[.]ts$)' },
    },
    {
      name: 'sidecar-is-put-together-last',
      severity: 'error',
      from: { pathNot: '^src/(sidecar|commands)/' },
      to: { path: '^src/sidecar/' },
    },
    {
      // What is not configured is not loaded: the row of sink-kinds.ts imports it when it is wanted.
      name: 'a-destination-is-loaded-by-its-row',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(sinks/[^/]+/|commands/tail)' },
      to: {
        path: '^src/sinks/[^/]+/',
        pathNot: '(-settings|-faults)[.]ts$',
        dynamic: false,
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'kafkajs-is-patched-by-the-kafka-room-alone',
      severity: 'error',
      from: { pathNot: '^src/kafka/' },
      to: { path: '^src/kafka/patches/' },
    },
    {
      name: 'the-scanner-is-alone',
      severity: 'error',
      from: { path: '^src/burrow/fast/' },
      to: { path: '^src/', pathNot: '^src/burrow/' },
    },
    {
      name: 'commands-are-imported-by-the-command-line',
      severity: 'error',
      from: { path: '^src/.+/', pathNot: '^src/commands/' },
      to: { path: '^src/commands/' },
    },
    {
      name: 'pino-elsewhere-is-a-type',
      severity: 'error',
      from: { pathNot: '^src/telemetry/' },
      to: { path: 'node_modules/pino/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'dashboard-knows-shapes-alone',
      severity: 'error',
      from: { path: '^src/dashboard/' },
      to: { path: '^src/', pathNot: '^src/(dashboard|words)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'dashboard-runs-in-a-browser',
      severity: 'error',
      from: { pathNot: '^src/dashboard/' },
      to: { path: '^src/dashboard/' },
    },
    {
      name: 'series-and-records-do-no-io',
      severity: 'error',
      from: { path: '^src/(records|series)/' },
      // A hash is no I/O.
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(buffer|crypto)$' },
    },
    {
      name: 'platform-uses-node-only',
      severity: 'error',
      from: { path: '^src/platform/' },
      to: { dependencyTypes: ['npm'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
