import type { Clock } from '../platform/clock.ts';
import { answerFor } from './answer.ts';
import type { AnswerSource } from './burrow-http.ts';
import { seededRandom } from './random.ts';
import { type BurrowWorld, warmingUp } from './world.ts';

/** Answers from the world as it is at the moment of each request; the seed decides the order of lists. */
export function answersFrom(
  worldAt: (nowMs: number) => BurrowWorld,
  clock: Clock,
  seed: number,
): AnswerSource {
  const random = seededRandom(seed);
  return (method, path, condition) => {
    const nowMs = clock.nowMs();
    const isReady = condition === 'normal';
    const world = isReady ? worldAt(nowMs) : warmingUp(worldAt(nowMs));
    return answerFor(method, path, { world, nowMs, random, isReady });
  };
}
