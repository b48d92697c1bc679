import { promisify } from 'node:util';
import zlib from 'node:zlib';
// CompressionCodecs is not among the names that Node finds in this CommonJS package.
import kafkajs, { CompressionTypes } from 'kafkajs';
import type { Compression } from '../kafka-options.ts';
import { RainbowError } from '../../platform/rainbow-error.ts';

type Transform = (bytes: Buffer) => Promise<Buffer>;

interface Codec {
  readonly compress: Transform;
  readonly decompress: Transform;
}

const types: Readonly<Record<Compression, CompressionTypes>> = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
};

/**
 * Makes a compression known to kafkajs, which ships with a slow gzip only, and returns kafkajs's number for it.
 * All of them compress on a worker thread. Safe to call again.
 *
 * @throws KAFKA_COMPRESSION when this process cannot do it; the message names the setting and what to change.
 */
export async function loadCodec(compression: Compression): Promise<CompressionTypes> {
  const type = types[compression];
  if (compression === 'none') return type;
  const codec = await { gzip: gzipCodec, snappy: snappyCodec, lz4: lz4Codec, zstd: zstdCodec }[compression]();
  const registry: Record<number, () => unknown> = kafkajs.CompressionCodecs;
  registry[type] = () => ({
    compress: ({ buffer }: { readonly buffer: Buffer }) => codec.compress(buffer),
    decompress: codec.decompress,
  });
  return type;
}

/** A whole compressed batch fits, and a fair part of what it was: for each full chunk the worker thread has to call this one. */
const GZIP_CHUNK_BYTES = 128 * 1024;
/** A batch of a stranger's that becomes larger is not read: a megabyte could become a gigabyte. Ours have one megabyte. */
const MOST_BATCH_BYTES = 64 * 1024 * 1024;

/**
 * At its quickest: our lines are so alike that the level by default takes three times as long to make them a tenth
 * smaller (4.5 % of their length instead of 5 %).
 */
function gzipCodec(): Promise<Codec> {
  const gzip = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gzip);
  const gunzip = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gunzip);
  return Promise.resolve({
    compress: (bytes) => gzip(bytes, { level: zlib.constants.Z_BEST_SPEED, chunkSize: GZIP_CHUNK_BYTES }),
    decompress: (bytes) => gunzip(bytes, { chunkSize: GZIP_CHUNK_BYTES, maxOutputLength: MOST_BATCH_BYTES }),
  });
}

/** Zstandard comes with Node's own zlib. */
function zstdCodec(): Promise<Codec> {
  const { zstdCompress, zstdDecompress } = zlib as unknown as Record<string, NodeCompression | undefined>;
  if (zstdCompress === undefined || zstdDecompress === undefined) {
    throw new RainbowError(
      'KAFKA_COMPRESSION',
      `kafka.compression: zstd needs Node 22.15 or newer, this is ${process.version}: choose gzip, or a newer Node`,
    );
  }
  const [compress, decompress] = [promisify(zstdCompress), promisify(zstdDecompress)];
  return Promise.resolve({
    compress: (bytes) => compress(bytes, {}),
    decompress: (bytes) => decompress(bytes, { maxOutputLength: MOST_BATCH_BYTES }),
  });
}

type NodeCompression = (
  bytes: Buffer,
  options: Pick<zlib.ZlibOptions, 'maxOutputLength'>,
  done: (error: Error | null, result: Buffer) => void,
) => void;

/** Kafka's LZ4 is the LZ4 frame format, not the bare block that most functions named `compress` write. */
async function lz4Codec(): Promise<Codec> {
  const { compressFrame, decompressFrame } = await optional('lz4', () => import('lz4-napi'));
  return { compress: (bytes) => compressFrame(bytes), decompress: (bytes) => decompressFrame(bytes) };
}

/** Snappy as Kafka's Java client frames it (snappy-java's stream): some readers know no other. */
async function snappyCodec(): Promise<Codec> {
  const { compress, uncompress } = await optional('snappy', () => import('snappy'));
  const block: Transform = (bytes) => compress(bytes);
  const unblock: Transform = async (bytes) => Buffer.from(await uncompress(bytes));
  return {
    async compress(bytes) {
      const pieces: Buffer[] = [snappyJavaHeader];
      for (let start = 0; start < bytes.length; start += snappyBlockBytes) {
        const piece = await block(bytes.subarray(start, start + snappyBlockBytes));
        pieces.push(int32(piece.length), piece);
      }
      return Buffer.concat(pieces);
    },
    async decompress(bytes) {
      if (!bytes.subarray(0, 8).equals(snappyJavaHeader.subarray(0, 8))) return unblock(bytes);
      const pieces: Buffer[] = [];
      for (let start = snappyJavaHeader.length; start < bytes.length;) {
        const length = bytes.readInt32BE(start);
        pieces.push(await unblock(bytes.subarray(start + 4, start + 4 + length)));
        start += 4 + length;
      }
      return Buffer.concat(pieces);
    },
  };
}

/** Magic, version 1, compatible with version 1; then each block: its length, big-endian, and a bare Snappy block. */
const snappyJavaHeader = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1]);
const snappyBlockBytes = 64 * 1024;

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

async function optional<T>(name: Compression, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    throw new RainbowError(
      'KAFKA_COMPRESSION',
      `kafka.compression: ${name} has no build for this platform (${process.platform} ${process.arch}): choose gzip`,
      { cause: error },
    );
  }
}
