import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory } from '../stack/cache.ts';
import { runCommand } from '../stack/command.ts';

/** buildah and podman on one store of images, which is kept between runs. */
export interface ContainerTools {
  buildah(...args: readonly string[]): Promise<string>;
  podman(...args: readonly string[]): Promise<string>;
  hasImage(name: string): Promise<boolean>;
  /** Makes an image from what `build` does to a container: its argument is the container's name. */
  makeImage(name: string, from: string, build: (container: string) => Promise<void>): Promise<void>;
}

/** Opens the store. A store that cannot overlay (one inside a container may not) copies instead, which is slower. */
export async function openContainerTools(): Promise<ContainerTools> {
  const root = join(cacheDirectory(), 'containers');
  // podman wants the same run root in every run, and a short one.
  const runRoot = '/run/burrow-rainbow';
  await mkdir(root, { recursive: true });
  await mkdir(runRoot, { recursive: true });
  const store = (driver: string): readonly string[] => [
    ...['--root', join(root, driver), '--runroot', join(runRoot, driver), '--storage-driver', driver],
  ];
  const overlays = await runCommand('buildah', [...store('overlay'), 'images']).then(
    () => true,
    () => false,
  );
  const options = store(overlays ? 'overlay' : 'vfs');
  const buildah = (...args: readonly string[]): Promise<string> =>
    runCommand('buildah', [...options, ...args]);
  const podman = (...args: readonly string[]): Promise<string> =>
    runCommand('podman', [...options, '--runtime', 'runc', '--cgroup-manager', 'cgroupfs', ...args]);
  const hasImage = (name: string): Promise<boolean> =>
    podman('image', 'exists', name).then(
      () => true,
      () => false,
    );
  async function makeImage(
    name: string,
    from: string,
    build: (container: string) => Promise<void>,
  ): Promise<void> {
    const [container = ''] = (await buildah('from', '--pull-never', from)).split('\n');
    try {
      await build(container);
      await buildah('commit', '--quiet', '--format', 'docker', container, name);
    } finally {
      await buildah('rm', container);
    }
  }
  return { buildah, podman, hasImage, makeImage };
}
