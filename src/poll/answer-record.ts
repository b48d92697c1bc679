/** Why requests about a subject fail: the newest failure, milliseconds since the epoch. */
export interface Failure {
  readonly atMs: number;
  readonly reason: string;
}

/** How long a server has given no good answer where one was due, milliseconds; 0: none is missing. */
export interface Silence {
  readonly durationMs: number;
  /** What it is silent about; `all` where it gives no good answer at all. */
  readonly about: string;
}

/**
 * Tells a server that is silent from one that has nothing to say, and keeps apart what is asked about: `lists`, or the
 * plural of a followed kind. A Burrow whose evaluator hangs still lists its groups at once, but gives no sample, and one
 * without any group is healthy.
 * Time is monotonic milliseconds, so that a system clock that is set makes no silence.
 */
export interface AnswerRecord {
  asked(about: string, nowMs: number): void;
  good(about: string, nowMs: number): void;
  bad(about: string, failure: Failure): void;
  /** What there is to ask about from now on beside lists, the most important first. What is gone is missed no longer. */
  expect(subjects: readonly string[]): void;
  /** The newest failure that no good answer about the same subject has followed; null: none. */
  failure(): Failure | null;
  /** Samples of the most important subject are what counts; where there is none, any answer. */
  silence(nowMs: number): Silence;
}

/** What lists are asked about as. */
export const LISTS = 'lists';

interface State {
  /** When it was first asked about after the newest good answer. */
  unansweredSinceMs: number | null;
  failure: Failure | null;
}

/** See {@link AnswerRecord}. */
export function createAnswerRecord(): AnswerRecord {
  const states = new Map<string, State>();
  let mostImportant: string | null = null;
  /** The newest good answer about anything, or the first request of all. */
  let heardMs: number | null = null;

  function stateOf(about: string): State {
    let state = states.get(about);
    if (state === undefined) {
      state = { unansweredSinceMs: null, failure: null };
      states.set(about, state);
    }
    return state;
  }

  return {
    asked(about, nowMs) {
      heardMs ??= nowMs;
      stateOf(about).unansweredSinceMs ??= nowMs;
    },
    good(about, nowMs) {
      heardMs = nowMs;
      const state = stateOf(about);
      state.unansweredSinceMs = null;
      state.failure = null;
    },
    bad(about, failure) {
      stateOf(about).failure = failure;
    },
    expect(subjects) {
      mostImportant = subjects[0] ?? null;
      for (const about of states.keys()) {
        if (about !== LISTS && !subjects.includes(about)) states.delete(about);
      }
    },
    failure() {
      let newest: Failure | null = null;
      for (const { failure } of states.values()) {
        if (failure !== null && failure.atMs >= (newest?.atMs ?? -Infinity)) newest = failure;
      }
      return newest;
    },
    silence(nowMs) {
      const all: Silence = { durationMs: heardMs === null ? 0 : nowMs - heardMs, about: 'all' };
      const sinceMs = mostImportant === null ? null : (states.get(mostImportant)?.unansweredSinceMs ?? null);
      if (mostImportant === null || sinceMs === null || nowMs - sinceMs <= all.durationMs) return all;
      return { durationMs: nowMs - sinceMs, about: mostImportant };
    },
  };
}
