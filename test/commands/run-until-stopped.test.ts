import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { runUntilStopped, type RunOptions } from '../../src/commands/run-until-stopped.ts';
import type { Part } from '../../src/platform/part.ts';
import { RainbowError } from '../../src/platform/rainbow-error.ts';
import type { ProcessSignal } from '../../src/platform/process-signals.ts';
import { createSimulatedTime } from '../support/simulated-time.ts';

function deferred() {
  let resolve: () => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<void>((...settle) => ([resolve, reject] = settle));
  return { promise, resolve: () => resolve(), reject: (error: Error) => reject(error) };
}

/** A part whose start and stop end when the test says so, or when their signals abort unless it is stubborn. */
function setUp(options: { isStubborn?: boolean; run?: Partial<RunOptions> } = {}) {
  const time = createSimulatedTime();
  const lines: string[] = [];
  const exits: number[] = [];
  const steps: string[] = [];
  let send: (signal: ProcessSignal) => void = () => undefined;
  let close: (error: Error | null) => void = () => undefined;
  const start = deferred();
  const stop = deferred();
  const part: Part = {
    name: 'part',
    async start(signal) {
      steps.push('start');
      if (options.isStubborn !== true) {
        signal.addEventListener('abort', () => start.reject(signal.reason as Error));
      }
      await start.promise;
    },
    async stop(signal) {
      steps.push('stop');
      signal.addEventListener('abort', () => stop.reject(signal.reason as Error));
      await stop.promise;
    },
  };
  const ended = runUntilStopped(
    part,
    {
      log: pino({ level: 'info', base: null }, { write: (line) => lines.push(line) }),
      scheduler: time.scheduler,
      onStopSignal: (run) => (send = run),
      exitNow: (exitCode) => exits.push(exitCode),
      closed: new Promise((resolve) => (close = resolve)),
    },
    { deadlineMs: 8000, ...options.run },
  );
  return {
    ended,
    steps,
    exits,
    time,
    lines,
    said: () => lines.map((line) => (JSON.parse(line) as { msg: string }).msg),
    send: (signal: ProcessSignal) => send(signal),
    close: (error: Error | null) => close(error),
    started: async () => {
      start.resolve();
      await time.settle();
    },
    failToStart: (error: Error) => start.reject(error),
    stopped: () => stop.resolve(),
    failToStop: (error: Error) => stop.reject(error),
  };
}

describe('given a part that starts', () => {
  test.each(['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP'] as const)(
    'when %s comes, then the start is cancelled and the exit code is 0',
    async (signal) => {
      const { ended, send, steps, time } = setUp();
      send(signal);
      expect(await ended).toBe(0);
      expect(steps).toEqual(['start']);
      expect(time.pending()).toBe(0);
    },
  );

  test('when SIGTERM comes too late to cancel it, then it is stopped and the exit code is 0', async () => {
    const { ended, send, started, stopped, steps } = setUp({ isStubborn: true });
    send('SIGTERM');
    await started();
    expect(steps).toEqual(['start', 'stop']);
    stopped();
    expect(await ended).toBe(0);
  });

  test('when it heeds no signal, then the deadline of a stop ends the wait and the exit code is 1', async () => {
    const { ended, send, time, said } = setUp({ isStubborn: true });
    send('SIGTERM');
    await time.advance(7999);
    expect(said()).toEqual(['Asked to stop']);
    await time.advance(1);
    expect(await ended).toBe(1);
    expect(said()).toEqual(['Asked to stop', 'Not everything stopped cleanly']);
  });

  test('when it fails by itself, then it says so and the exit code is 1', async () => {
    const { ended, failToStart, said } = setUp();
    failToStart(new Error('no'));
    expect(await ended).toBe(1);
    expect(said()).toEqual(['The start failed']);
  });

  test('when it cannot listen, then it says why in one sentence and the exit code is 2', async () => {
    const { ended, failToStart, lines } = setUp();
    failToStart(new RainbowError('HTTP_LISTEN', 'the port is in use', { cause: new Error('EADDRINUSE') }));
    expect(await ended).toBe(2);
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({ level: 60, code: 'HTTP_LISTEN', msg: 'the port is in use' }),
    ]);
    expect(lines.join('')).not.toContain('stack');
  });
});

describe('given a part that runs', () => {
  test('when it is asked to stop, then it is stopped and the exit code is 0', async () => {
    const { ended, send, started, stopped, steps, said, time } = setUp();
    await started();
    expect(steps).toEqual(['start']);
    send('SIGQUIT');
    stopped();
    expect(await ended).toBe(0);
    expect(said()).toEqual(['Asked to stop', 'Stopped']);
    expect(time.pending()).toBe(0);
  });

  test('when the stop fails, then the exit code is 1', async () => {
    const { ended, send, started, failToStop } = setUp();
    await started();
    send('SIGTERM');
    failToStop(new Error('no'));
    expect(await ended).toBe(1);
  });

  test('when the stop takes longer than its deadline, then it is given up and the exit code is 1', async () => {
    const { ended, send, started, time } = setUp();
    await started();
    send('SIGTERM');
    await time.advance(8000);
    expect(await ended).toBe(1);
  });

  test('when it is asked again, then the process ends at once; SIGHUP does not count', async () => {
    const { send, started, exits } = setUp();
    await started();
    send('SIGTERM');
    send('SIGHUP');
    expect(exits).toEqual([]);
    send('SIGINT');
    expect(exits).toEqual([1]);
  });

  test('when its time is over, then it is stopped and the exit code is 0', async () => {
    const { ended, started, stopped, time, steps } = setUp({ run: { forMs: 1000 } });
    await started();
    await time.advance(1000);
    expect(steps).toEqual(['start', 'stop']);
    stopped();
    expect(await ended).toBe(0);
  });

  test.each([
    [null, 0],
    [new Error('broken'), 1],
  ])(
    'when the destination is gone with %s, then it is stopped and the exit code is %i',
    async (error, exitCode) => {
      const { ended, started, stopped, close } = setUp();
      await started();
      close(error);
      stopped();
      expect(await ended).toBe(exitCode);
    },
  );
});
