import { assertEvent, assign, enqueueActions, setup } from 'xstate';

/** How values of a series become records. */
export interface TwinRules {
  /**
   * `nonZero`: the span lasts while the value is above `zeroTolerance`.
   * `lifetime`: the span lasts as long as the subject lives, zeroes included.
   */
  readonly span: 'nonZero' | 'lifetime';
  /** How many more zeroes confirm the first one; 0 ends the span at once. 0 to 255. */
  readonly confirmZero: number;
  /** A value up to this counts as 0 for the span. */
  readonly zeroTolerance: number;
}

/** What a machine remembers. Times are whole epoch seconds. */
export interface TwinContext extends TwinRules {
  /** The value of the series' last record; null where that was a bound, and after a zero. */
  readonly lastValue: number | null;
  /** How many zeroes in a row there were since the last value. */
  readonly zeroes: number;
  /** When the first of these zeroes was, or when the series was gone. */
  readonly firstZeroSeconds: number;
  /** The series has no later record; 0 where it never had one. */
  readonly lastRecordSeconds: number;
}

/**
 * What can happen to a series.
 *
 * - `VALUE`: a sample has a value for it. `beforeSeconds` is the time of the sample before, or where it would have been.
 *   `alsoChanged`: something that its records say beside the value has changed. Samples' times strictly increase.
 * - `UNKNOWN`: the poll failed, or Burrow does not know the value.
 * - `GONE`: what the series is about does not exist any more, or the sidecar stops.
 * - `RECOVERED`: a former process has left the span open; comes before anything else. No record of that process is later
 *   than `lastRecordSeconds`.
 * - `DOUBTED`: the same, but whether the span's zero-start has arrived is not known.
 * - `ENDED_ELSEWHERE`: another process has ended the series with a zero.
 */
export type TwinEvent =
  | {
      readonly type: 'VALUE';
      readonly value: number;
      readonly alsoChanged: boolean;
      readonly nowSeconds: number;
      readonly beforeSeconds: number;
    }
  | { readonly type: 'UNKNOWN' }
  | { readonly type: 'GONE'; readonly nowSeconds: number }
  | { readonly type: 'RECOVERED'; readonly lastRecordSeconds: number }
  | { readonly type: 'DOUBTED'; readonly lastRecordSeconds: number }
  | { readonly type: 'ENDED_ELSEWHERE'; readonly timestampSeconds: number };

export const TWIN_EVENTS = [
  'VALUE',
  'UNKNOWN',
  'GONE',
  'RECOVERED',
  'DOUBTED',
  'ENDED_ELSEWHERE',
] as const satisfies readonly TwinEvent['type'][];

/** What the machine says: one record, or that the next one begins a span whose zero-start is already there. */
export type TwinOutput =
  | {
      readonly type: 'record';
      readonly kind: 'start' | 'value' | 'end';
      readonly value: number;
      readonly timestampSeconds: number;
    }
  | { readonly type: 'reopening' };

/** In the order in which a step does them. */
export const TWIN_ACTIONS = [
  'emitZeroStart',
  'reuseZeroEnd',
  'noteFirstZero',
  'countZero',
  'emitZeroEnd',
  'noteEndElsewhere',
  'noteRecovered',
  'emitValue',
] as const;

export const TWIN_GUARDS = ['isZero', 'isLastZero', 'isSame', 'hasZeroStart', 'hasNoLaterRecord'] as const;

const startSpan = [
  { guard: 'hasZeroStart', target: 'open', actions: ['reuseZeroEnd'] },
  { target: 'open', actions: ['emitZeroStart'] },
] as const;
const confirmZero = [
  { guard: 'isLastZero', target: 'closed', actions: ['emitZeroEnd'] },
  { guard: 'isZero', actions: ['countZero'] },
] as const;
const firstZeroEnds = {
  guard: 'isLastZero',
  target: 'closed',
  actions: ['noteFirstZero', 'emitZeroEnd'],
} as const;
const goneEnds = { target: 'closed', actions: ['noteFirstZero', 'emitZeroEnd'] } as const;
const goneConfirms = { target: 'closed', actions: ['emitZeroEnd'] } as const;
const endedElsewhere = {
  guard: 'hasNoLaterRecord',
  target: 'closed',
  actions: ['noteEndElsewhere'],
} as const;

/**
 * The twin machine: when the records of a series begin, repeat, end and begin again. This declaration is the whole
 * specification and the only place to edit. Its `span` decides whether the series exists for the reader and writes the
 * zeroes at both ends; its `cadence` decides whether a value is worth sending. Paste it into Stately's visualiser to
 * see it.
 *
 * What runs for each series is {@link Twins}: the table that is made of this declaration, and a few numbers. A test
 * compares the records of both over random histories.
 */
