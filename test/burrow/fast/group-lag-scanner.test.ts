import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { GroupLag } from '../../../src/burrow/answers.ts';
import { decodeGroupLag } from '../../../src/burrow/decode-group-lag.ts';
import { GroupLagScanner } from '../../../src/burrow/fast/group-lag-scanner.ts';
import { judgeAnswer } from '../../../src/burrow/judge-answer.ts';
import { copyReading } from '../../../src/series/sample.ts';
import { lagAnswer, partition } from '../burrow-bodies.ts';
import { RECORDED_VERSIONS, readRecordings } from '../recordings.ts';

const scanner = new GroupLagScanner();

function scan(text: string, cluster = 'prod', group = 'billing'): GroupLag | null {
  const scanned = scanner.scan(Buffer.from(text), cluster, group);
  if (scanned === null) return null;
  // A copy, since the next answer takes the memory of this one.
  const { release, ...lag } = scanned;
  const copy = {
    ...lag,
    partitions: lag.partitions.map((each) => ({ ...copyReading(each), status: each.status })),
  };
  release?.();
  return copy;
}

/** What the general decoder makes of the same bytes; null where it finds no good answer. */
function decode(text: string, cluster = 'prod', group = 'billing'): GroupLag | null {
  const outcome = judgeAnswer(200, Buffer.from(text).toString('utf8'), (json) =>
    decodeGroupLag(json, cluster, group),
  );
  return outcome.kind === 'ok' ? outcome.value : null;
}

const name = fc.oneof(
  fc.constantFrom('orders', '/10.0.0.7', '', 'worker-1', 'a b', 'x.y_z', ' ', '   '),
  fc.string({ unit: fc.constantFrom(...Array.from('abcdefghij -_./:=;<>&{}[],')), maxLength: 20 }),
);
const natural = fc.oneof(fc.nat(1000), fc.nat(), fc.maxSafeNat());
const commit = fc.option(
  fc.record({
    offset: natural,
    timestamp: natural,
    observedAt: natural,
    lag: fc.option(natural),
  }),
);
const complete = fc.constantFrom(0, 1, 0.5, 0.93333334, 1e-7);
const partitionStatus = fc.constantFrom('OK', 'OK', 'STOP', 'STALL', 'WARN', 'REWIND');
const partitions = fc.array(
  fc
    .tuple(name, fc.nat(2_147_483_647), name, name, commit, commit, natural, complete, partitionStatus)
    .map(([topic, id, owner, clientId, start, end, lag, share, status]) =>
      partition({
        topic,
        partition: id,
        owner,
        client_id: clientId,
        start,
        end,
        current_lag: lag,
        complete: share,
        status,
      }),
    ),
  { maxLength: 6 },
);
const answer = fc
  .tuple(partitions, fc.constantFrom('OK', 'WARN', 'ERR', 'STRANGE'), complete, natural, fc.boolean())
  .map(([list, status, share, total, hasMax]) =>
    JSON.stringify(
      lagAnswer(list, {
        status,
        complete: share,
        totallag: total,
        maxlag: hasMax ? (list[0] ?? null) : null,
      }),
    ),
  );

describe("given an answer in the form of Burrow's own code", () => {
  test('when it is scanned, then it says what the general decoder says', () => {
    fc.assert(
      fc.property(answer, (text) => {
        const scanned = scan(text);
        if (scanned !== null) expect(scanned).toEqual(decode(text));
        // Only numbers that may be unsafe are left to the general decoder.
        else expect(text).toMatch(/\d{16}/u);
      }),
      { numRuns: 500 },
    );
  });

  test('when any byte of it is changed, left out or doubled, then it is read right or not at all', () => {
    const edit = fc.record({
      at: fc.nat(),
      kind: fc.constantFrom('change', 'drop', 'double', 'cut'),
      to: fc.constantFrom(...Array.from('"\\{}[],:0123456789-+.eEnul x\n\u00e9')),
    });
    fc.assert(
      fc.property(answer, fc.array(edit, { minLength: 1, maxLength: 3 }), (original, edits) => {
        let text = original;
        for (const { at: somewhere, kind, to } of edits) {
          const at = somewhere % Math.max(1, text.length);
          if (kind === 'change') text = text.slice(0, at) + to + text.slice(at + 1);
          if (kind === 'drop') text = text.slice(0, at) + text.slice(at + 1);
          if (kind === 'double') text = text.slice(0, at) + text.slice(at).repeat(2);
          if (kind === 'cut') text = text.slice(0, at);
        }
        const scanned = scan(text);
        if (scanned !== null) expect(scanned).toEqual(decode(text));
      }),
      { numRuns: 3000 },
    );
  });

  test('when a later field says otherwise, then it is not read here', () => {
    const text = JSON.stringify(lagAnswer());
    const twice = text.replace('"request":{', '"status":{"status":"NOTFOUND"},"request":{');
    const after = `${text.slice(0, -1)},"status":{"status":"NOTFOUND"}}`;
    expect([scan(text) !== null, scan(twice), scan(after)]).toEqual([true, null, null]);
  });
});

describe('given what it does not read', () => {
  const good = JSON.stringify(lagAnswer());

  test.each([
    ['another group', good.replace('"group":"billing"', '"group":"others"')],
    ['a group that Burrow does not know', good.replace('"status":"OK"', '"status":"NOTFOUND"')],
    ['an error', good.replace('"error":false', '"error":true')],
    ['an escape', good.replace('"orders"', '"ord\\u0065rs"')],
    ['a letter beyond ASCII', good.replace('"orders"', '"ordérs"')],
    ['white space', good.replace(',', ', ')],
    ['a number below 0', good.replace('"offset":160', '"offset":-1')],
    ['a share that is no number', good.replace('"complete":1}', '"complete":e}')],
    ['a leading zero', good.replace('"offset":160', '"offset":0160')],
    ['an unsafe number', good.replace('"offset":160', '"offset":18446744073709551615')],
    ['a partition past 2^31', good.replace('"partition":0', '"partition":2147483648')],
    ['half of it', good.slice(0, good.length / 2)],
    ['nothing', ''],
    ['a very long name', good.replace('"orders"', `"${'o'.repeat(5000)}"`)],
  ])('when it is %s, then the general decoder is left the last word', (_, text) => {
    expect(scan(text)).toBeNull();
  });

  test('when a good answer comes next, then what was left behind does not matter', () => {
    expect(scan(good.slice(0, 200))).toBeNull();
    expect(scan(good)).toEqual(decode(good));
  });
});

describe.each(RECORDED_VERSIONS)('given what a real Burrow %s sent', (version) => {
  const recorded = [...readRecordings(version)].filter(([name]) => /^lag-(?!.*unknown)/u.test(name));

  test.each(recorded)('when %s is scanned, then it is read, and read right', (_name, { path, body }) => {
    const [, , , cluster = '', , group = ''] = path.split('/');
    const scanned = scan(body, cluster, group);
    expect(scanned).not.toBeNull();
    expect(scanned).toEqual(decode(body, cluster, group));
  });
});
