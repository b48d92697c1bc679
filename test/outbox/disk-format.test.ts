import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeChunk, encodeChunk } from '../../src/outbox/disk-format.ts';
import { createMemoryDisk } from '../store/memory-store.ts';
import { openDisk } from './disk-harness.ts';
import { linesOf, sampleOf } from './sample-of.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 30 }).map((any) => any.replaceAll('\n', '_'));
const spans = fc.record({
  key: text,
  open: fc.option(text),
  doubted: fc.option(text),
  opened: fc.option(text),
  closed: fc.option(text),
});
const place = fc.record({ store: text, life: fc.nat(), index: fc.nat() });
const waiting = fc
  .record({
    key: text,
    lines: fc.array(text, { minLength: 1, maxLength: 8 }),
    takenAtMs: fc.nat(),
    offeredMs: fc.nat(),
    /** Whether units hold several records each. */
    several: fc.boolean(),
    change: fc.option(spans),
    at: fc.option(place),
  })
  .map(({ key, lines, takenAtMs, offeredMs, several, change, at }) => ({
    sample: {
      ...sampleOf(key, lines, takenAtMs),
      ...(several && {
        unitRecords: Uint32Array.from(lines, (line) => line.length),
        recordCount: lines.join('').length,
      }),
      ...(change !== null && { spans: change }),
      ...(at !== null && { place: at }),
    },
    offeredMs,
  }));

describe('given a sample whose units are no lines', () => {
  const bytes = Buffer.from([0x0a, 0x00, 0x0a, 0xff, 0x0a, 0x01]);
  const sample = { ...sampleOf('c/g', ['']), bytes, unitEnds: Uint32Array.of(1, 5, 6), recordCount: 3 };

  test('when it is read back, then its units end where they did', () => {
    const [read] = decodeChunk(encodeChunk([{ sample, offeredMs: 1 }])) ?? [];
    expect(read?.sample).toEqual(sample);
  });
});

describe('given a chunk of a version that did not write where units end', () => {
  test('when it is read, then each line is a unit and a record', () => {
    const { bytes, bounds } = sampleOf('c/g', ['0 start', 'grüße 5', '0 end']);
    const head = Buffer.from(JSON.stringify(['c/g', 'c', 42, 43, bounds, null, null]));
    const lengths = Buffer.alloc(8);
    lengths.writeUInt32LE(head.length, 0);
    lengths.writeUInt32LE(bytes.length, 4);
    const body = Buffer.concat([lengths, head, bytes]);
    const sum = Buffer.alloc(4);
    sum.writeUInt32LE(crc32(body), 0);
    expect(decodeChunk(Buffer.concat([sum, body]))).toEqual([
      { sample: sampleOf('c/g', ['0 start', 'grüße 5', '0 end'], 42), offeredMs: 43 },
    ]);
  });
});

describe('given any samples', () => {
  test('when a chunk of them is read back, then they are the same', () => {
    fc.assert(
      fc.property(fc.array(waiting, { maxLength: 10 }), (samples) => {
        expect(decodeChunk(encodeChunk(samples))).toEqual(samples);
      }),
    );
  });

  test('when a single bit of the chunk has turned, then none of it is believed', () => {
    fc.assert(
      fc.property(fc.array(waiting, { minLength: 1, maxLength: 3 }), fc.nat(), (samples, place) => {
        const chunk = encodeChunk(samples);
        const at = place % (chunk.length * 8);
        chunk[at >> 3] = chunk[at >> 3]! ^ (1 << (at & 7));
        expect(decodeChunk(chunk)).toBeNull();
      }),
    );
  });

  test('when the chunk is cut short, then none of it is believed', () => {
    fc.assert(
      fc.property(fc.array(waiting, { minLength: 1, maxLength: 3 }), fc.nat(), (samples, place) => {
        const chunk = encodeChunk(samples);
        expect(decodeChunk(chunk.subarray(0, place % chunk.length))).toBeNull();
      }),
    );
  });
});

