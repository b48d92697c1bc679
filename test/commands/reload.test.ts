import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { createReload } from '../../src/commands/reload.ts';
import type { Configuration } from '../../src/config/configuration.ts';
import type { LoadedConfiguration, LoadResult } from '../../src/config/load-configuration.ts';
import { load } from '../config/loading.ts';

const BROKERS = 'kafka: {brokers: [a:1]}\n';

function loaded(yaml: string): LoadedConfiguration {
  const result = load({ yaml: BROKERS + yaml });
  if (result.kind === 'faults') throw new Error(JSON.stringify(result.faults));
  return result;
}

function setUp(started: string) {
  const lines: string[] = [];
  const applied: Configuration[] = [];
  let next: () => LoadResult = () => loaded(started);
  let refuse: Error | null = null;
  const reload = createReload(
    {
      load: () => next(),
      apply(configuration) {
        if (refuse !== null) throw refuse;
        applied.push(configuration);
      },
      log: pino(
        { base: null, formatters: { level: (level) => ({ level }) } },
        { write: (line) => lines.push(line) },
      ),
    },
    loaded(started),
  );
  return {
    applied,
    refuse: (error: Error | null) => (refuse = error),
    /** The line that the reload of this configuration logs. */
    reload: (yaml: string | (() => LoadResult)) => {
      next = typeof yaml === 'string' ? () => load({ yaml: BROKERS + yaml }) : yaml;
      reload();
      return JSON.parse(lines.at(-1)!) as Record<string, unknown>;
    },
  };
}

describe('given a running configuration', () => {
  test('when live keys have changed, then it counts, and the log names them with their values', () => {
    const { reload, applied } = setUp('log: {level: info}');
    expect(reload('log: {level: debug}\nhttp: {token: hunter2}')).toMatchObject({
      level: 'info',
      msg: 'The configuration was reloaded',
      changes: expect.arrayContaining(['log.level: info → debug', 'http.token']) as unknown,
    });
    expect(applied).toMatchObject([{ log: { level: 'debug' }, http: { token: 'hunter2' } }]);
  });

  test('when one key needs a restart, then nothing counts, and the log names it', () => {
    const { reload, applied } = setUp('log: {level: info}');
    expect(reload('log: {level: debug}\nhttp: {port: 1234}')).toMatchObject({
      level: 'error',
      msg: expect.stringContaining('needs a restart; nothing has changed') as unknown,
      keys: ['http.port'],
    });
    expect(applied).toEqual([]);
    // And once it is taken back, the rest does.
    expect(reload('log: {level: debug}')).toMatchObject({ changes: ['log.level: info → debug'] });
  });

  test('when the file has faults, then nothing counts, and the log says each', () => {
    const { reload, applied } = setUp('');
    expect(reload('log: {level: loud}\nhttp: {tokn: hunter2}')).toMatchObject({
      level: 'error',
      msg: expect.stringContaining('nothing has changed') as unknown,
      faults: [
        expect.stringMatching(
          /^http\.tokn is not a known key \(at rainbow\.yaml:3:8\) → did you mean token/,
        ) as unknown,
        expect.stringMatching(/^log\.level must be one of .* \(got "loud", rainbow\.yaml:2:7\)/) as unknown,
      ],
    });
    expect(applied).toEqual([]);
  });

  test('when the file is gone, then nothing counts', () => {
    const { reload, applied } = setUp('');
    const line = reload(() => load({ env: { RAINBOW_KAFKA_BROKERS: 'a:1' } }));
    expect(line).toMatchObject({ level: 'error', msg: expect.stringContaining('not there') as unknown });
    expect(applied).toEqual([]);
  });

  test('when a value cannot be used, then it is tried again at the next reload', () => {
    const { reload, refuse, applied } = setUp('');
    refuse(new Error('no'));
    expect(reload('log: {level: debug}')).toMatchObject({ level: 'error', err: { message: 'no' } });
    refuse(null);
    expect(reload('log: {level: debug}')).toMatchObject({ level: 'info' });
    expect(applied).toHaveLength(1);
  });

  test('when nothing has changed, then nothing is done but a line in the log', () => {
    const { reload, applied } = setUp('');
    expect(reload('')).toMatchObject({ level: 'info', msg: expect.stringContaining('nothing') as unknown });
    expect(applied).toEqual([]);
  });
});
