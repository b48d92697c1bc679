import { setup, stateIn } from 'xstate';

/**
 * What a sample means to one series.
 *
 * - `CHANGED`, `UNCHANGED`: the series has a value that counts, other than or the same as the one before.
 *   For a lag or a rate that is any value above the tolerance; totals and maxima exist as long as their group
 *   does, so for them every known value counts, 0 too.
 * - `ZERO`: the value is 0, and more zeroes are wanted before the span ends.
 * - `LAST_ZERO`: the value is 0 for the last time that `confirmZero` asks for.
 * - `GONE`: what the series is about is no more, or the sidecar stops.
 * - `UNKNOWN`: the poll failed or Burrow does not know.
 * - `RESUMED`: a former process left the span open.
 * - `DOUBTED`: the same, but it died while the span's first records were under way.
 */
export type TwinEvent =
  | { readonly type: 'CHANGED' }
  | { readonly type: 'UNCHANGED' }
  | { readonly type: 'ZERO' }
  | { readonly type: 'LAST_ZERO' }
  | { readonly type: 'GONE' }
  | { readonly type: 'UNKNOWN' }
  | { readonly type: 'RESUMED' }
  | { readonly type: 'DOUBTED' };

export const TWIN_EVENTS = [
  'CHANGED',
  'UNCHANGED',
  'ZERO',
  'LAST_ZERO',
  'GONE',
  'UNKNOWN',
  'RESUMED',
  'DOUBTED',
] as const;

/** What a transition asks to be done, in this order. `emitZeroEnd` is stamped with the noted first zero. */
export const TWIN_ACTIONS = ['emitZeroStart', 'emitValue', 'noteFirstZero', 'emitZeroEnd'] as const;

const startSpan = { target: 'open', actions: ['emitZeroStart', 'emitValue'] } as const;
const resumeSpan = { target: 'open', actions: ['emitValue'] } as const;
const endSpan = {
  ZERO: { target: 'ending', actions: ['noteFirstZero'] },
  LAST_ZERO: { target: 'closed', actions: ['noteFirstZero', 'emitZeroEnd'] },
  GONE: { target: 'closed', actions: ['noteFirstZero', 'emitZeroEnd'] },
} as const;
const confirmEnd = {
  LAST_ZERO: { target: 'closed', actions: ['emitZeroEnd'] },
  GONE: { target: 'closed', actions: ['emitZeroEnd'] },
} as const;
const send = { target: 'fresh', guard: 'spanIsOpen', actions: ['emitValue'] } as const;

/**
 * The twin machine: one region decides whether the series exists for the reader, its twin whether a sample is
 * worth sending. This declaration is the specification and the only place to edit; what runs is the table that
 * {@link compileTwinTable} makes of it. Paste it into Stately's visualiser to see it.
 */
export const twinMachine = setup({
  types: { events: {} as TwinEvent },
  actions: { emitZeroStart: () => {}, emitValue: () => {}, noteFirstZero: () => {}, emitZeroEnd: () => {} },
  guards: { spanIsOpen: stateIn({ span: 'open' }) },
}).createMachine({
  id: 'twin',
  type: 'parallel',
  states: {
    span: {
      initial: 'closed',
      states: {
        closed: {
          on: { CHANGED: startSpan, UNCHANGED: startSpan, RESUMED: 'open', DOUBTED: 'doubtful' },
        },
        // Whether the zero-start has arrived is not known. Sent again it does no harm, and a zero-end is owed in any case.
        doubtful: {
          on: {
            ...endSpan,
            CHANGED: startSpan,
            UNCHANGED: startSpan,
            ZERO: { target: 'doubtfulEnding', actions: ['noteFirstZero'] },
          },
        },
        doubtfulEnding: {
          on: { ...confirmEnd, CHANGED: startSpan, UNCHANGED: startSpan },
        },
        open: {
          on: endSpan,
        },
        ending: {
          on: { ...confirmEnd, CHANGED: resumeSpan, UNCHANGED: resumeSpan },
        },
      },
    },
    cadence: {
      initial: 'fresh',
      states: {
        fresh: {
          on: { CHANGED: send, UNCHANGED: { target: 'held', guard: 'spanIsOpen' } },
        },
        held: {
          on: { CHANGED: send, UNCHANGED: send, ZERO: 'fresh', LAST_ZERO: 'fresh', GONE: 'fresh' },
        },
      },
    },
  },
});
