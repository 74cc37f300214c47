/** A key/value store: put, append and get as the clerks of this package do them, delete and compare-and-set besides. */
import type { Model } from './model.ts';
import { quoted } from './quoted.ts';

export type KeyValueInput =
  | { readonly kind: 'get'; readonly key: string }
  | { readonly kind: 'put'; readonly key: string; readonly value: string }
  /** To a missing key it is a put. */
  | { readonly kind: 'append'; readonly key: string; readonly value: string }
  | { readonly kind: 'delete'; readonly key: string }
  /** Puts `value` if the key holds `expected`; null stands for a missing key. */
  | {
      readonly kind: 'compareAndSet';
      readonly key: string;
      readonly expected: string | null;
      readonly value: string;
    };

/**
 * get: the value; compareAndSet: whether the value was put; delete: whether the key was there, or nothing if the service
 * does not say; put and append: not looked at.
 */
export type KeyValueOutput = string | boolean | null;

/** The state is the value of one key, null while it is missing. */
export type KeyValueModel = Model<string | null, KeyValueInput, KeyValueOutput>;

export interface KeyValueModelOptions {
  /** What a missing key reads as: '', the default, as clerks have it, or null, as Redis has it. */
  readonly missing?: '' | null;
}

export function makeKeyValueModel({ missing = '' }: KeyValueModelOptions = {}): KeyValueModel {
  return {
    init: () => null,
    step(state, input, output, returned) {
      switch (input.kind) {
        case 'get':
          return !returned || output === (state ?? missing) ? state : undefined;
        case 'put':
          return input.value;
        case 'append':
          return state === null ? input.value : state + input.value;
        case 'delete':
          return returned && typeof output === 'boolean' && output !== (state !== null) ? undefined : null;
        case 'compareAndSet': {
          const isExpected = state === input.expected;
          if (returned && output !== isExpected) return undefined;
          return isExpected ? input.value : state;
        }
      }
    },
    partition: ({ key }) => key,
    describe(input, output, returned) {
      const words = [input.kind, quoted(input.key)];
      if (input.kind === 'compareAndSet') words.push(quoted(input.expected));
      if ('value' in input) words.push(quoted(input.value));
      const isTold = returned && output !== undefined && input.kind !== 'put' && input.kind !== 'append';
      return isTold ? `${words.join(' ')} → ${quoted(output)}` : words.join(' ');
    },
    describeState: (state) => (state === null ? 'missing' : quoted(state)),
    hints: {
      isRead: ({ kind }) => kind === 'get',
      isConditional: ({ kind }) => kind === 'compareAndSet' || kind === 'delete',
      canPrecede(input, _read, output) {
        if (input.kind === 'delete') return output === missing;
        if (input.kind === 'append') return typeof output === 'string' && output.endsWith(input.value);
        return input.kind !== 'get' && input.value === output;
      },
      restart(input) {
        if (input.kind === 'delete') return null;
        return input.kind === 'put' || input.kind === 'compareAndSet' ? input.value : undefined;
      },
      canLeadTo: (from, _read, output) =>
        from === null || (typeof output === 'string' && output.startsWith(from)),
    },
  };
}

/** A missing key reads as ''. */
export const keyValueModel: KeyValueModel = makeKeyValueModel();
