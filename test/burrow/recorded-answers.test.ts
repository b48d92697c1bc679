import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { GroupLag } from '../../src/burrow/answers.ts';
import { decodeGroupLag } from '../../src/burrow/decode-group-lag.ts';
import { decodeNames, decodeTopicOffsets } from '../../src/burrow/decode-lists.ts';
import { judgeAnswer } from '../../src/burrow/judge-answer.ts';
import type { JsonObject } from '../../src/burrow/json-shape.ts';
import type { Outcome } from '../../src/burrow/outcome.ts';

interface Recording {
  readonly path: string;
  readonly status: number;
  readonly body: string;
}

/** Whole answers recorded from a real Burrow 1.2.1. */
const folder = new URL('../stack/answers-1.2.1/', import.meta.url);
const recordings = readdirSync(folder).map((name): [string, Recording] => [
  name.replace('.json', ''),
  JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Recording,
]);

/** The decoder that the client uses for a path. */
function decoderFor(path: string): (answer: JsonObject) => unknown {
  const [, , , cluster = '', kind, name = '', detail] = path.split('/');
  if (kind === undefined) return (answer) => decodeNames(answer, 'clusters');
  if (detail !== undefined) return (answer) => decodeGroupLag(answer, cluster, name);
  if (name !== '') return decodeTopicOffsets;
  return (answer) => decodeNames(answer, kind === 'topic' ? 'topics' : 'consumers');
}

function judge(name: string): Outcome<unknown> {
  const found = recordings.find(([known]) => known === name)?.[1];
  if (found === undefined) throw new Error(`no recording of ${name}`);
  return judgeAnswer(found.status, found.body, decoderFor(found.path));
}

describe('given what a real Burrow 1.2.1 sent', () => {
  const asked = recordings
    .map(([name]) => name)
    .filter(
      (name) => /^(clusters|consumers|topic|topics|lag|status)\b/u.test(name) && !name.includes('unknown'),
    );

  test.each(asked)('when %s is judged, then it is a good answer', (name) => {
    expect(judge(name)).toMatchObject({ kind: 'ok' });
  });

  const unknown = recordings
    .map(([name]) => name)
    .filter((name) => /^(?!path|cluster-|consumer-).*unknown/u.test(name));

  test.each(unknown)('when %s is judged, then Burrow does not know it', (name) => {
    expect(judge(name)).toEqual({ kind: 'notFound' });
  });

  test.each(['path-unknown', 'admin-ready', 'path-trailing-slash', 'method-wrong'])(
    'when %s is judged, then it is no answer to build on',
    (name) => {
      expect(judge(name)).toMatchObject({ kind: 'invalid' });
    },
  );

  test('when a group lags, then its partitions have owners, offsets and lag, though no observedAt', () => {
    const outcome = judge('lag-owned') as Outcome<GroupLag>;
    if (outcome.kind !== 'ok') throw new Error(outcome.kind);
    expect(outcome.value.partitions[0]).toEqual({
      topic: 'letters',
      partition: 0,
      owner: '/127.0.0.1',
      clientId: '',
      startOffset: 2,
      startTimestampMs: 1795227011346,
      startLagRecords: 28,
      endOffset: 6,
      endTimestampMs: 1795227016247,
      endLagRecords: 64,
      currentLagRecords: 74,
    });
  });
});
