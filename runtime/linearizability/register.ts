/** A register: one value that is read, written, and replaced if it is what the client thinks. */
import type { Model } from './model.ts';
import { quoted } from './quoted.ts';

export type RegisterValue = string | number | boolean | null;

export type RegisterInput =
  | { readonly kind: 'read' }
  | { readonly kind: 'write'; readonly value: RegisterValue }
  | { readonly kind: 'compareAndSet'; readonly expected: RegisterValue; readonly value: RegisterValue };

/** read: the value; write: not looked at; compareAndSet: whether it was replaced. */
export type RegisterOutput = RegisterValue;

export type RegisterModel = Model<RegisterValue, RegisterInput, RegisterOutput>;

/** A register that holds `initial` before the first write. */
export function makeRegisterModel(initial: RegisterValue = null): RegisterModel {
  return {
    init: () => initial,
    step(state, input, output, returned) {
      switch (input.kind) {
        case 'read':
          return !returned || output === state ? state : undefined;
        case 'write':
          return input.value;
        case 'compareAndSet': {
          const isExpected = state === input.expected;
          if (returned && output !== isExpected) return undefined;
          return isExpected ? input.value : state;
        }
      }
    },
    describe(input, output, returned) {
      const result = returned ? ` → ${quoted(output)}` : '';
      if (input.kind === 'read') return `read${result}`;
      if (input.kind === 'write') return `write ${quoted(input.value)}`;
      return `compareAndSet ${quoted(input.expected)} ${quoted(input.value)}${result}`;
    },
    describeState: quoted,
    hints: {
      isRead: ({ kind }) => kind === 'read',
      isConditional: ({ kind }) => kind === 'compareAndSet',
      canPrecede: (input, _read, output) => input.kind !== 'read' && input.value === output,
      restart: (input) => (input.kind === 'read' ? undefined : input.value),
      canLeadTo: (from, _read, output) => from === output,
    },
  };
}

/** A register that holds null before the first write. */
export const registerModel: RegisterModel = makeRegisterModel();
