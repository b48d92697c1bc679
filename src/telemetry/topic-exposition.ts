import { escapeLabel } from './escape-label.ts';

/** What the newest good sample of a group said about one of its topics. Null is unknown, never 0. */
export interface TopicState {
  readonly cluster: string;
  readonly group: string;
  readonly topic: string;
  readonly lagRecords: number | null;
}

const NAME = 'burrow_rainbow_group_topic_lag_records';
const HEAD = `# HELP ${NAME} Sum of the lag of the group's partitions of the topic at the newest good sample.\n# TYPE ${NAME} gauge\n`;

/** Topics rendered before others may run. */
const TOPICS_PER_TURN = 2000;

/**
 * The lag by group and topic as Prometheus text, an unknown value left out.
 *
 * @param nextTurn resolves when other work has had its turn
 */
export async function renderTopicFamily(
  states: Iterable<TopicState>,
  nextTurn: () => Promise<void>,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let text = HEAD;
  let waiting = 0;
  for (const { cluster, group, topic, lagRecords } of states) {
    if (lagRecords !== null) {
      text += `${NAME}{cluster="${escapeLabel(cluster)}",group="${escapeLabel(group)}",topic="${escapeLabel(topic)}"} ${lagRecords}\n`;
    }
    waiting += 1;
    if (waiting < TOPICS_PER_TURN) continue;
    chunks.push(Buffer.from(text));
    text = '';
    waiting = 0;
    await nextTurn();
  }
  return Buffer.concat([...chunks, Buffer.from(text)]);
}
