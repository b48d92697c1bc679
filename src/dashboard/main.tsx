import { render } from 'preact';
import { App } from './app.tsx';
import { createApiClient } from './live/api-client.ts';
import { createLiveData } from './live/live-data.ts';
import { createTokenStore } from './live/token-store.ts';

import './style/colours.css';
import './style/page.css';
import './style/panel.css';
import './style/table.css';
import { watchRoute } from './watch-route.ts';
import { createThemeChoice } from './view/theme-switch.tsx';

const root = document.getElementById('app');
if (root === null) throw new Error('the page has no place for the application');
const tokens = createTokenStore(sessionStorage);
const live = createLiveData(createApiClient({ token: () => tokens.token.peek() }));
const themes = createThemeChoice(document.documentElement, localStorage);
render(<App live={live} tokens={tokens} themes={themes} whereabouts={watchRoute()} />, root);
