import { useEffect } from 'preact/hooks';
import type { Machine, MachineRegion } from '../../http/api/contract/machine.ts';
import type { LiveData } from '../live/live-data.ts';
import { usePolled } from '../live/use-polled.ts';
import { RegionDrawing } from '../machine/region-drawing.tsx';
import { formatAge } from '../words/durations.ts';
import { formatNumber } from '../words/numbers.ts';

/** Counts are good for some seconds at the sidecar, too. */
const ASK_EVERY_MS = 4000;

/** What a region decides; one that is not known here is drawn all the same. */
const REGION_WORDS: Readonly<Record<string, string>> = {
  span: 'does the series exist for its reader',
  cadence: 'is this sample worth sending',
};

/** The twin machine as it is declared: one stands beside each series. */
export function MachinePage({ live }: { readonly live: LiveData }) {
  const nowMs = live.nowMs.value;
  const { data, error } = usePolled(
    (signal) => live.api.machine(signal),
    'machine',
    Math.floor(nowMs / ASK_EVERY_MS),
  );
  useEffect(() => {
    document.title = 'Twin machine · burrow-rainbow';
  }, []);
  return (
    <main class="page" id="main">
      <div class="group-head">
        <h1 tabIndex={-1}>Twin machine</h1>
        {data !== null && (
          <p class="quiet">
            <strong>{formatNumber(data.twins)}</strong> twins stand beside as many series; counted{' '}
            {formatAge(data.countedAtMs, nowMs)}
          </p>
        )}
      </div>
      {error !== null && data === null && (
        <p class="banner banner-err" role="alert">
          {error.message}
        </p>
      )}
      {data === null && error === null && (
        <p class="empty" role="status">
          Loading…
        </p>
      )}
      {data !== null && (
        <>
          <p class="quiet lead">
            Each series has one. What happens to the series is an event to its twin. Both regions take every
            event at once, each by the first transition whose guard, in brackets, holds. What they do is what
            is sent. The double frame is where a twin begins.
          </p>
          <div class="regions">
            {data.regions.map((region) => (
              <section
                key={region.id}
                class={`panel region region-${region.states.length > 2 ? 'wide' : 'slim'}`}
              >
                <header>
                  <h2>{region.id}</h2>
                  <span class="quiet">{REGION_WORDS[region.id]}</span>
                </header>
                <div class="machine-frame" tabIndex={0} role="group" aria-label={`Drawing of ${region.id}`}>
                  <RegionDrawing region={region} twins={data.twins} />
                </div>
              </section>
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
  return (
    <section class="panel">
      <header>
        <h2>Both regions together</h2>
        <span class="quiet">every state that can be reached</span>
      </header>
      <div class="table-scroller">
        <table class="plain-table">
          <caption class="hidden">Twins by state of both regions</caption>
          <thead>
            <tr>
              <th scope="col">span</th>
              <th scope="col">cadence</th>
              <th scope="col" class="number">
                Twins
              </th>
              <th scope="col" class="col-share">
                Share
              </th>
            </tr>
          </thead>
          <tbody>
            {machine.states.map(({ span, cadence, twins }) => (
              <tr key={`${span} ${cadence}`}>
                <th scope="row">{span}</th>
                <td>{cadence}</td>
                <td class={`number ${twins === 0 ? 'zero' : ''}`}>{formatNumber(twins)}</td>
                <td class="col-share">
                  <span class="meter" aria-hidden="true">
                    <i style={{ width: `${machine.twins === 0 ? 0 : (twins / machine.twins) * 100}%` }} />
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** Whether other transitions of the event come first, under a guard. */
function hasGuarded({ transitions }: MachineRegion, from: string, event: string): boolean {
  return transitions.some((each) => each.from === from && each.event === event && each.guard !== null);
}

function Transitions({ region }: { readonly region: MachineRegion }) {
  return (
    <section class="panel">
      <header>
        <h2>Transitions of {region.id}</h2>
        <span class="quiet">{region.transitions.length}</span>
      </header>
      <div class="table-scroller">
        <table class="plain-table">
          <caption class="hidden">Transitions of {region.id}</caption>
          <thead>
            <tr>
              <th scope="col">From</th>
              <th scope="col">Event</th>
              <th scope="col">Only while</th>
              <th scope="col">To</th>
              <th scope="col">Does</th>
            </tr>
          </thead>
          <tbody>
            {region.transitions.map(({ from, event, guard, to, actions }) => (
              <tr key={`${from} ${event} ${guard ?? ''}`}>
                <th scope="row">{from}</th>
                <td>
                  <code>{event}</code>
                </td>
                <td>
                  {guard === null ? hasGuarded(region, from, event) && 'otherwise' : <code>{guard}</code>}
                </td>
                <td>{to}</td>
                <td>
                  <code>{actions.join(', ')}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
