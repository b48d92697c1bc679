import { z } from 'zod';

import { FORMAT_NAMES } from '../records/formats/formats.ts';
import { NAMING_NAMES } from '../records/naming/naming.ts';

import { sinkKeys, sinkSections, SINK_TYPES } from '../sinks/sink-kinds.ts';
import { MATCHES_NOTHING } from './setting/name-pattern.ts';
import {
  choice,
  duration,
  live,
  optionalText,
  pattern,
  section,
  settingNotes,
  size,
  text,
  tlsClient,
  wholeNumber,
  yesOrNo,
} from './setting/setting.ts';
import { burrowUrl, clusterNames, globalTags, sourceTag } from './setting-shapes.ts';

function nameFilter(names: string, deny: string) {
  return section({
    allow: live(
      pattern({
        default: '.*',
        whenEmpty: null,
        description: `Only ${names} whose name this finds are followed`,
      }),
    ),
    deny: live(
      pattern({
        default: deny,
        whenEmpty: MATCHES_NOTHING,
        description: `Leaves out ${names} whose name this finds; empty: none`,
      }),
    ),
  });
}

const burrowServer = section({
  url: burrowUrl(),
  name: optionalText('text', { description: 'What logs and metrics call it; empty: host:port of the URL' }),
  username: live(optionalText('text', { description: 'User of HTTP basic authentication' })),
  password: live(
    optionalText('secret', { description: 'Its password; passwordFile keeps it out of this file' }),
  ),
  passwordFile: live(optionalText('path', { description: 'File that holds the password' })),
  tls: section(tlsClient()).optional(),
  clusters: clusterNames(),
});

/**
 * Every key a user may set, with its default, its range and one line about it: the only place where they are
 * declared. What spans several keys is in `resolve.ts`. Source: the project's configuration reference.
 */
