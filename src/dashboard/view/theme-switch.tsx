import { effect, signal, untracked } from '@preact/signals';

type Theme = 'system' | 'light' | 'dark';

const KEY = 'burrow-rainbow theme';
const NEXT: Readonly<Record<Theme, Theme>> = { system: 'light', light: 'dark', dark: 'system' };
const SIGN: Readonly<Record<Theme, string>> = { system: '◐', light: '☀', dark: '☾' };

/** The colours of the page: those of the reader's system, unless the reader chose others. */
export interface ThemeChoice {
  readonly theme: () => Theme;
  turn(): void;
  /** Calls back when the colours have changed. */
  onChange(callback: () => void): () => void;
}

export function createThemeChoice(root: HTMLElement, storage: Storage): ThemeChoice {
  const theme = signal<Theme>(readTheme(storage.getItem(KEY)));
  const systemIsDark = matchMedia('(prefers-color-scheme: dark)');
  const changes = signal(0);
  systemIsDark.addEventListener('change', () => (changes.value += 1));
  effect(() => {
    if (theme.value === 'system') delete root.dataset['theme'];
    else root.dataset['theme'] = theme.value;
    changes.value = changes.peek() + 1;
  });
  return {
    theme: () => theme.value,
    turn() {
      theme.value = NEXT[theme.value];
      storage.setItem(KEY, theme.value);
    },
    onChange: (callback) => {
      const before = changes.peek();
      return effect(() => {
        if (changes.value !== before) untracked(callback);
      });
    },
  };
}

export function ThemeSwitch({ choice }: { readonly choice: ThemeChoice }) {
  const theme = choice.theme();
  return (
    <button
      type="button"
      class="plain"
      onClick={() => choice.turn()}
      aria-label={`Colours: ${theme}`}
      title={`Colours: ${theme}`}
    >
      <span aria-hidden="true">{SIGN[theme]}</span>
    </button>
  );
}

function readTheme(kept: string | null): Theme {
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}
