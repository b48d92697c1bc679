/** Characters that nobody sees: control characters, marks that turn the direction of text, zero-width characters, lone surrogates. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * A name as a person can see it: invisible characters are shown by their code, and the middle of a long name is left out.
 * For text nodes and attributes only, never for markup.
 */
export function showName(name: string, mostCharacters = 120): string {
  const clipped =
    name.length <= mostCharacters
      ? name
      : `${name.slice(0, Math.ceil(mostCharacters * 0.7))}…${name.slice(-Math.floor(mostCharacters * 0.3))}`;
  return clipped.replace(UNSEEN, (unseen) => `⟨${codeOf(unseen)}⟩`);
}

/** Whether a name is not shown as it is. */
export function isAltered(name: string, mostCharacters?: number): boolean {
  return showName(name, mostCharacters) !== name;
}

/** JSON that says the same, without a character that nobody sees or that a terminal obeys: JSON itself allows some of them. */
export function escapeUnseen(json: string): string {
  return json.replace(UNSEEN, (unseen) =>
    unseen
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

function codeOf(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
}
