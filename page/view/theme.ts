/** Light or dark: as the system has it, until somebody chooses. */
import type { Theme } from '../viewMachine.ts';

const key = 'xstate-raft theme';

export function rememberedTheme(): Theme {
  const remembered = storage()?.getItem(key);
  return remembered === 'light' || remembered === 'dark' ? remembered : 'system';
}

export function applyTheme(theme: Theme): void {
  document.documentElement.dataset.theme = isDark(theme) ? 'dark' : 'light';
  if (theme !== 'system') storage()?.setItem(key, theme);
}

export function isDark(theme: Theme): boolean {
  return theme === 'system' ? matchMedia('(prefers-color-scheme: dark)').matches : theme === 'dark';
}

/** A browser may forbid it. */
function storage(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}
