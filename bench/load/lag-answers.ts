import { CLUSTER, GROUP_DIGITS, groupName, type LoadOptions } from './load-options.ts';
import { writeNumber, writePadded } from './number-field.ts';

const OFFSET_DIGITS = 10;
const TIMESTAMP_DIGITS = 13;
const LAG_DIGITS = 7;
const TOPICS = 10;
/** In so many orders partitions are listed; whoever counts on the order of the answer before must lose by it. */
const ORDERS = 8;
/** A lag at the time of a commit; the lag now is always more. */
const COMMITTED_LAG_RECORDS = 100;
/** Far enough from a power of ten for every answer of a run to have as many digits as the first. */
const FIRST_LAG_RECORDS = 2_000_000;
const LAG_GROWTH_RECORDS = 37;
const CONSUMED_RECORDS = 211;

/** A number that differs from answer to answer: where it stands, and what it is in round 0. */
interface Field {
  readonly end: number;
  readonly width: number;
  readonly first: number;
  readonly growth: number;
  /** The answer's time is added to it. */
  readonly isTime: boolean;
}

/**
 * `/v3/kafka/{cluster}/consumer/{group}/lag` of any group and round, as bytes. Answers differ in numbers of fixed
 * width only, so one is made by copying a pattern and writing digits, which costs less than sending it.
 */
export interface LagAnswers {
  /** @param round how many answers the group has had before; offsets and lags grow with it */
  make(group: number, round: number, nowMs: number): Buffer;
  readonly bytes: number;
}

/** The same options and times always give the same bytes. */
export function createLagAnswers(options: LoadOptions, startedAtMs: number): LagAnswers {
  const lags = Array.from({ length: options.partitions }, (_, place) => firstLag(place, options));
  const patterns = Array.from({ length: ORDERS }, (_, variant) => {
    const pattern = new Pattern();
    writePattern(pattern, options, lags, startedAtMs, variant);
    const { text, fields, groupNumbers } = pattern;
    return { master: Buffer.from(text, 'latin1'), fields, groupNumbers };
  });
  return {
    bytes: patterns[0]?.master.length ?? 0,
    make(group, round, nowMs) {
      const pattern = patterns[(group + round) % ORDERS];
      if (pattern === undefined) throw new RangeError(`no answer for round ${round} of group ${group}`);
      const answer = Buffer.allocUnsafeSlow(pattern.master.length);
      pattern.master.copy(answer);
      for (const end of pattern.groupNumbers) writePadded(answer, end, GROUP_DIGITS, group);
      for (const { end, width, first, growth, isTime } of pattern.fields) {
        writeNumber(answer, end, width, first + growth * round + (isTime ? nowMs : 0));
      }
      return answer;
    },
  };
}

function firstLag(place: number, { lagging }: LoadOptions): number {
  const isLagging = lagging === 'all' || (lagging === 'tenth' && place % 10 === 0);
  return isLagging ? FIRST_LAG_RECORDS + ((place * 7919) % 99_991) : 0;
}

/** The text of an answer while it is put together, and where its numbers stand. */
class Pattern {
  text = '';
  readonly fields: Field[] = [];
  readonly groupNumbers: number[] = [];

  /** `#` stands for the number of the group. */
  add(text: string): this {
    for (const [index, piece] of text.split('#').entries()) {
      if (index > 0) {
        this.text += '0'.repeat(GROUP_DIGITS);
        this.groupNumbers.push(this.text.length);
      }
      this.text += piece;
    }
    return this;
  }

  addNumber(first: number, width: number, growth: number, isTime = false): this {
    this.text += isTime ? '0'.repeat(width) : String(first);
    if (growth > 0 || isTime) this.fields.push({ end: this.text.length, width, first, growth, isTime });
    return this;
  }
}

function writePattern(
  pattern: Pattern,
  options: LoadOptions,
  lags: readonly number[],
  startedAtMs: number,
  variant: number,
): void {
  const total = lags.reduce((sum, lag) => sum + lag, 0);
  const lagging = lags.filter((lag) => lag > 0).length;
  const worst = lags.indexOf(Math.max(...lags));
  const group = groupName(0).replace(/\d+$/u, '#');
  const status = lagging > 0 ? 'WARN' : 'OK';

  pattern.add(`{"error":false,"message":"consumer status returned","status":{"cluster":"${CLUSTER}",`);
  pattern.add(`"group":"${group}","status":"${status}","complete":1,"partitions":[`);
  for (const [index, place] of burrowOrder(options.partitions, variant).entries()) {
    if (index > 0) pattern.add(',');
    writePartition(pattern, place, lags[place] ?? 0, options, startedAtMs);
  }
  pattern.add(`],"partition_count":${options.partitions},"maxlag":`);
  writePartition(pattern, worst, lags[worst] ?? 0, options, startedAtMs);
  pattern.add(',"totallag":');
  if (lagging === 0) pattern.add('0');
  else pattern.addNumber(total, String(total).length, LAG_GROWTH_RECORDS * lagging);
  const url = `/v3/kafka/${CLUSTER}/consumer/${group}/lag`;
  pattern.add(`},"request":{"url":"${url}","host":"burrow-0"}}`);
}

/** As Burrow lists partitions: topics in the order of a Go map, another one each time; the ids of each ascending. */
function burrowOrder(partitions: number, variant: number): readonly number[] {
  const rank = (place: number): number => Math.imul((place % TOPICS) + 1, 0x9e3779b1 + 2 * variant) >>> 0;
  return Array.from({ length: partitions }, (_, place) => place).sort((a, b) => rank(a) - rank(b) || a - b);
}

function writePartition(
  pattern: Pattern,
  place: number,
  lag: number,
  options: LoadOptions,
  startedAtMs: number,
): void {
  const topic = `payments.events.#.${place % TOPICS}`;
  const host = `/10.20.${place % 7}.${place % 199}`;
  pattern.add(`{"topic":"${topic}","partition":${Math.floor(place / TOPICS)},"owner":"${host}",`);
  pattern.add(`"client_id":"consumer-#-${place % 9}","status":"${lag > 0 ? 'WARN' : 'OK'}","start":`);
  writeCommit(pattern, place, -100_000, lag, options, startedAtMs);
  pattern.add(',"end":');
  writeCommit(pattern, place, 0, lag, options, startedAtMs);
  pattern.add(',"current_lag":');
  if (lag === 0) pattern.add('0');
  else pattern.addNumber(lag, LAG_DIGITS, LAG_GROWTH_RECORDS);
  pattern.add(',"complete":1}');
}

function writeCommit(
  pattern: Pattern,
  place: number,
  ageOffset: number,
  lag: number,
  { commits }: LoadOptions,
  startedAtMs: number,
): void {
  const isMoving = commits === 'moving';
  const ageMs = ageOffset === 0 ? 2000 + place : 92_000 + place;
  const atMs = isMoving ? -ageMs : startedAtMs - ageMs;
  const offset = 3_000_000_000 + place * 1_000_003 + ageOffset;
  pattern.add('{"offset":').addNumber(offset, OFFSET_DIGITS, isMoving ? CONSUMED_RECORDS : 0);
  pattern.add(',"timestamp":').addNumber(atMs, TIMESTAMP_DIGITS, 0, isMoving);
  pattern.add(',"observedAt":').addNumber(atMs + 7, TIMESTAMP_DIGITS, 0, isMoving);
  pattern.add(`,"lag":${lag > 0 ? COMMITTED_LAG_RECORDS : 0}}`);
}
