import { systemClock } from '../../../src/platform/clock.ts';
import { createFaultyBurrow, type FaultyBurrow } from '../../support/burrow/faulty-burrow.ts';
import { createScriptedWorld, type ScriptedWorld } from '../../support/burrow/scripted-world.ts';
import { answersFrom } from '../../../src/simulator/answer.ts';
import { pollUntil } from '../../stack/poll-until.ts';
import type { Cleanup } from '../../integration/support/sidecar-process.ts';

/** The cluster that it tells of. */
export const CLUSTER = 'prod';

/** A Burrow over HTTP, no two of whose answers about a group say the same total lag. */
export interface TickingBurrow extends FaultyBurrow {
  readonly groups: readonly string[];
  /** For what a case wants beside the groups. */
  readonly world: ScriptedWorld;
  /** The total lags told so far, by group: each is a sample of its own, to be found in the topic. */
  answered(group: string): readonly number[];
  /** Answers that said the same as the one before, because they were asked for too soon after it. */
  repeats(): number;
  /** Answers 503 from here on; resolves when each group has met with that, so that every answer before is taken. */
  pause(): Promise<void>;
  resume(): void;
}

const TOPIC = 'orders';
/** Of the partition that comes and goes. */
const BLINK_RECORDS = 1_000_000;
/** In so many rounds it lags in so many, so that spans begin and end all the time. */
const BLINK = { rounds: 7, lagging: 4 };
/** Two answers within one second may become one sample: stamps are whole seconds. */
const APART_MS = 1500;
const LAG_PATH = new RegExp(`^/v3/kafka/${CLUSTER}/consumer/([^/]+)/lag$`);

/**
 * Starts one with so many groups (default 20) of three partitions: one whose lag rises with every answer, one that
 * lags always by the same, and one that lags for some answers and has none for others. It has no topics, whose samples
 * the sidecar counts with those of groups.
 *
 * To be polled every two seconds.
 */
export async function startTickingBurrow(
  cleanup: Cleanup,
  options: { readonly groups?: number; readonly port?: number } = {},
): Promise<TickingBurrow> {
  const groups = Array.from({ length: options.groups ?? 20 }, (_, index) => `group-${index}`);
  const { script, at } = createScriptedWorld();
  const told = new Map(groups.map((group) => [group, { round: 0, atMs: -Infinity, totals: [] as number[] }]));
  let repeats = 0;
  for (const [index, group] of groups.entries()) script.setLag(CLUSTER, group, TOPIC, 2, index + 1);

  /** Before each answer about it. */
  function tick(group: string, index: number): void {
    const state = told.get(group);
    if (state === undefined) return;
    if (performance.now() - state.atMs < APART_MS) {
      repeats += 1;
      return;
    }
    state.atMs = performance.now();
    state.round += 1;
    const rising = 1000 + state.round;
    const blinking = (state.round + index) % BLINK.rounds < BLINK.lagging ? BLINK_RECORDS : 0;
    script.setLag(CLUSTER, group, TOPIC, 0, { lagRecords: rising, endOffset: 5000 + 10 * state.round });
    script.setLag(CLUSTER, group, TOPIC, 1, { lagRecords: blinking, endOffset: 5000 + 10 * state.round });
    state.totals.push(rising + blinking + index + 1);
  }

  const truth = answersFrom(at, systemClock, 1);
  const burrow = createFaultyBurrow(
    {
      answer(method, path, condition) {
        const group = LAG_PATH.exec(path)?.[1];
        if (group !== undefined && condition === 'normal') tick(group, groups.indexOf(group));
        return truth(method, path, condition);
      },
    },
    { port: options.port ?? 0 },
  );
  await burrow.start(new AbortController().signal);
  cleanup(() => burrow.stop(AbortSignal.abort()));
  const asksFor = (group: string): number => burrow.requests.of(`/v3/kafka/${CLUSTER}/consumer/${group}/lag`);

  return {
    name: burrow.name,
    faults: burrow.faults,
    requests: burrow.requests,
    get url() {
      return burrow.url;
    },
    start: (signal) => burrow.start(signal),
    stop: (signal) => burrow.stop(signal),
    groups,
    world: script,
    answered: (group) => told.get(group)?.totals ?? [],
    repeats: () => repeats,
    async pause() {
      burrow.faults.set(`/v3/kafka/${CLUSTER}`, { kind: 'answer', status: 503, body: 'paused' });
      const before = groups.map(asksFor);
      await pollUntil(
        () => (groups.every((group, index) => asksFor(group) > (before[index] ?? 0)) ? true : undefined),
        { what: 'every group to be asked for once more', withinMs: 60_000 },
      );
    },
    resume: () => burrow.faults.clear(`/v3/kafka/${CLUSTER}`),
  };
}
