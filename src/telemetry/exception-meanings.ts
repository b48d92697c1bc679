import type { ExceptionKind } from './exceptions.ts';

/** One sentence about each kind: what happened, and whether to do something about it. */
export const EXCEPTION_MEANINGS: Readonly<Record<ExceptionKind, string>> = {
  burrowUnreachable:
    'A request to Burrow had no answer in time, no connection or a 5xx: see whether that Burrow runs and keeps up.',
  burrowInvalid: "An answer broke Burrow's contract and was left out: see what stands between us and Burrow.",
  unsafeInteger: 'Burrow named a number past 2^53, which JSON cannot carry exactly: it counts as unknown.',
  incompleteTopic:
    'The offsets of a topic were fewer than its partitions, as they are while Burrow starts: that sample was left out.',
  totalMismatch: "Burrow's total lag of a group was not the sum of its partitions: the sum was sent.",
  offsetRewind:
    'An offset went backwards, because a consumer was reset or a topic made anew: no rate is told for it this time.',
  unaddressableName:
    'A name has a slash or is far too long, so Burrow cannot be asked about it: only its notifier can tell.',
  ambiguousName:
    'Two names would look alike in records, where control characters cannot stand: one was left out.',
  nameShortened:
    'A name is longer than a tag of the wire format may be: records show its beginning and a hash of the whole.',
  notifierInvalid: "A webhook's body could not be understood: compare the notifier's templates with ours.",
  clockSetBack:
    'The system clock was set back: records go on from where they were, a tenth slower, until it has caught up.',
  samplesDropped:
    'Records were lost, since the outbox was full or the destination refused them: look at the sink, then at outbox.memory and outbox.disk.',
};
