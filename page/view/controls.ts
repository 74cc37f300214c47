/** What the parts of the page ask for. */
import type { ClusterAction } from '../../runtime/observation/clusterAction.ts';
import type { Beat } from '../source/clusterSource.ts';

export interface Controls {
  readonly act: (action: ClusterAction) => void;
  readonly toggle: () => void;
  readonly step: (by: 1 | -1) => void;
  /** Shows a moment, ms. */
  readonly seek: (time: number) => void;
  /** Shows a frame, by its place in the history. */
  readonly showFrame: (index: number) => void;
  readonly showBeat: (beat: Beat) => void;
  /** A place in `paces`. */
  readonly choosePace: (pace: number) => void;
  readonly selectNode: (node: string) => void;
  readonly selectActor: (actor: string) => void;
  /** Something has changed that no frame shows. */
  readonly redraw: () => void;
}
