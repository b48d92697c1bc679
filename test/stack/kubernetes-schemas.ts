import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { cached } from './cache.ts';
import { runCommand } from './command.ts';

const PACKAGE = 'kubernetes_validate';
const VERSION = '1.37.0';

/** The oldest and the newest Kubernetes that the examples are held against. */
export const KUBERNETES_VERSIONS = ['1.30.0', '1.37.0'];

interface Manifest {
  readonly apiVersion?: unknown;
  readonly kind?: unknown;
}

/**
 * Kubernetes' own schemas of its objects, in the strict form that knows no other key than theirs: a misspelt one is a
 * fault. Taken from a package for Python, which is fetched once and not installed. Needs Python with pip.
 */
async function findSchemas(): Promise<string> {
  const directory = await cached(`kubernetes-schemas-${VERSION}`, async (workspace) => {
    const what = `kubernetes-validate==${VERSION}`;
    await runCommand('python3', ['-m', 'pip', 'download', '--no-deps', '--quiet', '-d', workspace, what]);
    const wheel = join(workspace, `${PACKAGE}-${VERSION}-py3-none-any.whl`);
    await runCommand('python3', ['-m', 'zipfile', '-e', wheel, workspace]);
    await rm(wheel);
  });
  return join(directory, PACKAGE, 'kubernetes-json-schema');
}

/**
 * What Kubernetes of this version would refuse in a manifest, one sentence each. Fails for a kind that is not
 * Kubernetes' own.
 */
export async function createManifestCheck(
  version: string,
): Promise<(manifest: Manifest) => Promise<readonly string[]>> {
  const folder = join(await findSchemas(), `v${version}-local-strict`);
  const read = async (name: string): Promise<object> =>
    JSON.parse(await readFile(join(folder, name), 'utf8')) as object;
  // The formats are those of Go, such as int32.
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema(await read('_definitions.json'), '_definitions.json');
  const known = new Map<string, ValidateFunction>();

  async function schemaOf(manifest: Manifest): Promise<ValidateFunction> {
    const { apiVersion, kind } = manifest;
    if (typeof apiVersion !== 'string' || typeof kind !== 'string') throw new Error('no apiVersion or kind');
    const group = apiVersion.split('/').map((part) => part.split('.')[0] ?? '');
    const name = `${[kind, ...group].join('-').toLowerCase()}.json`;
    const validate = known.get(name) ?? ajv.compile(await read(name));
    known.set(name, validate);
    return validate;
  }

  return async (manifest) => {
    const validate = await schemaOf(manifest);
    if (validate(manifest)) return [];
    return (validate.errors ?? []).map(({ instancePath, message = '', params }) =>
      `${instancePath} ${message} ${'additionalProperty' in params ? String(params['additionalProperty']) : ''}`.trim(),
    );
  };
}
