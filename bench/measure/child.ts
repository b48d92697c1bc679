import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import type { AnswerMessage, AskMessage } from './child-end.ts';

/** A process of the benchmark's, which answers asks over its own channel. */
export interface Child<Ask> {
  readonly process: ChildProcess;
  /** Rejects when the process ends before it has answered. */
  ask<T>(ask: Ask): Promise<T>;
  /** Ends it with SIGTERM, or SIGKILL when it takes longer than the grace. */
  stop(graceMs?: number): Promise<void>;
  /** Ends it with SIGKILL. */
  kill(): Promise<void>;
}

export interface ChildOptions {
  /** Node's own arguments, the script's path and its arguments. */
  readonly args: readonly string[];
  /** Where standard output goes; default: nowhere. */
  readonly stdout?: 'ignore' | 'pipe';
  readonly stderr?: 'inherit' | 'pipe';
  /** Beside those of this process. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** The settings of a run come from the benchmark alone. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('RAINBOW_') && name !== 'NODE_OPTIONS'),
);

/** For a script in TypeScript: what Node must load before it. */
export const TYPESCRIPT = ['--import', import.meta.resolve('tsx')] as const;

/** Starts Node. It never outlives this process: its channel closes, and it ends by itself. */
export function startChild<Ask>(options: ChildOptions): Child<Ask> {
  const child = spawn(process.execPath, options.args, {
    cwd: tmpdir(),
    env: { ...environment, ...options.environment },
    stdio: ['ignore', options.stdout ?? 'ignore', options.stderr ?? 'inherit', 'ipc'],
  });
  const waiting = new Map<
    number,
    { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void }
  >();
  let asked = 0;
  child.on('message', (message) => {
    const { number, answer, error } = message as AnswerMessage;
    const waiter = waiting.get(number);
    waiting.delete(number);
    if (error === undefined) waiter?.resolve(answer);
    else waiter?.reject(new Error(error));
  });
  const fail = (reason: string): void => {
    for (const { reject } of waiting.values()) reject(new Error(`${options.args.join(' ')}: ${reason}`));
    waiting.clear();
  };
  child.on('error', (error) => fail(error.message));
  child.on('exit', (code, signal) => fail(`ended with ${signal ?? `exit code ${String(code)}`}`));
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;

  return {
    process: child,
    ask<T>(ask: Ask): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        if (!isRunning()) {
          reject(new Error(`${options.args.join(' ')} does not run`));
          return;
        }
        const number = ++asked;
        waiting.set(number, { resolve: resolve as (value: unknown) => void, reject });
        const message: AskMessage = { number, ask };
        child.send(message);
      });
    },
    async stop(graceMs = 15_000) {
      if (!isRunning()) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await ended;
      clearTimeout(timer);
    },
    async kill() {
      if (!isRunning()) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}
