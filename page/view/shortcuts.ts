/** Keys that work wherever the focus is not in a field or on a switch of its own. */
export interface Shortcuts {
  readonly toggle: () => void;
  readonly step: (by: 1 | -1) => void;
  /** To the beginning, or to the end of what there is. */
  readonly jump: (to: 'begin' | 'end') => void;
  readonly choosePace: (by: 1 | -1) => void;
}

export function listenToKeys({ toggle, step, jump, choosePace }: Shortcuts): void {
  const actions: Readonly<Record<string, () => void>> = {
    ' ': toggle,
    ArrowRight: () => step(1),
    ArrowLeft: () => step(-1),
    Home: () => jump('begin'),
    End: () => jump('end'),
    '+': () => choosePace(1),
    '-': () => choosePace(-1),
  };
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || hasOwnKeys(event.target, event.key)) return;
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}

function hasOwnKeys(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest('input, select, textarea, dialog')) return true;
  return (key === ' ' || key === 'Enter') && target.closest('button, summary, [role=button]') !== null;
}
