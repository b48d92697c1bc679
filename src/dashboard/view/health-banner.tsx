import { capitalize } from '../../words/terms.ts';
import type { LiveData } from '../live/live-data.ts';
import { Since } from './moment.tsx';
import { NameText } from './name-text.tsx';

/** Which parts of the sidecar are not healthy, for how long, and what to do. */
export function HealthBanner({ live }: { readonly live: LiveData }) {
  const health = live.overview.value?.health;
  if (health === undefined) return null;
  const unhealthy = health.parts.filter(({ status }) => status !== 'ok');
  if (unhealthy.length === 0 && health.phase === 'running') return null;
  const isUnavailable = unhealthy.some(({ status }) => status === 'unavailable');
  const nowMs = live.nowMs.value;
  return (
    <section class={`banner ${isUnavailable ? 'banner-err' : 'banner-warn'}`} aria-label="Health">
      {health.phase !== 'running' && <strong role="status">The sidecar is {health.phase}.</strong>}
      <ul>
        {unhealthy.map(({ name, status, reason, sinceMs }) => (
          <li key={name}>
            <strong>
              {/* A screen reader says this once: what counts is outside. */}
              <span role="status">
                <NameText name={capitalize(name)} /> has been {status}
              </span>{' '}
              for <Since sinceMs={sinceMs} nowMs={nowMs} />.
            </strong>{' '}
            {reason === undefined ? '' : <NameText name={capitalize(reason)} mostCharacters={600} />}
          </li>
        ))}
      </ul>
    </section>
  );
}