/** What version 1 has written: a chunk that was folded, one that was reduced, and two whole ones, in a first life. */
const VERSION_1 = {
  note: '{"samples":6,"records":8}',
  entries: {
    meta: 'VMmijnsiaWQiOiIzNjBhMDU5Ni01NGQyLTRmZTgtYmI3OC1jYWM3MGViYzdlZWYiLCJsaXZlcyI6MSwibmV4dFNlcmlhbCI6N30=',
    'spans/c/g':
      'RW58G3sic2VyaWFsIjo0LCJvcGVuIjpudWxsLCJkb3VidGVkIjpudWxsLCJwbGFjZSI6eyJzdG9yZSI6IjM2MGEwNTk2LTU0ZDItNGZlOC1iYjc4LWNhYzcwZWJjN2VlZiIsImxpZmUiOjEsImluZGV4Ijo0fX0=',
    'chunk/00000000000003':
      '6PdkhrIAAAApAAAAWyJjL2ciLCJjIiwxNzAwMDAwMDYwMDAwLDE3MDAwMDAwNjAwMDUsWzBdLHsia2V5IjoiYy9nIiwib3BlbiI6ImEiLCJkb3VidGVkIjpudWxsLCJvcGVuZWQiOiJhIiwiY2xvc2VkIjpudWxsfSx7InN0b3JlIjoiMzYwYTA1OTYtNTRkMi00ZmU4LWJiNzgtY2FjNzBlYmM3ZWVmIiwibGlmZSI6MSwiaW5kZXgiOjF9XWJ1cnJvdy5jLmcuYS5MYWcgMCAxNzAwMDAwMDMwIHNvdXJjZT0icyIKzAAAACkAAABbImMvZyIsImMiLDE3MDAwMDAxNTAwMDAsMTcwMDAwMDE1MDAwNSxbMF0seyJrZXkiOiJjL2ciLCJvcGVuIjoiYiIsImRvdWJ0ZWQiOm51bGwsIm9wZW5lZCI6ImIiLCJjbG9zZWQiOm51bGwsImFzIjoie1wic291cmNlXCI6XCJzXCJ9In0seyJzdG9yZSI6IjM2MGEwNTk2LTU0ZDItNGZlOC1iYjc4LWNhYzcwZWJjN2VlZiIsImxpZmUiOjEsImluZGV4IjoyfV1idXJyb3cuYy5nLmEuTGFnIDAgMTcwMDAwMDE1MCBzb3VyY2U9InMiCrIAAAApAAAAWyJjL2giLCJjIiwxNzAwMDAwMjEwMDAwLDE3MDAwMDAyMTAwMDUsWzBdLHsia2V5IjoiYy9oIiwib3BlbiI6ImgiLCJkb3VidGVkIjpudWxsLCJvcGVuZWQiOiJoIiwiY2xvc2VkIjpudWxsfSx7InN0b3JlIjoiMzYwYTA1OTYtNTRkMi00ZmU4LWJiNzgtY2FjNzBlYmM3ZWVmIiwibGlmZSI6MSwiaW5kZXgiOjN9XWJ1cnJvdy5jLmcuaC5MYWcgMCAxNzAwMDAwMTgwIHNvdXJjZT0icyIK',
    'facts/00000000000003':
      'yxGAsHsic2VyaWFsIjozLCJzYW1wbGVzIjozLCJyZWNvcmRzIjozLCJieXRlcyI6NzExLCJvbGRlc3RPZmZlcmVkTXMiOjE3MDAwMDAwNjAwMDUsImZyb20iOjEsImJvdW5kc09ubHkiOnRydWV9',
    'spans/c/h':
      'YPznfnsic2VyaWFsIjo2LCJvcGVuIjpudWxsLCJkb3VidGVkIjpudWxsLCJwbGFjZSI6eyJzdG9yZSI6IjM2MGEwNTk2LTU0ZDItNGZlOC1iYjc4LWNhYzcwZWJjN2VlZiIsImxpZmUiOjEsImluZGV4Ijo2fX0=',
    'chunk/00000000000004':
      'JxC2hLQAAAApAAAAWyJjL2ciLCJjIiwxNzAwMDAwMjcwMDAwLDE3MDAwMDAyNzAwMDUsWzBdLHsia2V5IjoiYy9nIiwib3BlbiI6bnVsbCwiZG91YnRlZCI6bnVsbCwib3BlbmVkIjpudWxsLCJjbG9zZWQiOm51bGx9LHsic3RvcmUiOiIzNjBhMDU5Ni01NGQyLTRmZTgtYmI3OC1jYWM3MGViYzdlZWYiLCJsaWZlIjoxLCJpbmRleCI6NH1dYnVycm93LmMuZy5jLkxhZyAwIDE3MDAwMDAyNzAgc291cmNlPSJzIgo=',
    'facts/00000000000004':
      'LcqP33sic2VyaWFsIjo0LCJzYW1wbGVzIjoxLCJyZWNvcmRzIjoxLCJieXRlcyI6MjMzLCJvbGRlc3RPZmZlcmVkTXMiOjE3MDAwMDAyNzAwMDUsImJvdW5kc09ubHkiOnRydWV9',
    'chunk/00000000000005':
      'VTm2cnQAAAC6AgAAWyJjL8OpIiwiYyIsMTcwMDAwMDMzMDAwMCwxNzAwMDAwMzMwMDA1LFtdLG51bGwseyJzdG9yZSI6IjM2MGEwNTk2LTU0ZDItNGZlOC1iYjc4LWNhYzcwZWJjN2VlZiIsImxpZmUiOjEsImluZGV4Ijo1fV1idXJyb3cuYy5nLmQuTGFnIDk5IDE3MDAwMDAzMDAgc291cmNlPSJzIiBwYWQ9InBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcCIKYnVycm93LmMuZy5kLkxhZyA5OSAxNzAwMDAwMzMwIHNvdXJjZT0icyIgcGFkPSJwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHAiCg==',
    'facts/00000000000005':
      'I3aflXsic2VyaWFsIjo1LCJzYW1wbGVzIjoxLCJyZWNvcmRzIjoyLCJieXRlcyI6ODI2LCJvbGRlc3RPZmZlcmVkTXMiOjE3MDAwMDAzMzAwMDUsImJvdW5kc09ubHkiOmZhbHNlfQ==',
    'chunk/00000000000006':
      '9vP627QAAACGAQAAWyJjL2giLCJjIiwxNzAwMDAwMzkwMDAwLDE3MDAwMDAzOTAwMDUsWzFdLHsia2V5IjoiYy9oIiwib3BlbiI6bnVsbCwiZG91YnRlZCI6bnVsbCwib3BlbmVkIjpudWxsLCJjbG9zZWQiOm51bGx9LHsic3RvcmUiOiIzNjBhMDU5Ni01NGQyLTRmZTgtYmI3OC1jYWM3MGViYzdlZWYiLCJsaWZlIjoxLCJpbmRleCI6Nn1dYnVycm93LmMuZy5oLkxhZyA5OSAxNzAwMDAwMzYwIHNvdXJjZT0icyIgcGFkPSJwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHAiCmJ1cnJvdy5jLmcuaC5MYWcgMCAxNzAwMDAwMzkwIHNvdXJjZT0icyIK',
    'facts/00000000000006':
      'WU2iynsic2VyaWFsIjo2LCJzYW1wbGVzIjoxLCJyZWNvcmRzIjoyLCJieXRlcyI6NTgyLCJvbGRlc3RPZmZlcmVkTXMiOjE3MDAwMDAzOTAwMDUsImJvdW5kc09ubHkiOmZhbHNlfQ==',
  },
};

