/** What a request to Burrow asks about: which names there are, one group, or one topic. */
export type RequestSubject = 'lists' | 'groups' | 'topics';

/** Why requests about a subject fail: the newest failure, milliseconds since the epoch. */
export interface Failure {
  readonly atMs: number;
  readonly reason: string;
}

/** How long a server has given no good answer where one was due, milliseconds; 0: none is missing. */
export interface Silence {
  readonly durationMs: number;
  /** What it is silent about; `all` where it gives no good answer at all. */
  readonly about: 'all' | 'groups' | 'topics';
}

/**
 * Tells a server that is silent from one that has nothing to say, and keeps apart what is asked about: a Burrow whose
 * evaluator hangs still lists its groups at once, but gives no sample, and one without any group is a healthy one.
 * Time is monotonic milliseconds, so that a system clock that is set makes no silence.
 */
export interface AnswerWatch {
  asked(subject: RequestSubject, nowMs: number): void;
  good(subject: RequestSubject, nowMs: number): void;
  bad(subject: RequestSubject, failure: Failure): void;
  /** What there is to ask about from now on. What is gone is missed no longer. */
  expect(subjects: { readonly groups: boolean; readonly topics: boolean }): void;
  /** The newest failure that no good answer about the same subject has followed; null: none. */
  failure(): Failure | null;
  /** Samples of groups are what counts where there are groups, else those of topics, else any answer. */
  silence(nowMs: number): Silence;
}

interface State {
  /** When it was first asked about after the newest good answer. */
  unansweredSinceMs: number | null;
  failure: Failure | null;
}

/** See {@link AnswerWatch}. */
export function createAnswerWatch(): AnswerWatch {
  const fresh = (): State => ({ unansweredSinceMs: null, failure: null });
  const states: { [subject in RequestSubject]: State } = { lists: fresh(), groups: fresh(), topics: fresh() };
  let sampled: 'groups' | 'topics' | null = null;
  /** The newest good answer about anything, or the first request of all. */
  let heardMs: number | null = null;

  return {
    asked(subject, nowMs) {
      heardMs ??= nowMs;
      states[subject].unansweredSinceMs ??= nowMs;
    },
    good(subject, nowMs) {
      heardMs = nowMs;
      states[subject].unansweredSinceMs = null;
      states[subject].failure = null;
    },
    bad(subject, failure) {
      states[subject].failure = failure;
    },
    expect({ groups, topics }) {
      sampled = groups ? 'groups' : topics ? 'topics' : null;
      if (!groups) states.groups = fresh();
      if (!topics) states.topics = fresh();
    },
    failure() {
      let newest: Failure | null = null;
      for (const { failure } of Object.values(states)) {
        if (failure !== null && failure.atMs >= (newest?.atMs ?? -Infinity)) newest = failure;
      }
      return newest;
    },
    silence(nowMs) {
      const all: Silence = { durationMs: heardMs === null ? 0 : nowMs - heardMs, about: 'all' };
      const sinceMs = sampled === null ? null : states[sampled].unansweredSinceMs;
      if (sampled === null || sinceMs === null || nowMs - sinceMs <= all.durationMs) return all;
      return { durationMs: nowMs - sinceMs, about: sampled };
    },
  };
}
