/** A cluster as it is now, told by the server that gave this page. */
import type {
  ActionOutcome,
  ClusterAction,
  ClusterActionType,
} from '../../runtime/observation/clusterAction.ts';
import type { ClusterFrame } from '../../runtime/observation/clusterFrame.ts';
import type { Acted, ClusterSource, Place } from './clusterSource.ts';
import { FrameHistory } from './frameHistory.ts';
import { LiveFlights } from './liveFlights.ts';

/** What can be looked back at: minutes. */
const framesMax = 6000;

/** As the server gives it. */
interface Hello {
  readonly clusterId: string;
  readonly actions: readonly ClusterActionType[];
  readonly token: string;
}

export class LiveSource implements ClusterSource {
  readonly history = new FrameHistory();
  readonly isVirtual = false;

  get hasClients(): boolean {
    return this.actions.has('put');
  }

  readonly story = null;
  problem: string | null = null;
  onChange: () => void = () => {};
  readonly #stream = new EventSource('api/frames');
  readonly #flights = new LiveFlights();
  readonly #isStill = matchMedia('(prefers-reduced-motion: reduce)').matches;
  #hello: Hello | undefined;
  actions: ReadonlySet<ClusterActionType> = new Set();

  constructor() {
    // Also when the server is there again: it is another one, with another token.
    this.#stream.onopen = () => void this.#greet();
    this.#stream.onmessage = ({ data }: MessageEvent<string>) => {
      this.problem = null;
      const frame = JSON.parse(data) as ClusterFrame; // the server's own
      this.history.append(this.#isStill ? { ...frame, messages: [] } : this.#flights.slowDown(frame));
      if (this.history.length > framesMax) this.history.cutBefore(framesMax / 2);
      this.onChange();
    };
    // The browser tries again by itself.
    this.#stream.onerror = () => this.#complain('The cluster does not tell anything: is it still running?');
  }

  get title(): string {
    return `Live: ${this.#hello?.clusterId ?? '…'}`;
  }

  async reach(): Promise<void> {}

  act(action: ClusterAction, place: Place): Acted {
    const last = this.history.length - 1;
    const outcome = this.#ask(action);
    return {
      outcome,
      begun: outcome.then(() => ({ index: Math.max(last, place.index), time: this.history.end })),
    };
  }

  link(): null {
    return null;
  }

  close(): void {
    this.#stream.close();
    this.onChange = () => {};
  }

  async #greet(): Promise<void> {
    try {
      this.#hello = (await (await fetch('api/hello')).json()) as Hello; // the server's own
      this.actions = new Set(this.#hello.actions);
      this.onChange();
    } catch {
      this.#complain('The server of this page does not answer.');
    }
  }

  async #ask(action: ClusterAction): Promise<ActionOutcome> {
    try {
      const response = await fetch('api/actions', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-page-token': this.#hello?.token ?? '' },
        body: JSON.stringify(action),
      });
      return (await response.json()) as ActionOutcome; // refusals, too, have this form
    } catch {
      return { isDone: false, text: 'The server of this page does not answer.' };
    }
  }

  #complain(problem: string): void {
    this.problem = problem;
    this.onChange();
  }
}
