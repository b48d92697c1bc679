import { signal, type ReadonlySignal } from '@preact/signals';

/** The token that this tab sends to the API. It is forgotten when the tab is closed. */
export interface TokenStore {
  readonly token: ReadonlySignal<string | null>;
  remember(token: string): void;
}

const KEY = 'burrow-rainbow token';

export function createTokenStore(storage: Storage): TokenStore {
  const token = signal(storage.getItem(KEY));
  return {
    token,
    remember(newToken) {
      storage.setItem(KEY, newToken);
      token.value = newToken;
    },
  };
}
