import { posix } from 'node:path';
import { pem } from '../config/loading.ts';
import { at, list, tree, type Tree } from './read-example.ts';

/** What a container of a pod has when it starts. */
export interface StartedContainer {
  /** Those from a Secret with a value that stands for it. */
  readonly env: Readonly<Record<string, string>>;
  /** Of ConfigMaps and Secrets that are mounted, by absolute path. */
  readonly files: Readonly<Record<string, string>>;
}

/** The pod that the only Deployment among these documents makes. */
export function podOf(documents: readonly Tree[]): Tree {
  return tree(at(only(documents, 'Deployment'), 'spec', 'template', 'spec'));
}

/** The only document of a kind; fails where there is another number of them. */
export function only(documents: readonly Tree[], kind: string): Tree {
  const found = documents.filter((document) => document['kind'] === kind);
  if (found[0] === undefined || found.length > 1) throw new Error(`${found.length} of kind ${kind}`);
  return found[0];
}

export function containerOf(documents: readonly Tree[], name: string): Tree {
  const found = list(podOf(documents)['containers']).find((each) => at(each, 'name') === name);
  if (found === undefined) throw new Error(`no container ${name}`);
  return tree(found);
}

/** Starts a container as the kubelet would. Fails where a mounted volume or a ConfigMap does not exist. */
export function startContainer(documents: readonly Tree[], name: string): StartedContainer {
  const container = containerOf(documents, name);
  const env = Object.fromEntries(
    list(container['env'] ?? []).map((pair) => [
      String(at(pair, 'name')),
      'value' in tree(pair) ? String(at(pair, 'value')) : secretAt(at(pair, 'valueFrom', 'secretKeyRef')),
    ]),
  );
  const files: Record<string, string> = {};
  for (const mount of list(container['volumeMounts'] ?? [])) {
    for (const [path, text] of filesOf(documents, String(at(mount, 'name')))) {
      files[posix.join(String(at(mount, 'mountPath')), path)] = text;
    }
  }
  return { env, files };
}

function secretAt(reference: unknown): string {
  return `secret/${String(at(reference, 'name'))}/${String(at(reference, 'key'))}`;
}

function filesOf(documents: readonly Tree[], volumeName: string): readonly (readonly [string, string])[] {
  const volume = list(podOf(documents)['volumes']).find((each) => at(each, 'name') === volumeName);
  if (volume === undefined) throw new Error(`no volume ${volumeName}`);
  const { configMap, secret } = tree(volume);
  if (configMap !== undefined) {
    const named = only(documents, 'ConfigMap');
    if (at(named, 'metadata', 'name') !== at(configMap, 'name')) throw new Error('no such ConfigMap');
    const data = tree(named['data']);
    const items = tree(configMap)['items'];
    const keys = items === undefined ? Object.keys(data) : list(items).map((item) => String(at(item, 'key')));
    return keys.map((key) => [key, String(at(data, key))]);
  }
  if (secret !== undefined) {
    const { items, secretName } = tree(secret);
    // Of type kubernetes.io/tls.
    if (items === undefined)
      return [
        ['tls.crt', pem('server')],
        ['tls.key', pem('server-key')],
      ];
    return list(items).map((item) => {
      const path = String(at(item, 'path'));
      const text =
        path === 'ca.crt' ? pem('authority') : secretAt({ name: secretName, key: at(item, 'key') });
      return [path, text];
    });
  }
  return [];
}
