import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { cached } from './cache.ts';
import { runCommand } from './command.ts';
import { javaArguments } from './java.ts';
import { fetchJars } from './maven-jars.ts';

const JAVA_LIB = { groupId: 'com.wavefront', artifactId: 'java-lib', version: '2023-08.2' };
const SOURCES = fileURLToPath(new URL('readers/', import.meta.url));

/** A record as a reader of the format has read it. */
export interface ReadPoint {
  /** In Influx's line protocol measurement and field, with a space between. */
  readonly name: string;
  readonly value: number;
  /** In Influx's line protocol: int64 or float64. */
  readonly type?: string;
  /** Epoch seconds. */
  readonly timestamp: number;
  /** `source` among them. */
  readonly tags: Readonly<Record<string, string>>;
}

/** What a reader made of one message. */
export interface ReadMessage {
  readonly points: readonly ReadPoint[];
  /** Why it refused the message, or the last of the lines that it refused. */
  readonly error?: string;
}

/** A reader of a format: one process for all messages, each of one line or several. */
export interface LineReader {
  read(messages: readonly string[]): Promise<readonly ReadMessage[]>;
}

/** Wavefront's own decoder and validation, which its proxy calls for each line. Built into the cache on first use. */
export async function findWavefrontDecoder(): Promise<LineReader> {
  const jars = await fetchJars(`wavefront-${JAVA_LIB.version}`, [JAVA_LIB]);
  const source = join(SOURCES, 'WavefrontReader.java');
  const name = `wavefront-reader-${JAVA_LIB.version}-${await hashOf([source])}`;
  const classes = await cached(name, async (workspace) => {
    await runCommand('javac', ['-cp', jars, '-d', workspace, source]);
  });
  const classPath = [jars, classes].join(delimiter);
  return createReader('java', [...javaArguments(classPath, 256, []), 'WavefrontReader']);
}

/** Telegraf's parser, with which its inputs read each message. Built into the cache on first use. */
export async function findTelegrafParser(format: 'wavefront' | 'influx'): Promise<LineReader> {
  const module = join(SOURCES, 'telegraf');
  const hash = await hashOf(['go.mod', 'go.sum', 'main.go'].map((file) => join(module, file)));
  const directory = await cached(`telegraf-reader-${hash}`, async (workspace) => {
    const copy = join(workspace, 'module');
    await cp(module, copy, { recursive: true });
    // The versions of what Telegraf needs are those of its own module.
    await runCommand('go', ['build', '-mod=mod', '-o', join(workspace, 'telegraf-reader'), '.'], {
      cwd: copy,
    });
  });
  return createReader(join(directory, 'telegraf-reader'), [format]);
}

async function hashOf(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) hash.update(await readFile(file));
  return hash.digest('hex').slice(0, 12);
}

function createReader(command: string, args: readonly string[]): LineReader {
  return {
    async read(messages) {
      const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
      const exit = new Promise<number | null>((resolve, reject) => {
        child.on('error', reject);
        child.on('exit', resolve);
      });
      // It ends early where it cannot go on; its exit code and what it has to say tell more than the broken pipe.
      child.stdin.on('error', () => undefined);
      child.stdin.end(messages.map((message) => `${JSON.stringify(message)}\n`).join(''));
      const [code, out, complaints] = await Promise.all([exit, text(child.stdout), text(child.stderr)]);
      if (code !== 0) throw new Error(`${command} ended with ${String(code)}: ${complaints.slice(-2000)}`);
      return out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as ReadMessage);
    },
  };
}
