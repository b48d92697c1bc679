import type { LogLine } from '../../integration/support/sidecar-process.ts';

const BEGUN = /^The (?:sink|ledger of open spans) does not work; it is tried again$/;
const GOES_ON = /^The (?:sink|ledger of open spans) fails for another reason now$/;
const OVER = /^The (?:sink|ledger of open spans) works again$/;

/** Lines of the log that tell of faults of the destination, of the records or of the ledger. */
export function faultLinesOf(log: readonly LogLine[]): readonly LogLine[] {
  return log.filter(({ msg }) => [BEGUN, GOES_ON, OVER].some((pattern) => pattern.test(msg)));
}

/**
 * What is wrong with how faults were told, once they are over: each has one line at its beginning, with cause and
 * remedy, and one at its end, with what it cost, and is counted.
 *
 * @param counted the sidecar's own count of faults
 */
export function judgeTold(lines: readonly LogLine[], counted: number): readonly string[] {
  const wrong: string[] = [];
  const open = new Set<unknown>();
  for (const line of lines) {
    const { part, msg, reason } = line;
    const isOpen = open.has(part);
    if (OVER.test(msg)) {
      if (!isOpen) wrong.push(`ended, but had not begun: ${JSON.stringify(line)}`);
      const figures = [line['lastedSeconds'], line['waitingSamples'], line['droppedSamples']];
      if (figures.some((figure) => typeof figure !== 'number'))
        wrong.push(`no cost: ${JSON.stringify(line)}`);
      open.delete(part);
      continue;
    }
    if (isOpen === BEGUN.test(msg)) wrong.push(`out of turn: ${JSON.stringify(line)}`);
    if (!/: ./.test(String(reason)) && !/has just moved/.test(String(reason))) {
      wrong.push(`no remedy: ${JSON.stringify(line)}`);
    }
    open.add(part);
  }
  for (const part of open) wrong.push(`did not end: ${String(part)}`);
  const told = lines.filter(({ msg }) => !OVER.test(msg)).length;
  if (counted !== told) wrong.push(`counted ${counted}, told ${told}`);
  return wrong;
}
