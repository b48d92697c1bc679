import { fileURLToPath } from 'node:url';
import type { AcknowledgedRecords, LedgerTraffic, StandInBrokersAsk } from '../load/stand-in-brokers-asks.ts';
import { startChild, TYPESCRIPT } from '../measure/child.ts';
import type { Settings } from '../measure/measured-sidecar.ts';
import { recordsTopicSettings } from './records-topic.ts';

/** Stand-ins for brokers with an empty topic and an empty ledger, and the settings that lead there. */
export interface StandInTopic {
  readonly settings: Settings;
  acknowledged(): Promise<AcknowledgedRecords>;
  ledgerTraffic(): Promise<LedgerTraffic>;
  stop(): Promise<void>;
}

const SCRIPT = fileURLToPath(new URL('../load/stand-in-brokers.ts', import.meta.url));

/** Resolves when all of them listen; needs nothing to be installed. */
export async function startStandInTopic(brokers: number): Promise<StandInTopic> {
  const child = startChild<StandInBrokersAsk>({ args: [...TYPESCRIPT, SCRIPT, String(brokers)] });
  try {
    return {
      settings: recordsTopicSettings(await child.ask<readonly string[]>({ kind: 'addresses' })),
      acknowledged: () => child.ask({ kind: 'records' }),
      ledgerTraffic: () => child.ask({ kind: 'ledger' }),
      stop: () => child.stop(),
    };
  } catch (error) {
    await child.stop();
    throw error;
  }
}
