import { RainbowError, type ErrorCode } from '../platform/rainbow-error.ts';

/** One change to a store: the value under a key, or null to remove it. */
export interface Change {
  readonly key: string;
  readonly value: Buffer | null;
}

/** A small ordered key-value store on the local disk. Everything it rejects with is a {@link StoreFault}. */
export interface Store {
  /**
   * Makes all changes or none. With `durable` it resolves when the disk has them, so that even a power cut keeps
   * them; without, a crash of this process does. After a rejection nothing is certain, and the store has to be
   * opened anew before it takes further changes; reading may go on.
   */
  write(changes: readonly Change[], options: { readonly durable: boolean }): Promise<void>;
  /** Undefined where there is no such key. */
  get(key: string): Promise<Buffer | undefined>;
  /** Every entry whose key begins so, in the order of keys. */
  entries(prefix: string): AsyncIterable<readonly [key: string, value: Buffer]>;
  /** Gives back the room of what was removed. */
  compact(): Promise<void>;
  /** Free room on the disk, bytes. */
  freeBytes(): Promise<number>;
  /** What `writeNote` has written last; null where there is nothing, or where it is damaged. */
  readNote(): Promise<Buffer | null>;
  /** Keeps a few bytes, 500 at most, beside the entries and apart from them: damage to those leaves them whole. */
  writeNote(note: Buffer, options: { readonly durable: boolean }): Promise<void>;
  /** Waits for what is under way. Never rejects. */
  close(): Promise<void>;
}

/** Opens the store in a folder, which is created where it is missing; the folder above it must exist. */
export type OpenStore = (path: string) => Promise<Store>;

/** What is wrong with a store, by what helps. */
export type StoreFaultKind =
  'hung' | 'locked' | 'corrupt' | 'full' | 'readOnly' | 'denied' | 'noFolder' | 'failed';

const CODES = {
  hung: 'STORE_HUNG',
  locked: 'STORE_LOCKED',
  corrupt: 'STORE_CORRUPT',
  full: 'STORE_FULL',
  readOnly: 'STORE_READ_ONLY',
  denied: 'STORE_DENIED',
  noFolder: 'STORE_NO_FOLDER',
  failed: 'STORE_FAILED',
} as const satisfies Readonly<Record<StoreFaultKind, ErrorCode>>;

/** A store that cannot be opened, read or written. The message is one clause with cause and remedy. */
export class StoreFault extends RainbowError<(typeof CODES)[StoreFaultKind]> {
  readonly kind: StoreFaultKind;

  constructor(kind: StoreFaultKind, message: string, cause?: unknown) {
    super(CODES[kind], message, { cause });
    this.kind = kind;
  }
}
