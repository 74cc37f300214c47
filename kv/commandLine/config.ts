/** `xstate-raft config`: the settings in force, and where each of them came from. */
import { makePaint } from './paint.ts';
import type { Resolved } from './resolveSettings.ts';
import type { Setting } from './setting.ts';
import { formatTable } from './table.ts';

/** Settles with the exit code: 1 if a setting is missing. */
export function config(settings: readonly Setting[], resolved: readonly Resolved[]): number {
  const paint = makePaint(process.stdout);
  const rows = settings.map((setting) => {
    const found = resolved.find((each) => each.setting === setting);
    if (found) return [setting.name, found.given.text, found.source];
    return [setting.name, '', setting.isRequired ? paint.bad('missing') : 'not given'];
  });
  const head = ['setting', 'value', 'from'].map((name) => paint.dim(name));
  process.stdout.write(formatTable(head, rows));
  const isMissing = settings.some(
    (setting) => setting.isRequired && !resolved.some((each) => each.setting === setting),
  );
  return isMissing ? 1 : 0;
}
