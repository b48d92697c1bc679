import type { Machine, MachineRegion } from '../../http/api/contract/machine.ts';
import type { LiveData } from '../live/live-data.ts';
import { usePolled } from '../live/use-polled.ts';
import { RegionDrawing } from '../machine/region-drawing.tsx';
import { Age } from '../view/moment.tsx';
import { Panel } from '../view/panel.tsx';
import { PlainTable, type Column } from '../view/plain-table.tsx';
import { Waiting } from '../view/waiting.tsx';
import { formatNumber } from '../../words/numbers.ts';
import { SeriesStates } from './series-states.tsx';

/** Counts are good for some seconds at the sidecar, too. */
const ASK_EVERY_MS = 4000;

/** What a region decides; one that is not known here is drawn all the same. */
const REGION_WORDS: Readonly<Record<string, string>> = {
  span: 'does the series exist for its reader',
  cadence: 'is this sample worth sending',
};

export interface InternalsPageProps {
  readonly live: LiveData;
  /** The group whose series are shown; null: none. */
  readonly of: { readonly cluster: string; readonly group: string } | null;
}

/** How the sidecar decides what it sends: the twin machine as it is declared, and the states of its series. */
export function InternalsPage({ live, of }: InternalsPageProps) {
  const nowMs = live.nowMs.value;
  const { data, error } = usePolled(
    (signal) => live.api.machine(signal),
    'machine',
    Math.floor(nowMs / ASK_EVERY_MS),
  );
  return (
    <main class="page" id="main">
      <div class="group-head">
        <h1 tabIndex={-1}>Internals</h1>
        {data !== null && (
          <p class="quiet">
            <strong>{formatNumber(data.twins)}</strong> twin machines, one for each series; counted{' '}
            <Age atMs={data.countedAtMs} nowMs={nowMs} />
          </p>
        )}
      </div>
      {of === null ? (
        <p class="quiet lead">
          How the sidecar decides what it sends; nobody needs this page to operate it. To see the states of
          one group’s series, open the group and follow its link “Internals”.
        </p>
      ) : (
        <SeriesStates live={live} cluster={of.cluster} group={of.group} />
      )}
      {(data === null || error !== null) && <Waiting error={error} />}
      {data !== null && (
        <>
          <p class="quiet lead">
            Each series has a twin machine. What happens to the series is an event for its twin machine. Both
            regions take every event, each by the first transition whose guard (in brackets) is true. Their
            actions decide what is sent. A twin machine begins in the state with the double frame.
          </p>
          <div class="regions">
            {data.regions.map((region) => (
              <Panel
                key={region.id}
                heading={region.id}
                note={REGION_WORDS[region.id]}
                class={`region region-${region.states.length > 2 ? 'wide' : 'slim'}`}
              >
                <div class="machine-frame" tabIndex={0} role="group" aria-label={`Drawing of ${region.id}`}>
                  <RegionDrawing region={region} twins={data.twins} />
                </div>
              </Panel>
            ))}
          </div>
          <Together machine={data} />
          {data.regions.map((region) => (
            <Transitions key={region.id} region={region} />
          ))}
        </>
      )}
    </main>
  );
}

function Together({ machine }: { readonly machine: Machine }) {
  const columns: readonly Column<Machine['states'][number]>[] = [
    { heading: 'span', cell: ({ span }) => span },
    { heading: 'cadence', cell: ({ cadence }) => cadence },
    {
      heading: 'Twins',
      isNumber: true,
      cell: ({ twins }) => formatNumber(twins),
      cellClass: ({ twins }) => (twins === 0 ? 'zero' : ''),
    },
    {
      heading: 'Share',
      headingClass: 'col-share',
      cell: ({ twins }) => (
        <span class="meter" aria-hidden="true">
          <i style={{ width: `${machine.twins === 0 ? 0 : (twins / machine.twins) * 100}%` }} />
        </span>
      ),
      cellClass: () => 'col-share',
    },
  ];
  return (
    <Panel heading="Both regions together" note="every state that can be reached">
      <PlainTable
        caption="Twins by state of both regions"
        columns={columns}
        rows={machine.states}
        keyOf={({ span, cadence }) => `${span} ${cadence}`}
      />
    </Panel>
  );
}

/** Whether the event also has transitions with a guard, which come first. */
function hasGuarded({ transitions }: MachineRegion, from: string, event: string): boolean {
  return transitions.some((each) => each.from === from && each.event === event && each.guard !== null);
}

function Transitions({ region }: { readonly region: MachineRegion }) {
  const columns: readonly Column<MachineRegion['transitions'][number]>[] = [
    { heading: 'From', cell: ({ from }) => from },
    { heading: 'Event', cell: ({ event }) => <code>{event}</code> },
    {
      heading: 'Only while',
      cell: ({ from, event, guard }) =>
        guard === null ? hasGuarded(region, from, event) && 'otherwise' : <code>{guard}</code>,
    },
    { heading: 'To', cell: ({ to }) => to },
    { heading: 'Does', cell: ({ actions }) => <code>{actions.join(', ')}</code> },
  ];
  return (
    <Panel heading={`Transitions of ${region.id}`} note={region.transitions.length}>
      <PlainTable
        caption={`Transitions of ${region.id}`}
        columns={columns}
        rows={region.transitions}
        keyOf={({ from, event, guard }) => `${from} ${event} ${guard ?? ''}`}
      />
    </Panel>
  );
}
