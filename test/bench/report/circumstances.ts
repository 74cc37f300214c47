/** What a run was made on, and how quiet that was. */
import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { medianOf } from '../measure/statistics.ts';
import type { Options } from '../options.ts';
import { isInstalled, packages } from '../systems/installed.ts';

/** Cores that others use, from which on figures say little. */
const othersCoresMax = 0.1;

export function machineText(): string {
  const memory = Math.round(totalmem() / 1024 ** 3);
  const load = loadavg().map((average) => average.toFixed(1));
  return `${availableParallelism()} cores (${cpus()[0]?.model ?? 'unknown'}), ${memory} GiB, Node ${process.version}; load average at the end ${load.join(', ')}`;
}

export function rivalsText(): string {
  const version = (name: 'etcd' | 'redis', pattern: RegExp): string => {
    if (!isInstalled(name)) return `no ${name} (Debian: apt-get install ${packages[name]})`;
    const said = execFileSync(name === 'etcd' ? 'etcd' : 'redis-server', ['--version'], { encoding: 'utf8' });
    return `${name} ${pattern.exec(said)?.[1] ?? '?'}`;
  };
  return `${version('etcd', /Version: (\S+)/)}, ${version('redis', /v=(\S+)/)}`;
}

export function roundsText({ rounds, seconds }: Options): string {
  return `${rounds} rounds of ${seconds} s for each system, in turn; a figure is the median of the ratios of rounds side by side, the spread their least and most.`;
}

/** @param othersCores in each round, the cores that processes used which have no part in it */
export function warningsOf(options: Options, othersCores: readonly number[]): string[] {
  const warnings: string[] = [];
  if (options.quick)
    warnings.push('Quick: too few and too short rounds for figures that are worth anything.');
  if (othersCores.length > 0) {
    const median = medianOf(othersCores);
    if (median > othersCoresMax)
      warnings.push(
        `Other processes used ${median.toFixed(2)} of ${availableParallelism()} cores in the median round: the machine was not quiet, and ratios are off by what each system suffers from that.`,
      );
  }
  return warnings;
}
