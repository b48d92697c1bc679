import type { TopicOffsets } from './answers.ts';
import {
  listOf,
  naturalOrNull,
  partitionListOf,
  stringOf,
  type IntegerTally,
  type JsonObject,
} from './json-shape.ts';

/**
 * The names in an answer that is a list of clusters, groups or topics: each once, in Burrow's order.
 * Throws `ShapeFault` where `field` is no list of strings.
 */
export function decodeNames(
  answer: JsonObject,
  field: 'clusters' | 'consumers' | 'topics',
): readonly string[] {
  const names = new Set<string>();
  let index = 0;
  for (const item of listOf(answer[field], field)) {
    names.add(stringOf(item, `${field}[${index}]`));
    index += 1;
  }
  return [...names];
}

/** The log-end offsets in an answer to `/v3/kafka/{cluster}/topic/{topic}`. Throws `ShapeFault` on a wrong shape. */
export function decodeTopicOffsets(answer: JsonObject): TopicOffsets {
  const tally: IntegerTally = { unsafeIntegers: 0 };
  const offsets: (number | null)[] = [];
  for (const item of partitionListOf(answer['offsets'], 'offsets')) {
    offsets.push(naturalOrNull(item, `offsets[${offsets.length}]`, tally));
  }
  return { offsets, unsafeIntegers: tally.unsafeIntegers };
}
