import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

/** What keeps the rows of a list where they are; null: nothing. */
export type Hold = 'pointer' | 'keyboard' | null;

export interface ListHold {
  readonly hold: Hold;
  /** For the body of the table. */
  readonly handlers: {
    onPointerEnter(event: PointerEvent): void;
    onPointerMove(event: PointerEvent): void;
    onPointerLeave(event: PointerEvent): void;
    onFocusIn(): void;
    onFocusOut(): void;
  };
}

/** A finger is not on the list while it rests: the rows stay for so long after a touch. */
const AFTER_TOUCH_MS = 6000;
/** A pointer or a focus that has not moved for so long was left there, perhaps on a screen on the wall. */
const LEFT_THERE_MS = 300_000;

/**
 * Holds a list while the pointer or the keyboard focus is on it. Escape lets it go, and so does time, also where the
 * pointer or the focus stays: each counts again when it moves.
 */
export function useHold(list: RefObject<HTMLElement | null>): ListHold {
  const [isPointed, setPointed] = useState(false);
  const [isFocused, setFocused] = useState(false);
  const letGo = useRef({ pointer: 0, focus: 0 });
  // A row that is taken out of the page takes the focus along, without an event.
  const hasFocus = isFocused && list.current?.contains(document.activeElement) === true;
  const hold: Hold = hasFocus ? 'keyboard' : isPointed ? 'pointer' : null;

  useEffect(() => {
    if (hold === null) return undefined;
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || document.activeElement instanceof HTMLInputElement) return;
      setPointed(false);
      setFocused(false);
      if (hasFocus) document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [hold, hasFocus]);
  useEffect(
    () => () => {
      clearTimeout(letGo.current.pointer);
      clearTimeout(letGo.current.focus);
    },
    [],
  );

  const letGoIn = (ms: number): void => {
    clearTimeout(letGo.current.pointer);
    letGo.current.pointer = setTimeout(() => setPointed(false), ms);
  };
  const point = (): void => {
    setPointed(true);
    letGoIn(LEFT_THERE_MS);
  };
  return {
    hold,
    handlers: {
      onPointerEnter: point,
      onPointerMove: point,
      onPointerLeave({ pointerType }) {
        if (pointerType === 'touch') letGoIn(AFTER_TOUCH_MS);
        else setPointed(false);
      },
      onFocusIn() {
        setFocused(true);
        clearTimeout(letGo.current.focus);
        letGo.current.focus = setTimeout(() => setFocused(false), LEFT_THERE_MS);
      },
      onFocusOut: () => setFocused(false),
    },
  };
}
