import { execFile } from 'node:child_process';

/** A command that could not be started, ended with another code than 0, or took too long. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly output: string;

  constructor(commandLine: string, output: string, cause: unknown) {
    super(`"${commandLine}" failed: ${output.trim().slice(-2000) || String(cause)}`, { cause });
    this.output = output;
  }
}

export interface CommandOptions {
  readonly cwd?: string;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: ten minutes, enough for a first download over a slow line. */
  readonly timeoutMs?: number;
  /** Given on standard input. */
  readonly input?: string;
}

/** Runs a command to its end; resolves with what it wrote, standard error included. Fails with {@link CommandError}. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      command,
      args,
      {
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
        env: { ...process.env, ...options.env },
        timeout: options.timeoutMs ?? 600_000,
        killSignal: 'SIGKILL',
        maxBuffer: 64 * 1024 * 1024,
      },
      (error, stdout, stderr) => {
        const output = stdout + stderr;
        if (error === null) resolve(output);
        else reject(new CommandError([command, ...args].join(' '), output, error));
      },
    );
    if (options.input !== undefined) child.stdin?.end(options.input);
  });
}
