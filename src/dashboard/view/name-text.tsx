import { showName } from '../../words/shown-name.ts';

/** A name that others chose: shown as text only, with its own text direction. */
export function NameText({
  name,
  mostCharacters,
}: {
  readonly name: string;
  readonly mostCharacters?: number;
}) {
  return <bdi class="name">{name === '' ? '(blank)' : showName(name, mostCharacters)}</bdi>;
}
