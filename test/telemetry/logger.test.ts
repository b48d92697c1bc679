import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { createLogger } from '../../src/telemetry/logger.ts';
import type { LoggerOptions } from '../../src/telemetry/logger.ts';

function logTo(lines: string[], options: Partial<LoggerOptions> = {}) {
  return createLogger({
    level: 'info',
    pretty: false,
    stream: { write: (line) => lines.push(line) },
    ...options,
  }).log;
}

describe('given a logger of JSON lines', () => {
  test('when a part logs, then the line has time, level as a word, part, facts and message', () => {
    const lines: string[] = [];
    logTo(lines).child({ part: 'outbox' }).warn({ samples: 3 }, 'The outbox is full');
    expect(JSON.parse(lines[0]!)).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
      part: 'outbox',
      samples: 3,
      msg: 'The outbox is full',
    });
    expect(lines[0]).toMatch(/\}\n$/);
  });

  test('when an error is logged, then its message, stack and cause are there without credentials', () => {
    const lines: string[] = [];
    const err = new Error('no answer of http://u:hunter2@b:80/', { cause: new Error('http://u:hunter2@b') });
    logTo(lines).error({ err, password: 'hunter2' }, 'Failed');
    expect(lines[0]).not.toContain('hunter2');
    expect(lines[0]).toMatch(/no answer of http:\/\/\[redacted\]@b:80/);
    expect((JSON.parse(lines[0]!) as { err: { stack: string } }).err.stack).toMatch(/caused by/i);
  });

  test('when the level is below the threshold, then there is no line', () => {
    const lines: string[] = [];
    logTo(lines).debug('quiet');
    logTo(lines, { level: 'silent' }).fatal('quiet');
    expect(lines).toEqual([]);
  });

  test('when a message has a newline in it, then it is still one line', () => {
    const lines: string[] = [];
    logTo(lines).info({ group: 'a\nb' }, 'c\nd');
    expect(lines.join('').split('\n')).toHaveLength(2);
  });
});

describe('given names that are made up to deceive', () => {
  const names = [
    'a\r\nb',
    'a\u0085b',
    'a\u2028b\u2029',
    '\u009b31m',
    '\u001b[2J',
    '\u202egro',
    '\ud800',
    '\u007f',
  ];
  const unseen = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\ud800-\udfff]/;

  test.each([false, true])(
    'when they are logged, then one line tells them apart and none acts (pretty: %s)',
    (pretty) => {
      const lines: string[] = [];
      for (const group of names)
        logTo(lines, { pretty, colour: false }).warn({ group, names: [group] }, 'Odd');
      expect(lines).toHaveLength(names.length);
      for (const line of lines) {
        expect(line.split(/\r\n|[\n\r\u0085\u2028\u2029]/)).toEqual([expect.any(String), '']);
        expect(line).not.toMatch(unseen);
      }
      expect(new Set(lines.map((line) => line.replace(/^\[[^\]]*\]|"time":"[^"]*"/, ''))).size).toBe(
        names.length,
      );
    },
  );

  test('when a line of JSON is read back, then the names are the true ones', () => {
    const lines: string[] = [];
    for (const group of names) logTo(lines).warn({ group }, 'Odd');
    expect(lines.map((line) => (JSON.parse(line) as { group: string }).group)).toEqual(names);
  });
});

describe('given a logger of pretty lines', () => {
  test('when a part logs, then one readable line comes at once, without secrets', () => {
    const lines: string[] = [];
    logTo(lines, { pretty: true, colour: false })
      .child({ part: 'kafka' })
      .info({ brokers: 3, token: 'hunter2' }, 'Connected');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      /^\[[\d:.]+\] INFO: \[kafka\] Connected \{"brokers":3,"token":"\[redacted\]"\}\n$/,
    );
  });

  test('when colours are asked for, then they are there', () => {
    const lines: string[] = [];
    logTo(lines, { pretty: true, colour: true }).warn('red');
    expect(lines[0]).toContain('\u001b[33m');
  });
});

describe('given a process whose standard error is no terminal', () => {
  function run(code: string): { stdout: string; stderr: string; status: number | null } {
    const logger = new URL('../../src/telemetry/logger.ts', import.meta.url).href;
    const script = `import { createLogger, flushLog } from '${logger}';
      const { log } = createLogger({ level: 'info', pretty: 'auto' });
      ${code}`;
    return spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
  }

  test('when it logs and exits at once, then every line is on standard error and none is lost', () => {
    const { stdout, stderr, status } = run(
      `for (let i = 0; i < 500; i++) log.info({ i }, 'line'); process.exit(3);`,
    );
    expect([stdout, status]).toEqual(['', 3]);
    const lines = stderr.trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { i: number }).i)).toEqual(
      Array.from({ length: 500 }, (_, i) => i),
    );
  });

  test.each(['false', 'true'])(
    'when it waits for the log, then every line has been written (pretty: %s)',
    (pretty) => {
      const { stderr } = run(
        `const { writeSync } = await import('node:fs');
        const { log: other } = createLogger({ level: 'info', pretty: ${pretty}, colour: false });
        for (let i = 0; i < 50; i++) {
          other.info('first');
          await new Promise(setImmediate);
          other.info('second');
          await flushLog(other, 10_000);
          writeSync(2, 'third\\n');
        }`,
      );
      const words = stderr.match(/first|second|third/g);
      expect(words).toEqual(Array.from({ length: 50 }, () => ['first', 'second', 'third']).flat());
    },
    20_000,
  );
});

describe('given a logger whose level is changed', () => {
  test('when it was made for less, then it and the children it had say more, and the other way round', () => {
    const lines: string[] = [];
    const { log, setLevel } = createLogger({
      level: 'info',
      pretty: false,
      stream: { write: (line) => lines.push(line) },
    });
    const child = log.child({ part: 'outbox' });
    setLevel('debug');
    log.debug('one');
    child.debug('two');
    log.child({ part: 'later' }).debug('three');
    setLevel('error');
    child.warn('four');
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['one', 'two', 'three']);
  });
});
