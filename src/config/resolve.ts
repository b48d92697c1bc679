import { resolveFormat, resolveSinks } from '../sinks/sink-kinds.ts';
import type { Configuration } from './configuration.ts';
import { formatDuration, type WithUnits } from './setting/units.ts';
import type { Judge } from './setting/judge.ts';
import { resolveServers } from './resolve-burrow.ts';
import { resolveLedger } from './resolve-ledger.ts';
import { resolveSecret } from './setting/resolve-secrets.ts';
import { resolveTlsFiles } from './setting/resolve-tls.ts';
import type { Format } from '../records/formats/format.ts';
import { FORMAT_NAMES, FORMATS, type FormatName } from '../records/formats/formats.ts';
import type { Settings } from './schema.ts';
import type { SettingPath } from './setting/setting.ts';
import { settingAt } from './settings-list.ts';

/** As many tags as a record can have of its own, source aside. */
const OWN_TAGS = 6;

/** What a bearer token may consist of, so that it fits into one header. Source: RFC 6750, section 2.1. */
const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;

/** The complete configuration. What is wrong across keys is reported to the judge; the result is then not to be used. */
export function resolveSettings(judge: Judge, settings: Settings, hostName: string): Configuration {
  const { poll, outbox, health, log } = settings;
  const given = withUnits(settings, []) as WithUnits<Settings>;
  if (health.burrowSilent <= poll.interval) {
    judge.report(
      ['health', 'burrowSilent'],
      `must be longer than poll.interval (${formatDuration(poll.interval)}), or every poll would be late`,
      'three intervals or more leave room for a slow answer',
      ['poll', 'interval'],
    );
  }
  if (poll.push === 'only' && poll.pushSafety < poll.interval) {
    judge.report(
      ['poll', 'pushSafety'],
      `must not be shorter than poll.interval (${formatDuration(poll.interval)})`,
      'it is for groups that no event has come for',
      ['poll', 'interval'],
    );
  }
  if (settings.metrics.partitionOwners && !settings.metrics.partitions) {
    judge.report(
      ['metrics', 'partitionOwners'],
      'must be false without metrics.partitions',
      'it labels the series that metrics.partitions: true shows',
      ['metrics', 'partitions'],
    );
  }
  const token = resolveToken(judge, settings.http);
  if (
    settings.metrics.protected &&
    settings.http.token === undefined &&
    settings.http.tokenFile === undefined
  ) {
    judge.report(['metrics', 'protected'], 'needs a token', 'set http.tokenFile, or remove it', [
      'http',
      'token',
    ]);
  }
  const sinkFormat = resolveFormat(judge, settings.sink);
  return {
    ...given,
    burrow: { ...given.burrow, servers: resolveServers(judge, settings.burrow.servers) },
    series: resolveSeries(judge, settings.series, sinkFormat, hostName),
    sink: { type: settings.sink.type, format: sinkFormat },
    ...resolveSinks(judge, settings),
    outbox: {
      memoryBytes: outbox.memory,
      disk: {
        path:
          outbox.disk.path === undefined ? '' : judge.locate(['outbox', 'disk', 'path'], outbox.disk.path),
        maxBytes: outbox.disk.max,
        bytesPerSecond: outbox.disk.rate,
      },
    },
    ledger: resolveLedger(judge, settings),
    http: { ...resolveHttp(judge, settings.http), ...(token !== undefined && { token }) },
    log: { ...log, pretty: log.pretty === 'auto' ? 'auto' : log.pretty === 'true' },
  };
}

/** See {@link WithUnits}. */
function withUnits(section: object, path: SettingPath): object {
  return Object.fromEntries(
    Object.entries(section).map(([key, value]: [string, unknown]) => {
      const at = [...path, key];
      const kind = settingAt(at)?.kind;
      if (kind === 'duration') return [`${key}Ms`, value];
      if (kind === 'size') return [`${key}Bytes`, value];
      const isSection = kind === undefined && typeof value === 'object' && value !== null;
      return [key, isSection ? withUnits(value, at) : value];
    }),
  );
}

/** Names, tags and bounds of the series. Reports what the format of the records has no room for. */
function resolveSeries(
  judge: Judge,
  series: Settings['series'],
  formatName: FormatName,
  hostName: string,
): Configuration['series'] {
  const format: Format = FORMATS[formatName];
  const most = format.mostTags - OWN_TAGS;
  const count = Object.keys(series.tags).length;
  if (count > most) {
    judge.report(
      ['series', 'tags'],
      `must not have more than ${most} tags (${count} are there): the format ${formatName} takes ${format.mostTags} with a record, ${OWN_TAGS} of them its own`,
      'remove some, or set sink.format: json',
      ['sink', 'format'],
    );
  }
  if (!format.namings.includes(series.naming)) {
    const others = FORMAT_NAMES.filter((name) => FORMATS[name].namings.includes(series.naming)).join(' or ');
    judge.report(
      ['series', 'naming'],
      `cannot be ${series.naming} with the format ${formatName}, which names series in its own way`,
      `set series.naming: ${format.namings.join(' or ')}, or sink.format: ${others}`,
      ['sink', 'format'],
    );
  }
  for (const name of Object.keys(series.tags).filter((tag) => format.reservedTags.includes(tag))) {
    judge.report(
      ['series', 'tags', name],
      `is a tag that records carry already with the format ${formatName}`,
      'choose another tag name',
      ['sink', 'format'],
    );
  }
  const { zeroTolerance, source = hostName, ...rest } = series;
  return { ...rest, source, zeroToleranceRecords: zeroTolerance };
}

function resolveHttp(judge: Judge, { host, port, tls }: Settings['http']): Configuration['http'] {
  const files = resolveTlsFiles(judge, ['http', 'tls'], tls);
  if (tls.caFile !== undefined && tls.certFile === undefined) {
    judge.report(['http', 'tls', 'caFile'], 'is not used without certFile', 'set certFile, or remove it');
  }
  // In a URL, and as brokers are written, an address stands in brackets.
  const bare = host.replace(/^\[|\]$/g, '');
  return { host: bare, port, tls: tls.certFile === undefined ? null : files };
}

function resolveToken(judge: Judge, http: Settings['http']): string | undefined {
  const token = resolveSecret(judge, ['http', 'token'], http.token, http.tokenFile);
  if (token !== undefined && !TOKEN.test(token)) {
    const path = ['http', http.tokenFile === undefined ? 'token' : 'tokenFile'];
    const rule = 'must hold one token of letters, digits and - . _ ~ + /, which a header can carry';
    judge.report(path, rule, "make one with 'openssl rand -hex 32'");
  }
  return token;
}
