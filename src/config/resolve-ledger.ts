import { KAFKA_TOPIC } from '../sinks/kafka/kafka-settings.ts';
import { SINK_KINDS } from '../sinks/sink-kinds.ts';
import type { Configuration } from './configuration.ts';
import type { Judge } from './setting/judge.ts';
import type { Settings } from './schema.ts';

const TOPIC = ['ledger', 'topic'];
const PATH = ['ledger', 'path'];

/** Where open spans are remembered. Reports what the sink has no use for. */
export function resolveLedger(judge: Judge, settings: Settings): Configuration['ledger'] {
  const { ledger, sink, kafka, outbox } = settings;
  const none = { topic: '', path: '' };
  if (SINK_KINDS[sink.type].ledger === 'path') {
    if (ledger.topic !== undefined) {
      judge.report(TOPIC, `is not used by sink ${sink.type}`, 'set ledger.path instead', ['sink', 'type']);
    }
    if (!ledger.enabled || ledger.path === undefined) return none;
    const path = judge.locate(PATH, ledger.path);
    const { path: disk } = outbox.disk;
    if (disk !== undefined && judge.locate(['outbox', 'disk', 'path'], disk) === path) {
      judge.report(PATH, 'must not be the folder of outbox.disk.path', 'give each its own');
    }
    return { ...none, path };
  }
  if (ledger.path !== undefined) {
    judge.report(
      PATH,
      `is not used by sink ${sink.type}, whose ledger is a topic`,
      'set ledger.topic, or remove it',
      ['sink', 'type'],
    );
  }
  if (!ledger.enabled) return none;
  const topic = ledger.topic ?? `${kafka.topic}.spans`;
  if (!KAFKA_TOPIC.test(topic)) {
    const rule = 'must be a Kafka topic name: up to 249 letters, digits, dots, _ and -';
    judge.report(TOPIC, rule, 'such as speed-racer.spans', ['kafka', 'topic']);
  }
  if (topic === kafka.topic) {
    judge.report(TOPIC, 'must not be kafka.topic itself', 'give the ledger a topic of its own', [
      'kafka',
      'topic',
    ]);
  }
  return { ...none, topic };
}
