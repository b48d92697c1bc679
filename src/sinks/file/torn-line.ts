import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

const NEWLINE = 0x0a;
const PIECE_BYTES = 64 * 1024;

/**
 * Opens a file or a pipe for appending, creating a file where there is nothing. A pipe that nobody reads fails at once
 * with ENXIO: else opening would wait for a reader, in a thread that cannot be called back, and keep the process alive.
 */
export function openToAppend(path: string): Promise<FileHandle> {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK } = constants;
  return open(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0o666);
}

/**
 * Opens a file for appending, creating it where it is missing, and cuts off what follows its last newline: the rest of
 * a line that was being written when a process died. Resolves with the number of bytes cut off; what is no plain file
 * (a pipe) is left alone.
 */
export async function cutTornLine(path: string): Promise<number> {
  const appending = await openToAppend(path);
  const stats = await appending.stat();
  await appending.close();
  if (!stats.isFile() || stats.size === 0) return 0;
  const file = await open(path, 'r+');
  try {
    const end = await endOfLastLine(file, stats.size);
    if (end < stats.size) await file.truncate(end);
    return stats.size - end;
  } finally {
    await file.close();
  }
}

/** Where the last whole line ends; 0 where there is none. */
async function endOfLastLine(file: FileHandle, size: number): Promise<number> {
  const piece = Buffer.alloc(PIECE_BYTES);
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - PIECE_BYTES);
    const { bytesRead } = await file.read(piece, 0, end - start, start);
    const newline = piece.subarray(0, bytesRead).lastIndexOf(NEWLINE);
    if (newline >= 0) return start + newline + 1;
    end = start;
  }
  return 0;
}
