import { showName } from '../words/shown-name.ts';

/** A name from elsewhere: text and nothing but text, with a direction of its own. */
export function NameText({
  name,
  mostCharacters,
}: {
  readonly name: string;
  readonly mostCharacters?: number;
}) {
  return <bdi class="name">{name === '' ? '(blank)' : showName(name, mostCharacters)}</bdi>;
}
