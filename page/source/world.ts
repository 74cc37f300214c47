/** What a scenario plays in, and who hears of it. */
import type {
  ActionOutcome,
  ClusterAction,
  ClusterActionType,
} from '../../runtime/observation/clusterAction.ts';
import type { ClusterEvent } from '../../runtime/observation/clusterFrame.ts';
import type { DescribeCommand } from '../../runtime/observation/entryText.ts';
import type { Stage } from '../../runtime/simulation/stage.ts';
import type { Told } from './storyTeller.ts';

export interface World {
  readonly simulation: Stage;
  /** Clients speak to it over its network. */
  readonly hasClients: boolean;
  readonly describe?: DescribeCommand;
  readonly actions: ReadonlySet<ClusterActionType>;
  /** Reads and writes of clients; undefined: this is none. */
  serve(action: ClusterAction): Promise<ActionOutcome> | undefined;
}

export interface WorldHooks {
  /** The simulation is there, and nothing has happened in it yet. */
  onOpen(world: World): void;
  /** Hears what is told of what comes now; `number` grows from one time to the next. */
  onTold(told: readonly Told[], number: number): void;
  /** Something that is not seen of the nodes has happened. */
  onEvent(event: Pick<ClusterEvent, 'type' | 'text'>): void;
}