export const twinMachine = setup({
  types: {
    context: {} as TwinContext,
    events: {} as TwinEvent,
    emitted: {} as TwinOutput,
    input: {} as TwinRules,
  },
  guards: {
    /** The value counts as 0. */
    isZero: ({ context, event }) => countsAsZero(context, event),
    /** The value counts as 0, and before it there were as many zeroes as are to confirm the end. */
    isLastZero: ({ context, event }) => countsAsZero(context, event) && context.zeroes >= context.confirmZero,
    /** The series' last record says the same. */
    isSame: ({ context, event }) => {
      assertEvent(event, 'VALUE');
      return event.value === context.lastValue && !event.alsoChanged;
    },
    /** The zero that the series ended with is not earlier than the zero-start would be: it serves as both. */
    hasZeroStart: ({ context, event }) => {
      assertEvent(event, 'VALUE');
      return event.beforeSeconds <= context.lastRecordSeconds;
    },
    hasNoLaterRecord: ({ context, event }) => {
      assertEvent(event, 'ENDED_ELSEWHERE');
      return context.lastRecordSeconds <= event.timestampSeconds;
    },
  },
  actions: {
    /** A 0 at the sample before; a value always follows. */
    emitZeroStart: enqueueActions(({ event, enqueue }) => {
      assertEvent(event, 'VALUE');
      enqueue.emit({ type: 'record', kind: 'start', value: 0, timestampSeconds: event.beforeSeconds });
    }),
    reuseZeroEnd: enqueueActions(({ enqueue }) => {
      enqueue.emit({ type: 'reopening' });
    }),
    emitValue: enqueueActions(({ event, enqueue }) => {
      assertEvent(event, 'VALUE');
      const { value, nowSeconds } = event;
      enqueue.emit({ type: 'record', kind: 'value', value, timestampSeconds: nowSeconds });
      enqueue.assign({ lastValue: value, zeroes: 0, lastRecordSeconds: nowSeconds });
    }),
    noteFirstZero: assign(({ event }) => {
      assertEvent(event, ['VALUE', 'GONE']);
      return { lastValue: null, zeroes: 1, firstZeroSeconds: event.nowSeconds };
    }),
    countZero: assign(({ context }) => ({ zeroes: context.zeroes + 1 })),
    /** A 0 at the first zero, and in any case later than the last record. */
    emitZeroEnd: enqueueActions(({ context, enqueue }) => {
      const timestampSeconds = Math.max(context.firstZeroSeconds, context.lastRecordSeconds + 1);
      enqueue.emit({ type: 'record', kind: 'end', value: 0, timestampSeconds });
      enqueue.assign({ lastRecordSeconds: timestampSeconds });
    }),
    noteEndElsewhere: assign(({ event }) => {
      assertEvent(event, 'ENDED_ELSEWHERE');
      return { lastValue: null, lastRecordSeconds: event.timestampSeconds };
    }),
    noteRecovered: assign(({ event }) => {
      assertEvent(event, ['RECOVERED', 'DOUBTED']);
      return { lastRecordSeconds: event.lastRecordSeconds };
    }),
  },
}).createMachine({
  id: 'twin',
  context: ({ input: { span, confirmZero, zeroTolerance } }) => ({
    span,
    confirmZero,
    zeroTolerance,
    lastValue: null,
    zeroes: 0,
    firstZeroSeconds: 0,
    lastRecordSeconds: 0,
  }),
  type: 'parallel',
  states: {
    span: {
      initial: 'closed',
      states: {
        closed: {
          on: {
            VALUE: [{ guard: 'isZero' }, ...startSpan],
            RECOVERED: { target: 'open', actions: ['noteRecovered'] },
            DOUBTED: { target: 'doubtful', actions: ['noteRecovered'] },
          },
        },
        // The zero-start is sent again with the next value, which does no harm. A zero-end is sent in any case.
        doubtful: {
          on: {
            VALUE: [
              firstZeroEnds,
              { guard: 'isZero', target: 'doubtfulEnding', actions: ['noteFirstZero'] },
              ...startSpan,
            ],
            GONE: goneEnds,
            ENDED_ELSEWHERE: endedElsewhere,
          },
        },
        doubtfulEnding: {
          on: {
            VALUE: [...confirmZero, ...startSpan],
            GONE: goneConfirms,
            ENDED_ELSEWHERE: endedElsewhere,
          },
        },
        open: {
          on: {
            VALUE: [firstZeroEnds, { guard: 'isZero', target: 'ending', actions: ['noteFirstZero'] }],
            GONE: goneEnds,
            ENDED_ELSEWHERE: endedElsewhere,
          },
        },
        ending: {
          on: {
            VALUE: [...confirmZero, { target: 'open' }],
            GONE: goneConfirms,
            ENDED_ELSEWHERE: endedElsewhere,
          },
        },
      },
    },
    cadence: {
      initial: 'fresh',
      states: {
        fresh: {
          on: {
            VALUE: [{ guard: 'isZero' }, { guard: 'isSame', target: 'held' }, { actions: ['emitValue'] }],
          },
        },
        held: {
          on: {
            VALUE: [
              { guard: 'isZero', target: 'fresh' },
              { target: 'fresh', actions: ['emitValue'] },
            ],
            GONE: 'fresh',
            ENDED_ELSEWHERE: { guard: 'hasNoLaterRecord', target: 'fresh' },
          },
        },
      },
    },
  },
});

function countsAsZero({ span, zeroTolerance }: TwinRules, event: TwinEvent): boolean {
  assertEvent(event, 'VALUE');
  return span === 'nonZero' && event.value <= zeroTolerance;
}
