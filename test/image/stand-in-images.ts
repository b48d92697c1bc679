import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBurrow } from '../stack/burrow-binary.ts';
import { runCommand } from '../stack/command.ts';
import type { ContainerTools } from './container-tools.ts';

const NODE_VERSION = '24.21.0';
const NPM_VERSION = '11.21.2';
const DEBIAN = 'bookworm';

/** Names of images that stand in for published ones, for where no image registry can be reached. */
export interface StandInImages {
  /** For `node:24-slim`: a minimal Debian with Node 24 and npm from their npm packages. */
  readonly node: string;
  /** For Burrow's image: nothing but the binary, at `/app/burrow`. */
  readonly burrow: string;
}

/** Makes those that are not there yet. */
export async function makeStandIns(tools: ContainerTools): Promise<StandInImages> {
  const release = await findBurrow();
  const node = `localhost/node-stand-in:${NODE_VERSION}-${DEBIAN}`;
  const burrow = `localhost/burrow-stand-in:${release.version}`;
  if (!(await tools.hasImage(node))) await makeNode(tools, node);
  if (!(await tools.hasImage(burrow))) {
    await tools.makeImage(burrow, 'scratch', async (container) => {
      await tools.buildah('copy', '--quiet', '--chmod', '755', container, release.binary, '/app/burrow');
    });
  }
  return { node, burrow };
}

async function makeNode(tools: ContainerTools, name: string): Promise<void> {
  const workspace = await mkdtemp(join(tmpdir(), 'rainbow-node-image-'));
  try {
    const debian = join(workspace, 'debian.tar');
    const node = join(workspace, 'node');
    await Promise.all([
      runCommand('mmdebstrap', ['--variant=apt', '--include=ca-certificates', DEBIAN, debian]),
      fetchNode(node, workspace),
    ]);
    await tools.makeImage(name, 'scratch', async (container) => {
      await tools.buildah('add', '--quiet', container, debian, '/');
      await tools.buildah('copy', '--quiet', container, node, '/usr/local');
      await tools.buildah(
        'config',
        '--env',
        'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        container,
      );
    });
  } finally {
    await rm(workspace, { recursive: true, force: true });
  }
}

/** Lays Node and npm out below `directory` as they are below `/usr/local`. */
async function fetchNode(directory: string, workspace: string): Promise<void> {
  const unpack = async (spec: string, file: string, target: string, ...what: string[]): Promise<void> => {
    await mkdir(target, { recursive: true });
    await runCommand('npm', ['pack', '--silent', spec], { cwd: workspace });
    await runCommand('tar', ['-xzf', join(workspace, file), '-C', target, '--strip-components=1', ...what]);
  };
  const architecture = `node-linux-${process.arch}`;
  await unpack(
    `${architecture}@${NODE_VERSION}`,
    `${architecture}-${NODE_VERSION}.tgz`,
    directory,
    'package/bin',
  );
  const npm = 'lib/node_modules/npm';
  await unpack(`npm@${NPM_VERSION}`, `npm-${NPM_VERSION}.tgz`, join(directory, npm));
  await symlink(`../${npm}/bin/npm-cli.js`, join(directory, 'bin/npm'));
}
