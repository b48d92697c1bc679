/**
 * A process of its own that measures the limit: JSON.parse of the very bytes that the stand-in serves, and nothing
 * else. Started by the runner with the load as its one argument; each ask runs one round.
 */
import { createLagAnswers } from '../load/lag-answers.ts';
import type { LoadOptions } from '../load/load-options.ts';
import { answerAsks } from './child-end.ts';
import type { LimitRound } from './limit-round.ts';

/** More than any cache holds, as answers are that come over a socket. */
const ANSWERS_BYTES = 32 * 1024 * 1024;
/** Long enough for the garbage of the round to be collected within it. */
const ROUND_BYTES = 64 * 1024 * 1024;

const load = JSON.parse(process.argv[2] ?? '') as LoadOptions;
const nowMs = Date.now();
const answers = createLagAnswers(load, nowMs);
const count = Math.max(1, Math.floor(ANSWERS_BYTES / answers.bytes));
const bodies = Array.from({ length: count }, (_, index) =>
  answers.make(index % load.groups, Math.floor(index / load.groups), nowMs),
);
const texts = bodies.map((body) => body.toString('utf8'));
const passes = Math.max(1, Math.round(ROUND_BYTES / (count * answers.bytes)));

/** CPU of the whole process, collecting garbage included, as the sidecar's is counted. */
function microsAPartition(pass: () => void): number {
  const before = process.cpuUsage();
  for (let index = 0; index < passes; index += 1) pass();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (passes * count * load.partitions);
}

let kept: unknown;
answerAsks((): LimitRound => {
  const round = {
    parseMicros: microsAPartition(() => {
      for (const text of texts) kept = JSON.parse(text);
    }),
    decodeAndParseMicros: microsAPartition(() => {
      for (const body of bodies) kept = JSON.parse(body.toString('utf8'));
    }),
    bytesAPartition: answers.bytes / load.partitions,
  };
  if (kept === undefined) throw new Error('nothing was parsed');
  return round;
});
