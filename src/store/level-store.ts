import { mkdir, readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { createStoreNote, readStoreNote } from './store-note.ts';
import { StoreFault, type Store, type StoreFaultKind } from './store.ts';

/** Sorts after every key that begins with the same text. */
const PAST_ALL = '\uffff';

/**
 * Opens a LevelDB store: it holds an exclusive lock for as long as the process lives, and survives the death of the
 * process at any moment. It checks sums over its log and its list of files, but not over its tables, for which
 * classic-level has no setting: values need sums of their own.
 */
export async function openLevelStore(path: string): Promise<Store> {
  const attempt = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw toFault(path, error);
    });
  // Most run without a disk, and need not load what they never use.
  const { ClassicLevel } = await import('classic-level');
  await attempt(makeFolder(path));
  if (await attempt(lacksCurrent(path))) throw new StoreFault('corrupt', `${path}: ${remedies.corrupt}`);
  const level = new ClassicLevel<string, Buffer>(path, { keyEncoding: 'utf8', valueEncoding: 'buffer' });
  await attempt(level.open());
  const note = createStoreNote(path);

  return {
    async write(changes, { durable }) {
      const operations = changes.map(({ key, value }) =>
        value === null ? ({ type: 'del', key } as const) : ({ type: 'put', key, value } as const),
      );
      await attempt(level.batch(operations, { sync: durable }));
    },
    get: (key) => attempt(level.get(key, { fillCache: false })),
    async *entries(prefix) {
      const iterator = level.iterator({ gte: prefix, lt: prefix + PAST_ALL, fillCache: false });
      try {
        for (;;) {
          const entry = await attempt(iterator.next());
          if (entry === undefined) return;
          yield entry;
        }
      } finally {
        await iterator.close();
      }
    },
    compact: () => attempt(level.compactRange('', PAST_ALL)),
    async freeBytes() {
      const { bavail, bsize } = await attempt(statfs(path));
      return bavail * bsize;
    },
    readNote: () => readStoreNote(path),
    writeNote: (bytes, options) => attempt(note.write(bytes, options)),
    async close() {
      await note.close().catch(() => undefined);
      await level.close().catch(() => undefined);
    },
  };
}

/** LevelDB would create missing folders above it, too; a mistyped path must not grow a tree of them. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

/**
 * Whether there are data but not the file that names what belongs to them: LevelDB would begin anew, and delete them.
 * What a process leaves that dies while it makes a store has no data.
 */
async function lacksCurrent(path: string): Promise<boolean> {
  const names = await readdir(path);
  if (names.includes('CURRENT')) return false;
  for (const name of names) {
    if (/\.(ldb|sst)$/.test(name)) return true;
    if (name.endsWith('.log') && (await stat(join(path, name))).size > 0) return true;
  }
  return false;
}

const remedies: Readonly<Record<StoreFaultKind, string>> = {
  locked: 'another process uses it: give each its own',
  corrupt: 'what it holds is damaged',
  full: 'the disk is full: free some space',
  readOnly: 'the file system is read-only: choose another path',
  denied: 'permission denied: let the user of this process write there',
  noFolder: 'the folder above it does not exist or is none: create it, or choose another path',
  hung: 'the disk does not answer',
  failed: 'it cannot be read or written',
};

/** LevelDB tells what the system said in words only. */
const byWords: readonly (readonly [RegExp, StoreFaultKind])[] = [
  [/No space left|Disk quota exceeded/, 'full'],
  [/Read-only file system/, 'readOnly'],
  [/Permission denied|Operation not permitted/, 'denied'],
  [/Not a directory/, 'noFolder'],
  // Of its files, since the folder is there: one is missing, or too short to be mapped into memory.
  [/No such file or directory|Invalid argument/, 'corrupt'],
];

const byCode: Readonly<Record<string, StoreFaultKind>> = {
  LEVEL_LOCKED: 'locked',
  LEVEL_CORRUPTION: 'corrupt',
  ENOSPC: 'full',
  EDQUOT: 'full',
  EROFS: 'readOnly',
  EACCES: 'denied',
  EPERM: 'denied',
  ENOENT: 'noFolder',
  ENOTDIR: 'noFolder',
  EEXIST: 'noFolder',
};

function toFault(path: string, error: unknown): StoreFault {
  let kind: StoreFaultKind = 'failed';
  let detail = '';
  for (let link = error; link instanceof Error; link = link.cause) {
    const { message } = link;
    const worded = byWords.find(([words]) => words.test(message));
    kind = worded?.[1] ?? byCode[codeOf(link)] ?? 'failed';
    detail = message;
    if (kind !== 'failed') break;
  }
  const because = kind === 'failed' && detail !== '' ? `${remedies.failed} (${detail})` : remedies[kind];
  return new StoreFault(kind, `${path}: ${because}`, error);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
