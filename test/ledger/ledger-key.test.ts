import { describe, expect, test } from 'vitest';
import {
  readLedgerKey,
  writeBeatKey,
  writeEndedKey,
  writeEntryKey,
  writeMarkKey,
  writeWriterKey,
} from '../../src/ledger/ledger-key.ts';

describe('given the keys of a ledger', () => {
  test.each(['group', 'topic', 'traffic'] as const)(
    'when one is of a %s, then it names whose spans its entry tells of',
    (about) => {
      const owner = { source: 'rainbow-1', about, cluster: 'prod', name: 'a "b"' };
      expect(writeEntryKey(owner)).toBe(`["rainbow-1","${about}","prod","a \\"b\\""]`);
      expect(readLedgerKey(writeEntryKey(owner))).toEqual({ holds: 'entry', owner });
    },
  );

  test.each([
    ['mark', writeMarkKey],
    ['beat', writeBeatKey],
    ['writer', writeWriterKey],
    ['ended', writeEndedKey],
  ])('when one is a %s, then it names its source', (holds, write) => {
    expect(write('rainbow-1')).toBe(`["rainbow-1","${holds}"]`);
    expect(readLedgerKey(write('rainbow-1'))).toEqual({ holds, source: 'rainbow-1' });
  });

  test.each([
    '',
    'rainbow-1',
    'null',
    '{}',
    '[]',
    '["rainbow-1"]',
    '["rainbow-1","other"]',
    '[1,"mark"]',
    '["rainbow-1","mark","prod"]',
    '["rainbow-1","group","prod"]',
    '["rainbow-1","group","prod","g","more"]',
    '["rainbow-1","group",1,"g"]',
    '["rainbow-1","group","prod",null]',
    '[null,"group","prod","g"]',
    '["rainbow-1","mark","prod","g"]',
  ])('when one is %s, then it is none of ours', (key) => {
    expect(readLedgerKey(key)).toBeNull();
  });
});
