/** A Kafka cluster as Burrow shall know it. Use a lower-case name: Burrow lower-cases some of its uses, not all. */
export interface WatchedCluster {
  readonly name: string;
  readonly bootstrapServers: readonly string[];
}

/** Burrow's HTTP notifier. It learns of a new group up to 60 s late; that period cannot be configured. */
export interface BurrowNotifier {
  readonly urlOpen: string;
  readonly templateOpenFile: string;
  /** Default: POST. */
  readonly methodOpen?: string;
  /** Leave the three out to have no message on recovery. */
  readonly urlClose?: string;
  readonly templateCloseFile?: string;
  readonly methodClose?: string;
  /** Seconds between two looks at a group. Default: 1. */
  readonly intervalSeconds?: number;
  /** From which status on to send; 1 is OK, 2 is WARN. Default: 2. */
  readonly threshold?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly username?: string;
  readonly password?: string;
  /** What the templates see as `.Extras`. */
  readonly extras?: Readonly<Record<string, string>>;
}

export interface BurrowSettings {
  readonly clusters: readonly WatchedCluster[];
  readonly notifier?: BurrowNotifier | undefined;
  readonly zookeeper?: string | undefined;
  readonly protocol: string;
  readonly port: number;
}

type Value = string | number | boolean | readonly string[];

/**
 * `burrow.toml` for tests: everything as fast as Burrow allows. A log-end offset that it tells is up to 1 s old
 * (`offset-refresh`), a new topic up to 1 s late (`topic-refresh`), an evaluated status or lag up to 1 s old
 * (`expire-cache`, whole seconds); commits arrive at once, since it follows the topic that holds them. Commits less
 * than 1 s apart replace one another (`min-distance`).
 */
export function burrowConfiguration(settings: BurrowSettings): string {
  const { clusters, notifier, zookeeper } = settings;
  const perCluster = clusters.flatMap(({ name, bootstrapServers }) => [
    section(`cluster.${name}`, {
      'class-name': 'kafka',
      'client-profile': 'test',
      servers: bootstrapServers,
      'topic-refresh': 1,
      'offset-refresh': 1,
    }),
    section(`consumer.${name}`, {
      'class-name': 'kafka',
      'client-profile': 'test',
      cluster: name,
      servers: bootstrapServers,
    }),
  ]);
  return [
    section('logging', { level: 'info' }),
    zookeeper === undefined ? '' : section('zookeeper', { servers: [zookeeper] }),
    section('client-profile.test', { 'client-id': 'burrow', 'kafka-version': settings.protocol }),
    section('httpserver.default', { address: `127.0.0.1:${settings.port}` }),
    section('storage.default', { 'class-name': 'inmemory', intervals: 5, 'min-distance': 1 }),
    section('evaluator.default', { 'class-name': 'caching', 'expire-cache': 1 }),
    ...perCluster,
    notifier === undefined ? '' : notifierSections(notifier),
  ].join('');
}

function notifierSections(notifier: BurrowNotifier): string {
  const sendsClose = notifier.urlClose !== undefined && notifier.templateCloseFile !== undefined;
  const main = section('notifier.rainbow', {
    'class-name': 'http',
    'url-open': notifier.urlOpen,
    'template-open': notifier.templateOpenFile,
    'method-open': notifier.methodOpen ?? 'POST',
    'send-close': sendsClose,
    'url-close': notifier.urlClose,
    'template-close': notifier.templateCloseFile,
    'method-close': notifier.methodClose,
    interval: notifier.intervalSeconds ?? 1,
    threshold: notifier.threshold ?? 2,
    username: notifier.username,
    password: notifier.password,
  });
  return (
    main +
    section('notifier.rainbow.headers', notifier.headers ?? {}) +
    section('notifier.rainbow.extras', notifier.extras ?? {})
  );
}

function section(name: string, values: Readonly<Record<string, Value | undefined>>): string {
  const table = name
    .split('.')
    .map((part) => JSON.stringify(part))
    .join('.');
  const lines = Object.entries(values)
    .filter(([, value]) => value !== undefined)
    // TOML's strings, numbers, booleans and lists of strings are written as in JSON.
    .map(([key, value]) => `${JSON.stringify(key)} = ${JSON.stringify(value)}\n`);
  return `[${table}]\n${lines.join('')}\n`;
}
