/** Where the page has its cluster from: a simulation in the browser, or a server's feed of a real one. */
import type {
  ActionOutcome,
  ClusterAction,
  ClusterActionType,
} from '../../runtime/observation/clusterAction.ts';
import type { FrameHistory } from './frameHistory.ts';

export interface ClusterSource {
  /** What it has shown so far; it grows at the end. */
  readonly history: FrameHistory;
  /** What it lets whoever looks do; nothing: it is read-only. */
  readonly actions: ReadonlySet<ClusterActionType>;
  /** Virtual time goes on as the page asks for it; real time goes on by itself. */
  readonly isVirtual: boolean;
  /** Clients speak to the cluster, too. */
  readonly hasClients: boolean;
  /** Of what it shows. */
  readonly title: string;
  /** What is told along with it. */
  readonly story: Story | null;
  /** Called when there is something new to show: frames, beats, a problem. */
  onChange: () => void;
  /** Why there is nothing more to come; null: there is. */
  readonly problem: string | null;
  /** In virtual time: makes frames until one lies behind `time` (ms), if there is more to come. */
  reach(time: number): Promise<void>;
  /**
   * Does something to the cluster: now, or in virtual time at the place that is shown, so that what came behind it is
   * replaced by what follows now.
   */
  act(action: ClusterAction, place: Place): Acted;
  /** The part of an address that shows the same again; null: there is none. */
  link(time: number): string | null;
  close(): void;
}

export interface Acted {
  /** Settles when it has been done, with the place to look at. */
  readonly begun: Promise<Place>;
  /** What came of it: of a client's action that may take a while, of virtual time. */
  readonly outcome: Promise<ActionOutcome>;
}

/** Where somebody looks: a frame, by its place in the history, and a time at or behind it, ms. */
export interface Place {
  readonly index: number;
  readonly time: number;
}

export interface Story {
  readonly title: string;
  /** What it shows, in a few sentences. */
  readonly introduction: string;
  /** In their order; more may come. */
  readonly beats: readonly Beat[];
  /** When it has been told, ms; null: not yet known. */
  readonly end: number | null;
}

/** A sentence of a story, and where it begins to be true. */
export interface Beat {
  readonly kind: 'caption' | 'step';
  readonly text: string;
  /** The frame shown before it. */
  readonly index: number;
  /** ms */
  readonly time: number;
  /** Nothing to be looked at until the next one. */
  readonly isSkipped: boolean;
}
