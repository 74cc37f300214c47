/** Tries variants of a history that failed, within a bound on the work, so that the reason comes out the same on any machine. */
import type { History } from './history.ts';
import type { Model } from './model.ts';
import { type Role, withRoles } from './roles.ts';
import { type Configuration, Search } from './search.ts';

/** Steps of search for one question about a failure: about a second. */
const stepsMax = 1_000_000;

/** Steps for one variant: a variant that takes long is not tried to the end. */
const stepsPerVariantMax = 200_000;

/** More configurations than this are no beginning that a person could have in mind. */
const startsMax = 32;

export class Refuter<State extends NonNullable<unknown> | null, Input, Output> {
  readonly history: History<Input, Output>;
  readonly model: Model<State, Input, Output>;
  #stepsLeft = 0;

  constructor(model: Model<State, Input, Output>, history: History<Input, Output>) {
    this.model = model;
    this.history = history;
  }

  /** A new question: it has the whole number of steps. */
  begin(): void {
    this.#stepsLeft = stepsMax;
  }

  /** Before anything has happened. */
  beginning(): Configuration<State> {
    return { state: this.model.init(), done: new Set() };
  }

  /** Whether it is certain that the operations in these roles are not linearizable from any of the starts. */
  refutes(roles: readonly Role[], starts: readonly Configuration<State>[]): boolean {
    return starts.every((start) => {
      const { history } = withRoles(this.history, roles, start.done);
      return this.#run(new Search(this.model, history, { from: start.state })) === false;
    });
  }

  /** An order in which the operations can have taken effect, as places in the history; none if none was found. */
  order(roles: readonly Role[]): number[] {
    const { history, places } = withRoles(this.history, roles);
    const search = new Search(this.model, history);
    return this.#run(search) ? search.order.map((at) => places[at] ?? -1) : [];
  }

  /** All that can be so once everything that returned until `time` has taken effect; nothing if that is too much. */
  configurationsAt(time: number, roles: readonly Role[]): Configuration<State>[] | undefined {
    const called = roles.map((role, place): Role => {
      return (this.history[place]?.calledAt ?? 0) <= time ? role : 'absent';
    });
    const { history, places } = withRoles(this.history, called);
    const found: Configuration<State>[] = [];
    const each = ({ state, done }: Configuration<State>) => {
      found.push({ state, done: new Set([...done].map((at) => places[at] ?? -1)) });
    };
    const search = new Search(this.model, history, { visit: { time, each } });
    const isAll = this.#run(search, () => found.length > startsMax) === false;
    return isAll ? found : undefined;
  }

  #run(search: Search<State, Input, Output>, isEnough = () => false): boolean | undefined {
    const slice = 2000;
    for (let left = Math.min(stepsPerVariantMax, this.#stepsLeft); left > 0; left -= slice) {
      const result = search.run(slice);
      if (result !== undefined || isEnough()) {
        this.#stepsLeft -= search.steps;
        return result;
      }
    }
    this.#stepsLeft -= search.steps;
    return undefined;
  }
}
