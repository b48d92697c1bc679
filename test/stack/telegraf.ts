import { join } from 'node:path';
import { cached } from './cache.ts';
import { runCommand } from './command.ts';

/** The one version that the Go module proxies list. */
const VERSION = '1.37.2';

/** Every plugin, parser and serializer that is used somewhere; Telegraf knows no others. */
const PLUGINS = [
  ...['inputs.burrow', 'inputs.kafka_consumer', 'inputs.socket_listener', 'inputs.statsd'],
  ...['outputs.file', 'outputs.influxdb', 'outputs.influxdb_v2', 'outputs.kafka'],
  ...['parsers.influx', 'parsers.wavefront', 'parsers.json_v2'],
  ...['serializers.influx', 'serializers.json', 'serializers.wavefront'],
];

const BUILDING_MS = 30 * 60_000;

let found: Promise<string> | undefined;

/** The path of a Telegraf to run, built by `go install` once and kept in the cache. Needs Go. */
export function findTelegraf(): Promise<string> {
  found ??= cached(`telegraf-${VERSION}`, async (workspace) => {
    const tags = ['custom', ...PLUGINS].join(',');
    const module = `github.com/influxdata/telegraf/cmd/telegraf@v${VERSION}`;
    await runCommand('go', ['install', '-ldflags=-s -w', '-tags', tags, module], {
      env: { GOBIN: workspace, CGO_ENABLED: '0' },
      timeoutMs: BUILDING_MS,
    });
  }).then((directory) => join(directory, 'telegraf'));
  return found;
}
