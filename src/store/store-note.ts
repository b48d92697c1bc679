import { open, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

const NOTE_FILE = 'NOTE';
const SUM_BYTES = 4;
const LENGTH_BYTES = 2;
/** One write within one block of any disk. */
const FILE_BYTES = 512;
const MOST_BYTES = FILE_BYTES - SUM_BYTES - LENGTH_BYTES;

/** A few bytes in a file of their own beside a store's, which outlive damage to those. */
export interface StoreNote {
  write(note: Buffer, options: { readonly durable: boolean }): Promise<void>;
  close(): Promise<void>;
}

/** Null where there is none, or where it is not what was written. */
export async function readStoreNote(folder: string): Promise<Buffer | null> {
  const file = await readFile(join(folder, NOTE_FILE)).catch(() => null);
  if (file?.length !== FILE_BYTES || file.readUInt32LE(0) !== crc32(file.subarray(SUM_BYTES))) return null;
  const start = SUM_BYTES + LENGTH_BYTES;
  return file.subarray(start, start + file.readUInt16LE(SUM_BYTES));
}

/** Opens no file before the first note. */
export function createStoreNote(folder: string): StoreNote {
  let opening: Promise<FileHandle> | null = null;
  const newFile = (): Promise<FileHandle> =>
    open(join(folder, NOTE_FILE), 'r+').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
        return open(join(folder, NOTE_FILE), 'w+');
      }
      throw error;
    });
  return {
    async write(note, { durable }) {
      if (note.length > MOST_BYTES) throw new Error(`a note has ${MOST_BYTES} bytes at most`);
      const bytes = Buffer.alloc(FILE_BYTES);
      bytes.writeUInt16LE(note.length, SUM_BYTES);
      note.copy(bytes, SUM_BYTES + LENGTH_BYTES);
      bytes.writeUInt32LE(crc32(bytes.subarray(SUM_BYTES)), 0);
      opening ??= newFile();
      opening.catch(() => (opening = null));
      const file = await opening;
      await file.write(bytes, 0, FILE_BYTES, 0);
      if (durable) await file.datasync();
    },
    async close() {
      const file = await (opening ?? Promise.resolve(null)).catch(() => null);
      opening = null;
      await file?.close();
    },
  };
}
