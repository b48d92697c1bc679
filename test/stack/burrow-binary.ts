import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from './cache.ts';
import { CommandError, runCommand } from './command.ts';
import { unpackDebianPackage } from './debian-package.ts';

/** A Burrow to run, and what it demands of its surroundings. */
export interface BurrowRelease {
  readonly version: string;
  readonly binary: string;
  /** One sentence for people: which Burrow this is, and why this one. */
  readonly origin: string;
  /** Its `kafka-version` setting. */
  readonly protocol: string;
  /** Whether it refuses to start without a ZooKeeper even when no notifier is configured. */
  readonly needsZookeeper: boolean;
  /** The newest Kafka that it can watch. See {@link WATCHABLE}. */
  readonly watches: WatchedKafka;
}

export interface WatchedKafka {
  readonly version: string;
  /** Whether that Kafka runs on ZooKeeper rather than KRaft. */
  readonly onZookeeper: boolean;
  readonly properties: Readonly<Record<string, string>>;
}

type Demands = Pick<BurrowRelease, 'protocol' | 'needsZookeeper' | 'watches'>;

const WANTED = '1.9.5';
const MODULE = `github.com/linkedin/Burrow@v${WANTED}`;

/**
 * What each Burrow can watch, tried release by release where the Burrow could be had.
 *
 * 1.2.1 cannot watch Kafka 4 at all: it asks for log-end offsets with version 0 of ListOffsets, which Kafka 4 answers
 * by closing the connection (KIP-896), so that it knows no topic; and from Kafka 4.1 on it cannot read the commits
 * (version 4 of their format) either. It watches Kafka 3.9 well, but on KRaft it finds no owners: KRaft always writes
 * group members in version 3 of their format, and 1.2.1 reads up to version 1. A Kafka 3.9 on ZooKeeper that is told
 * to speak as Kafka 2.0 among its brokers writes version 1, and everything is there. Its `kafka-version` knows
 * nothing newer than 2.1.0.
 *
 * 1.9.5 asks for offsets in the newer way. The commit format of Kafka 4.1 reached Burrow's sources only in the autumn
 * of 2025, so the Kafka that it watches here is 4.0, which is right with or without that change.
 */
const WATCHABLE: Readonly<Record<string, Demands>> = {
  '1.9': {
    protocol: '2.8.0',
    needsZookeeper: false,
    watches: { version: '4.0.0', onZookeeper: false, properties: {} },
  },
  '1.2': {
    protocol: '2.0.0',
    needsZookeeper: true,
    watches: {
      version: '3.9.1',
      onZookeeper: true,
      properties: { 'inter.broker.protocol.version': '2.0' },
    },
  },
};

let found: Promise<BurrowRelease> | undefined;

/**
 * The Burrow to test with: v1.9.5 built by `go install`, or where that is refused or Go is missing, Debian's package.
 * Looked for once a process; what was built or fetched stays in the cache.
 */
export function findBurrow(): Promise<BurrowRelease> {
  found ??= fromModule().catch((refusal: unknown) => fromDebian(firstLine(refusal)));
  return found;
}

async function fromModule(): Promise<BurrowRelease> {
  const directory = await cached(`burrow-${WANTED}`, async (workspace) => {
    await runCommand('go', ['install', MODULE], { env: { GOBIN: workspace } });
  });
  return release(WANTED, join(directory, 'Burrow'), `Burrow ${WANTED}, built by "go install ${MODULE}"`);
}

async function fromDebian(refusal: string): Promise<BurrowRelease> {
  const directory = await cached('burrow-debian', async (workspace) => {
    const archive = await unpackDebianPackage('burrow', workspace).catch((error: unknown) => {
      throw new Error(`no Burrow: "go install ${MODULE}" failed (${refusal}), and so did Debian's package`, {
        cause: error,
      });
    });
    const version = /^burrow_(\d+\.\d+\.\d+)/.exec(archive)?.[1] ?? 'unknown';
    await rename(join(workspace, 'usr/bin/Burrow'), join(workspace, `Burrow-${version}`));
  });
  const name = (await readdir(directory)).find((each) => each.startsWith('Burrow-')) ?? 'Burrow-unknown';
  const version = name.slice('Burrow-'.length);
  return release(
    version,
    join(directory, name),
    `Burrow ${version}, Debian's package, since "go install ${MODULE}" failed (${refusal})`,
  );
}

function release(version: string, binary: string, origin: string): BurrowRelease {
  const demands = WATCHABLE[version.split('.').slice(0, 2).join('.')];
  if (demands === undefined) throw new Error(`test/stack knows no settings for Burrow ${version}`);
  return { version, binary, origin, ...demands };
}

function firstLine(error: unknown): string {
  const text = error instanceof CommandError && error.output !== '' ? error.output : String(error);
  return text.trim().split('\n')[0] ?? '';
}
