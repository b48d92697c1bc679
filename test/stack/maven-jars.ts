import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from './cache.ts';
import { runCommand } from './command.ts';

/** A Maven artifact to fetch with everything that it needs at run time. */
export interface Artifact {
  readonly groupId: string;
  readonly artifactId: string;
  readonly version: string;
  /** `groupId:artifactId` of dependencies to leave out. */
  readonly exclusions?: readonly string[];
}

/**
 * Fetches artifacts with their dependencies from Maven Central (or the mirror in the user's Maven settings) into the
 * cache; resolves with a Java class path. `name` must change whenever `artifacts` do.
 */
export async function fetchJars(name: string, artifacts: readonly Artifact[]): Promise<string> {
  const directory = await cached(name, async (workspace) => {
    const project = join(workspace, 'pom.xml');
    // A local repository of its own: two runs of Maven at once must not write into the same one.
    const repository = join(workspace, 'repository');
    await mkdir(repository);
    await writeFile(project, projectFile(artifacts));
    await runCommand('mvn', [
      '--batch-mode',
      '--quiet',
      '--file',
      project,
      `-Dmaven.repo.local=${repository}`,
      'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies',
      '-DincludeScope=runtime',
      `-DoutputDirectory=${join(workspace, 'jars')}`,
    ]);
    await rm(repository, { recursive: true });
  });
  return join(directory, 'jars', '*');
}

function projectFile(artifacts: readonly Artifact[]): string {
  const dependencies = artifacts.map(
    ({ groupId, artifactId, version, exclusions = [] }) => `    <dependency>
      <groupId>${groupId}</groupId>
      <artifactId>${artifactId}</artifactId>
      <version>${version}</version>
      <exclusions>${exclusions.map(exclusionElement).join('')}</exclusions>
    </dependency>`,
  );
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>burrow-rainbow.test</groupId>
  <artifactId>stack</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
${dependencies.join('\n')}
  </dependencies>
</project>
`;
}

function exclusionElement(coordinates: string): string {
  const [groupId = '', artifactId = ''] = coordinates.split(':');
  return `<exclusion><groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId></exclusion>`;
}
