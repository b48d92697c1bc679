import type { ReadonlySignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { LiveData } from './live/live-data.ts';
import type { TokenStore } from './live/token-store.ts';
import { GroupPage } from './pages/group-page.tsx';
import { InternalsPage } from './pages/internals-page.tsx';
import { worstState } from './live/worst-state.ts';
import { OverviewPage } from './pages/overview-page.tsx';
import { TrafficPage } from './pages/traffic-page.tsx';
import type { Route } from './route.ts';
import type { Whereabouts } from './watch-route.ts';
import { ConnectionBanner, ConnectionSign } from './view/connection-banner.tsx';
import { HealthBanner } from './view/health-banner.tsx';
import { KeysDialog } from './view/keys-dialog.tsx';
import { NameText } from './view/name-text.tsx';
import { ThemeSwitch, type ThemeChoice } from './view/theme-switch.tsx';
import { TokenForm } from './view/token-form.tsx';
import { useWindowSign } from './view/window-sign.ts';
import { showName } from '../words/shown-name.ts';

export interface AppProps {
  readonly live: LiveData;
  readonly tokens: TokenStore;
  readonly themes: ThemeChoice;
  readonly whereabouts: Whereabouts;
}

const PLACES = [
  { page: 'overview', href: '#/', words: 'Overview' },
  { page: 'traffic', href: '#/traffic', words: 'Traffic' },
  { page: 'internals', href: '#/internals', words: 'Internals' },
] as const;

/** The whole page: the navigation, the state of the connection, and the page of the address. */
export function App({ live, tokens, themes, whereabouts }: AppProps) {
  const { route, overviewHref } = whereabouts;
  const { page } = route.value;
  useFocusOnHeading(route);
  const connection = live.connection.value;
  const overview = live.overview.value;
  const version = live.groups.version.value;
  const worst = useMemo(
    () => worstState(connection, overview, live.groups),
    [connection, overview, live.groups, version],
  );
  useWindowSign(worst, pageName(route.value));
  return (
    <div class="shell">
      <a class="skip" href="#main" onClick={skipToMain}>
        Skip to the page
      </a>
      <header class="bar">
        <a class="brand" href="#/">
          <img src="favicon.svg" alt="" width="20" height="20" />
          burrow-rainbow
        </a>
        <nav aria-label="Pages">
          {PLACES.map((place) => (
            <a key={place.page} href={place.href} aria-current={page === place.page ? 'page' : undefined}>
              {place.words}
            </a>
          ))}
        </nav>
        <div class="bar-end">
          {overview !== null && (
            <span class="quiet source" title={`Version ${overview.version}`}>
              source <NameText name={overview.source} mostCharacters={40} />
            </span>
          )}
          <ConnectionSign live={live} />
          <ThemeSwitch choice={themes} />
          <KeysDialog />
        </div>
      </header>
      <ConnectionBanner live={live} />
      <HealthBanner live={live} />
      {connection.state === 'refused' ? (
        <TokenForm
          isRefused={tokens.token.value !== null}
          onToken={(token) => {
            tokens.remember(token);
            live.retry();
          }}
        />
      ) : (
        <Page live={live} themes={themes} route={route.value} overviewHref={overviewHref.value} />
      )}
    </div>
  );
}

interface PageProps {
  readonly live: LiveData;
  readonly themes: ThemeChoice;
  readonly route: Route;
  readonly overviewHref: string;
}

function Page({ live, themes, route, overviewHref }: PageProps) {
  switch (route.page) {
    case 'overview':
      return <OverviewPage live={live} query={route.query} />;
    case 'group':
      return (
        <GroupPage
          live={live}
          themes={themes}
          cluster={route.cluster}
          group={route.group}
          overviewHref={overviewHref}
        />
      );
    case 'traffic':
      return <TrafficPage live={live} themes={themes} />;
    case 'internals':
      return <InternalsPage live={live} of={route.group} />;
  }
}

/** As the title of the window names it; the overview needs no name. */
function pageName(route: Route): string {
  switch (route.page) {
    case 'overview':
      return '';
    case 'group':
      return showName(route.group, 60);
    case 'traffic':
      return 'Traffic';
    case 'internals':
      return 'Internals';
  }
}

function skipToMain(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>('main h1')?.focus();
}

/** After a change of page, the focus is on its heading, where a screen reader begins to read. */
function useFocusOnHeading(route: ReadonlySignal<Route>): void {
  const current = route.value;
  const place = current.page === 'group' ? `group ${current.cluster} ${current.group}` : current.page;
  const last = useRef(place);
  useEffect(() => {
    if (last.current === place) return;
    last.current = place;
    document.querySelector<HTMLElement>('main h1')?.focus();
  }, [place]);
}
