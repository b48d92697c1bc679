import { escapeLabel } from './escape-label.ts';

/** What the newest good sample of a group said about one of its partitions. Null is unknown, never 0. */
export interface PartitionState {
  readonly cluster: string;
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  /** Blank where none is known. */
  readonly owner: string;
  readonly clientId: string;
  readonly lagRecords: number | null;
  readonly committedOffset: number | null;
}

const FAMILIES = [
  {
    name: 'burrow_rainbow_partition_lag_records',
    help: 'Lag of one partition of the group; only with metrics.partitions.',
    value: (state: PartitionState) => state.lagRecords,
  },
  {
    name: 'burrow_rainbow_partition_committed_offset_records',
    help: 'Newest offset that the group has committed on the partition; only with metrics.partitions.',
    value: (state: PartitionState) => state.committedOffset,
  },
] as const;

/** Partitions rendered before others may run: about a millisecond's work. */
const PARTITIONS_PER_TURN = 2000;

/**
 * The per-partition metric families as Prometheus text, piece by piece, an unknown value left out: a million
 * partitions are 300 MB, which are never in memory at once. Each family walks over the partitions anew.
 *
 * @param nextTurn resolves when other work has had its turn
 * @param options.owners labels each with its owner and client id, too
 */
export async function* renderPartitionFamilies(
  states: () => Iterable<PartitionState>,
  nextTurn: () => Promise<void>,
  options: { readonly owners: boolean },
): AsyncGenerator<Buffer, void, undefined> {
  for (const { name, help, value } of FAMILIES) {
    let text = `# HELP ${name} ${help}\n# TYPE ${name} gauge\n`;
    let waiting = 0;
    let labels = '';
    let before: PartitionState | null = null;
    for (const state of states()) {
      // Neighbours mostly differ in their partition alone.
      if (
        before === null ||
        state.topic !== before.topic ||
        state.group !== before.group ||
        state.cluster !== before.cluster
      ) {
        const { cluster, group, topic } = state;
        labels = `${name}{cluster="${escapeLabel(cluster)}",group="${escapeLabel(group)}",topic="${escapeLabel(topic)}"`;
      }
      before = state;
      const shown = value(state);
      const owner = options.owners ? ownerLabels(state) : '';
      if (shown !== null) text += `${labels},partition="${state.partition}"${owner}} ${shown}\n`;
      waiting += 1;
      if (waiting < PARTITIONS_PER_TURN) continue;
      yield Buffer.from(text);
      text = '';
      waiting = 0;
      await nextTurn();
    }
    yield Buffer.from(text);
  }
}

function ownerLabels({ owner, clientId }: PartitionState): string {
  return `,owner="${escapeLabel(owner)}",client_id="${escapeLabel(clientId)}"`;
}
