import kafkajs from 'kafkajs';
import { describe, expect, test } from 'vitest';
import { loadCodec } from '../../../src/kafka/messages/kafka-codec.ts';
import type { Compression } from '../../../src/kafka/kafka-options.ts';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const hasZstd = major > 22 || (major === 22 && minor >= 15);
const all: readonly Compression[] = ['gzip', 'snappy', 'lz4', 'zstd'];

interface Codec {
  compress(encoder: { buffer: Buffer }): Promise<Buffer>;
  decompress(bytes: Buffer): Promise<Buffer>;
}

async function codecOf(compression: Compression): Promise<Codec> {
  const registry: Record<number, () => unknown> = kafkajs.CompressionCodecs;
  return registry[await loadCodec(compression)]?.() as Codec;
}

describe.each(all.filter((compression) => compression !== 'zstd' || hasZstd))('given %s', (compression) => {
  test('when much repetitive text is compressed, then it is smaller, and the same when it comes back', async () => {
    const codec = await codecOf(compression);
    const text = Buffer.from('burrow.cluster.group.totalLag 12345\n'.repeat(8000));
    const compressed = await codec.compress({ buffer: text });
    expect(compressed.length).toBeLessThan(text.length / 10);
    expect((await codec.decompress(compressed)).equals(text)).toBe(true);
  });

  test('when nothing is compressed, then nothing comes back', async () => {
    const codec = await codecOf(compression);
    const compressed = await codec.compress({ buffer: Buffer.alloc(0) });
    expect(await codec.decompress(compressed)).toHaveLength(0);
  });
});

describe.each((['gzip', 'zstd'] as const).filter((compression) => compression !== 'zstd' || hasZstd))(
  'given %s from a stranger',
  (compression) => {
    test('when a little becomes a hundred megabytes, then it is not read', async () => {
      const codec = await codecOf(compression);
      const bomb = await codec.compress({ buffer: Buffer.alloc(100_000_000) });
      await expect(codec.decompress(bomb)).rejects.toThrow(/larger than/);
    });
  },
);

test.skipIf(hasZstd)(
  'given a Node without zstd, when it is chosen, then the error says what to change',
  async () => {
    await expect(loadCodec('zstd')).rejects.toThrow(
      /kafka\.compression: zstd needs Node 22\.15 or newer.*choose gzip/,
    );
  },
);
