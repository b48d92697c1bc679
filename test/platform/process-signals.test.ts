import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import { catchSignals } from '../../src/platform/process-signals.ts';

function setUp() {
  const source = new EventEmitter();
  let nowMs = 0;
  const before: string[] = [];
  const taken: string[] = [];
  const signals = catchSignals(
    source,
    () => nowMs,
    (signal) => before.push(signal),
  );
  return {
    before,
    taken,
    listen: () => signals.listen((signal) => taken.push(signal)),
    send: (signal: NodeJS.Signals, afterMs = 1000) => {
      nowMs += afterMs;
      return source.emit(signal, signal);
    },
  };
}

describe('given that nobody listens yet', () => {
  test.each(['SIGTERM', 'SIGINT', 'SIGQUIT'] as const)(
    'when %s comes, then it ends the loading',
    (signal) => {
      const { send, before } = setUp();
      send(signal);
      expect(before).toEqual([signal]);
    },
  );

  test('when SIGHUP comes, then who listens later gets it, once', () => {
    const { send, listen, before, taken } = setUp();
    send('SIGHUP');
    send('SIGHUP');
    expect(before).toEqual([]);
    listen();
    listen();
    expect(taken).toEqual(['SIGHUP']);
  });
});

describe('given a listener', () => {
  test('when signals come, then it gets each', () => {
    const { send, listen, before, taken } = setUp();
    listen();
    for (const signal of ['SIGHUP', 'SIGHUP', 'SIGTERM', 'SIGINT', 'SIGQUIT'] as const) send(signal);
    expect(taken).toEqual(['SIGHUP', 'SIGHUP', 'SIGTERM', 'SIGINT', 'SIGQUIT']);
    expect(before).toEqual([]);
  });

  test('when one ask comes as several signals at once, then it is one, and a later one is another', () => {
    const { send, listen, taken } = setUp();
    listen();
    send('SIGINT');
    send('SIGTERM', 100);
    send('SIGINT', 149);
    expect(taken).toEqual(['SIGINT']);
    send('SIGTERM', 1);
    expect(taken).toEqual(['SIGINT', 'SIGTERM']);
  });

  test.each(['SIGUSR1', 'SIGUSR2'] as const)('when %s comes, then it is taken and does nothing', (signal) => {
    const { send, listen, before, taken } = setUp();
    expect(send(signal)).toBe(true);
    listen();
    expect(send(signal)).toBe(true);
    expect([...before, ...taken]).toEqual([]);
  });
});
