import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cureRecordEncoding, quickly } from '../../../src/sinks/kafka/record-encoding-cure.ts';

const require = createRequire(import.meta.url);
const path = require.resolve('kafkajs/src/protocol/recordBatch/record/v0/index.js');
const original = require(path) as Parameters<typeof quickly>[0];

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
  fc.integer({ min: 8_000, max: 20_000 }).map((length) => Buffer.alloc(length, 'x')),
  fc.constant(null),
);
const delta = fc.oneof(fc.nat(200), fc.nat(0x3fff_ffff), fc.constantFrom(0, 63, 64, 8191, 8192, 1_048_575));

describe('given the kafkajs that is installed', () => {
  test('when a record of bytes is encoded, then it is byte for byte what kafkajs makes of it', () => {
    const quick = quickly(() => {
      throw new Error('left to kafkajs');
    });
    fc.assert(
      fc.property(bytes, bytes, delta, delta, (key, value, offsetDelta, timestampDelta) => {
        const record = { key, value, offsetDelta, timestampDelta, partition: 3, timestamp: '1' };
        const { buf, buffer } = quick(record);
        expect(buffer.equals(original(record).buffer)).toBe(true);
        expect(buf).toBe(buffer);
      }),
    );
  });

  test.each([
    ['text', { key: Buffer.from('k'), value: 'text' }],
    ['headers', { key: Buffer.from('k'), value: Buffer.from('v'), headers: { a: 'b' } }],
    ['a time before the first', { key: null, value: null, timestampDelta: -5 }],
    ['a time long after the first', { key: null, value: null, timestampDelta: 2 ** 40 }],
  ])('when a record has %s, then it is left to kafkajs', (_what, record) => {
    expect(quickly(original)(record).buffer.equals(original(record).buffer)).toBe(true);
  });

  test('when the cure is applied, once or twice, then it finds its version and is what kafkajs will load', () => {
    expect([cureRecordEncoding(), cureRecordEncoding()]).toEqual([true, true]);
    expect(require(path)).not.toBe(original);
  });
});
