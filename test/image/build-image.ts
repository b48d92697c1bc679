import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../stack/command.ts';
import type { ContainerTools } from './container-tools.ts';
import { makeStandIns } from './stand-in-images.ts';

const repository = new URL('../..', import.meta.url).pathname;
const certificates = '/etc/ssl/certs/ca-certificates.crt';

/** Builds `Dockerfile.burrow` and resolves with the image's name. */
export async function buildImage(tools: ContainerTools): Promise<string> {
  const { node, burrow } = await makeStandIns(tools);
  const name = 'localhost/burrow-rainbow:test';
  const workspace = await mkdtemp(join(tmpdir(), 'rainbow-image-'));
  try {
    const npmrc = join(workspace, 'npmrc');
    await writeFile(npmrc, await npmSettings(), { mode: 0o600 });
    await tools.buildah(
      'bud',
      ...['--isolation', 'chroot', '--format', 'docker', '--layers', '--pull-never', '--quiet', '--force-rm'],
      ...['--file', join(repository, 'Dockerfile.burrow'), '--tag', name],
      ...['--build-arg', `NODE_IMAGE=${node}`, '--build-arg', `BURROW_IMAGE=${burrow}`],
      ...['--secret', `id=npmrc,src=${npmrc}`],
      ...((await readable(certificates)) ? ['--volume', `${certificates}:${certificates}:ro`] : []),
      repository,
    );
    // Layers of earlier builds make the next one fast; those that nothing has used for days only take room.
    await tools.podman('image', 'prune', '--force', '--filter', 'until=72h');
  } finally {
    await rm(workspace, { recursive: true, force: true });
  }
  return name;
}

/** What npm needs to know in the build to reach the registry that it reaches here. */
async function npmSettings(): Promise<string> {
  const personal = await readFile(join(homedir(), '.npmrc'), 'utf8').catch(() => '');
  const registry = await runCommand('npm', ['config', 'get', 'registry', '--silent']);
  const lines = [personal, `registry=${registry.split('\n')[0] ?? ''}`];
  if (await readable(certificates)) lines.push(`cafile=${certificates}`);
  return `${lines.join('\n')}\n`;
}

async function readable(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