describe('given a store as an earlier version has left it', () => {
  test('when it is opened, then all that it says is known, and all that waits in it is read', async () => {
    const disk = createMemoryDisk();
    disk.note = Buffer.from(VERSION_1.note);
    for (const [key, value] of Object.entries(VERSION_1.entries)) {
      disk.entries.set(key, Buffer.from(value, 'base64'));
    }
    const { opened, outbox, read, deliver, lost } = await openDisk(disk.open);
    const store = '360a0596-54d2-4fe8-bb78-cac70ebc7eef';
    expect(opened.contents).toMatchObject({
      meta: { id: store, lives: 2, nextSerial: 7 },
      stored: { samples: 6, records: 8 },
      missingChunks: 0,
    });
    expect(outbox.spansAtOpening()).toEqual(
      new Map([
        ['c/g', { open: null, doubted: null, place: { store, life: 1, index: 4 } }],
        ['c/h', { open: null, doubted: null, place: { store, life: 1, index: 6 } }],
      ]),
    );
    const samples: unknown[] = [];
    for (let done = await read(); done !== null; done = await read()) {
      for (const { sample, offeredMs } of done.read ?? []) {
        const { key, bounds, spans, place } = sample;
        const lines = linesOf(sample).map((line) => line.split(' ').slice(0, 3).join(' '));
        samples.push([place?.index, key, lines, bounds, spans?.open, spans?.as, offeredMs]);
      }
    }
    const g = 'burrow.c.g';
    const tags = JSON.stringify({ source: 's' });
    expect(samples).toEqual([
      [1, 'c/g', [`${g}.a.Lag 0 1700000030`], [0], 'a', undefined, 1_700_000_060_005],
      [2, 'c/g', [`${g}.a.Lag 0 1700000150`], [0], 'b', tags, 1_700_000_150_005],
      [3, 'c/h', [`${g}.h.Lag 0 1700000180`], [0], 'h', undefined, 1_700_000_210_005],
      [4, 'c/g', [`${g}.c.Lag 0 1700000270`], [0], null, undefined, 1_700_000_270_005],
      [
        5,
        'c/é',
        [`${g}.d.Lag 99 1700000300`, `${g}.d.Lag 99 1700000330`],
        [],
        undefined,
        undefined,
        1_700_000_330_005,
      ],
      [
        6,
        'c/h',
        [`${g}.h.Lag 99 1700000360`, `${g}.h.Lag 0 1700000390`],
        [1],
        null,
        undefined,
        1_700_000_390_005,
      ],
    ]);
    expect(lost).toEqual([]);
    await deliver(6);
    expect([...disk.entries.keys()]).toEqual(['meta']);
  });
});
