/** What a name cannot be trusted with: control characters, marks that turn the direction of text, what has no width, and halves of a character. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * A name as a person can see it: what would be unseen is spelled out, and the middle of a very long one is left out.
 * It is for text nodes and attributes only, never for markup.
 */
export function showName(name: string, mostCharacters = 120): string {
  const clipped =
    name.length <= mostCharacters
      ? name
      : `${name.slice(0, Math.ceil(mostCharacters * 0.7))}…${name.slice(-Math.floor(mostCharacters * 0.3))}`;
  return clipped.replace(UNSEEN, (unseen) => `⟨${codeOf(unseen)}⟩`);
}

/** True where a name is shown otherwise than it is. */
export function isAltered(name: string, mostCharacters?: number): boolean {
  return showName(name, mostCharacters) !== name;
}

function codeOf(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
}