export const schema = section({
  burrow: section({
    servers: z
      .array(
        z.preprocess((entry) => (typeof entry === 'string' ? { url: entry } : entry), burrowServer),
        { error: 'must be a list of Burrow servers' },
      )
      .min(1, { error: 'must list at least one Burrow server' })
      .prefault(['http://localhost:8000'])
      .register(settingNotes, {
        kind: 'list',
        type: 'list of URL or {url, …}',
        description: 'The Burrow servers, one or several',
        default: '[http://localhost:8000]',
      }),
    timeout: duration({ default: '10s', least: '100ms', description: 'Deadline of one request' }),
    concurrency: wholeNumber({
      default: 20,
      least: 1,
      most: 1000,
      description: 'Requests in flight per server',
    }),
  }),
  discovery: section({
    interval: live(
      duration({
        default: '60s',
        least: '100ms',
        description: 'How often clusters, groups and topics are listed',
      }),
    ),
    clusters: nameFilter('clusters', ''),
    groups: nameFilter('groups', '^(console-consumer-|heartbeat-|KMOffsetCache-|KafkaManager|burrow-)'),
    topics: nameFilter('topics', '^__'),
    deadAfter: wholeNumber({
      default: 3,
      least: 1,
      most: 1000,
      description: 'Lists in a row without a group or topic whose polls say NOTFOUND before it is dead',
    }),
    maxGroups: wholeNumber({
      default: 100_000,
      least: 1,
      most: 10_000_000,
      description: 'The most groups that are followed, in all clusters together; those known longest stay',
    }),
  }),
  poll: section({
    interval: live(
      duration({
        default: '30s',
        least: '100ms',
        description: 'How often each group and topic is polled',
      }),
    ),
    push: choice(['also', 'only', 'off'], {
      default: 'also',
      description:
        'Notifier events: poll in addition to the interval (also), instead of it (only), or are ignored (off)',
    }),
    pushSafety: live(
      duration({
        default: '10m',
        least: '100ms',
        description: 'With push only: each group is polled at least this often, in case an event is lost',
      }),
    ),
  }),
  series: section({
    prefix: text({
      default: 'burrow',
      shape: /^(?=.{1,128}$)[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/,
      rule: 'must be a dotted path of up to 128 letters, digits, _ and -, such as burrow or fjord.burrow',
      description: 'What every name begins with',
    }),
    naming: choice(NAMING_NAMES, {
      default: 'rainbow',
      description: "Names and tags of this project, or exactly goRainbow's",
    }),
    source: sourceTag(),
    tags: live(globalTags()),
    seriesTags: z
      .array(z.enum(['owner', 'client_id'], { error: 'must be owner or client_id' }), {
        error: 'must be a list of owner and client_id',
      })
      .refine((names) => new Set(names).size === names.length, { error: 'must not name a tag twice' })
      .prefault(['owner', 'client_id'])
      .register(settingNotes, {
        kind: 'list',
        type: 'list of owner, client_id',
        description: 'Which of these are tags; without them a rebalance begins no new series',
        default: '[owner, client_id]',
        choices: ['owner', 'client_id'],
      }),
    confirmZero: wholeNumber({
      default: 1,
      least: 0,
      most: 100,
      description: 'Further polls at lag 0 that end a span; 0: ends at once',
    }),
    zeroTolerance: wholeNumber({
      default: 0,
      least: 0,
      most: Number.MAX_SAFE_INTEGER,
      description: "A partition's lag up to this many records counts as 0, also in sums",
    }),
    closeOnStop: yesOrNo({ default: true, description: 'End every open span with 0 when stopped' }),
  }),
  sink: section({
    type: choice(SINK_TYPES, { default: 'kafka', description: 'Where the records go' }),
    format: choice(FORMAT_NAMES, { default: 'wavefront', description: 'Wire format of the records' }),
    ...sinkKeys,
  }),
  ...sinkSections,
  outbox: section({
    memory: size({
      default: '64MB',
      least: '1MB',
      description: 'The most memory for records that wait for the sink',
    }),
    disk: section({
      path: optionalText('path', {
        description: 'Folder for what does not fit in memory, kept across a restart; empty: none',
      }),
      max: size({
        default: '1GB',
        least: '1MB',
        description: 'The most disk for records that wait',
      }),
      rate: size({
        default: '8MB',
        least: '64KB',
        description: 'How much is read back from disk a second, beside the new records',
      }),
    }),
  }),
  ledger: section({
    enabled: yesOrNo({
      default: true,
      description: 'Remember which series are open, so that after a crash each still gets its last 0',
    }),
    topic: optionalText('text', {
      description: 'For sink kafka: a compacted topic, created if missing; empty: {kafka.topic}.spans',
    }),
    path: optionalText('path', {
      description: 'For the other sinks: a folder of this process alone; empty: nothing is remembered',
    }),
  }),
  http: section({
    host: text({
      default: '',
      shape: /^(?:[A-Za-z0-9.:_-]+(?:%[\w.-]+)?|\[[0-9A-Fa-f.:]+(?:%[\w.-]+)?\])?$/,
      rule: 'must be a host name or an IP address',
      description: 'Address to listen on; empty: every one of this machine, IPv6 and IPv4',
    }),
    port: wholeNumber({
      default: 7099,
      least: 0,
      most: 65_535,
      description: 'Port to listen on; 0: any free one',
    }),
    token: live(
      optionalText('secret', {
        description: 'The bearer token itself; tokenFile keeps it out of this file',
      }),
    ),
    tokenFile: live(
      optionalText('path', {
        description: 'File with a bearer token, needed everywhere but on the health checks and /metrics',
      }),
    ),
    tls: section({
      certFile: live(
        optionalText('path', {
          description: 'Certificate of this server, PEM, followed by its chain; empty: no TLS',
        }),
      ),
      keyFile: live(optionalText('path', { description: 'Key of the certificate, PEM; needs certFile' })),
      keyPassphraseFile: live(
        optionalText('path', {
          description: 'File with the passphrase of the key, where that is encrypted',
        }),
      ),
      caFile: live(
        optionalText('path', {
          description: 'Authorities of client certificates, PEM; if set, all but the health checks need one',
        }),
      ),
    }),
  }),
  health: section({
    burrowSilent: live(
      duration({
        default: '8m',
        least: '100ms',
        description: 'Unavailable after this time without a good sample',
      }),
    ),
    sinkSilent: live(
      duration({
        default: '5m',
        least: '100ms',
        description: 'Unavailable after this time with records waiting and none acknowledged',
      }),
    ),
  }),
  stop: section({
    deadline: duration({
      default: '8s',
      least: '100ms',
      description: 'How long a stop may take to deliver what waits; whatever kills must wait longer',
    }),
  }),
  metrics: section({
    partitions: yesOrNo({
      default: false,
      description: 'Show every partition of every group on /metrics: two series each',
    }),
    partitionOwners: yesOrNo({
      default: false,
      description:
        'Label those with owner and client_id: other series after each rebalance; needs partitions',
    }),
    protected: live(
      yesOrNo({ default: false, description: 'Need the token of http.tokenFile on /metrics, too' }),
    ),
  }),
  log: section({
    level: live(
      choice(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
        default: 'info',
        description: 'The least severe lines that are logged',
      }),
    ),
    pretty: choice(['auto', 'true', 'false'], {
      default: 'auto',
      description: 'Coloured lines instead of JSON; auto: on a terminal',
    }),
  }),
});

/** Values that each follow their own rule; rules across keys are still to be checked. */
export type Settings = z.output<typeof schema>;
