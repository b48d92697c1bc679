import { type Clock, type Scheduler, systemClock } from '../../../src/platform/clock.ts';
import { createFaultyBurrow, type FaultyBurrow } from './faulty-burrow.ts';
import { createScriptedWorld, type ScriptedWorld } from './scripted-world.ts';
import { answersFrom } from '../../../src/simulator/answer.ts';

export interface ScriptedBurrowDeps {
  /** For the time stamps of commits. Default: the system's. */
  readonly clock?: Clock;
  /** For answers that a fault delays. Default: the system's. */
  readonly scheduler?: Scheduler;
}

export interface ScriptedBurrowOptions {
  /** 0 (default) takes a free port. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** For the order of lists and the pick of `maxlag` among equals. Default 1. */
  readonly seed?: number;
}

/** A Burrow over HTTP whose world is written by hand. */
export interface ScriptedBurrow extends FaultyBurrow {
  readonly world: ScriptedWorld;
}

export function createScriptedBurrow(
  deps: ScriptedBurrowDeps = {},
  options: ScriptedBurrowOptions = {},
): ScriptedBurrow {
  const { clock = systemClock, ...others } = deps;
  const { seed = 1, ...address } = options;
  const { script, at } = createScriptedWorld();
  const server = createFaultyBurrow({ ...others, answer: answersFrom(at, clock, seed) }, address);
  return {
    name: server.name,
    world: script,
    faults: server.faults,
    requests: server.requests,
    get url() {
      return server.url;
    },
    start: (signal) => server.start(signal),
    stop: (signal) => server.stop(signal),
  };
}
