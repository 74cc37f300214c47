/** Does to a simulation what somebody at the page asked for. */
import type { NodeId } from '../../machines/configuration.ts';
import type { ActionOutcome, ClusterAction } from '../../runtime/observation/clusterAction.ts';
import type { ClusterEvent } from '../../runtime/observation/clusterFrame.ts';
import type { Stage } from '../../runtime/simulation/stage.ts';

/** How long a node is paused unless it is said, ms: longer than any election timeout. */
const pauseMs = 1000;

interface Done extends ActionOutcome {
  /** For the timeline, where frames do not show it. */
  readonly event?: Pick<ClusterEvent, 'type' | 'node'>;
}

/** @throws InvalidArgument if there is no such node */
export function inflictAction(simulation: Stage, action: ClusterAction): Done {
  const { network } = simulation;
  switch (action.type) {
    case 'crash':
      simulation.crash(action.node);
      return { isDone: true, text: `${action.node} is killed: what its disk had not synced is lost.` };
    case 'restart':
      simulation.restart(action.node);
      return { isDone: true, text: `${action.node} starts from what its disk holds.` };
    case 'pause': {
      const { node, ms = pauseMs } = action;
      if (!simulation.pause) return { isDone: false, text: 'Processes do not stand still here.' };
      simulation.pause(node, ms);
      return { isDone: true, text: `${node} stands still for ${ms} ms.` };
    }
    case 'cut':
      network.cut(action.from, action.to);
      return onNetwork(`Nothing gets from ${action.from} to ${action.to}.`);
    case 'mend':
      for (const id of [action.from, action.to]) cutLinkByLink(simulation, id);
      network.mend(action.from, action.to);
      return onNetwork(`The way from ${action.from} to ${action.to} is open again.`);
    case 'partition':
      network.partition(...action.groups);
      return onNetwork(
        `The network is parted: ${action.groups.map((group) => group.join(' ')).join(' | ')}.`,
      );
    case 'heal':
      network.heal();
      return onNetwork('All links are open.');
    case 'transfer': {
      const leader = simulation.leader();
      if (leader === undefined) return { isDone: false, text: 'Nobody leads who could hand over.' };
      if (leader === action.to) return { isDone: false, text: `${leader} leads already.` };
      simulation.transferLeadership(action.to);
      const text = `${leader} is asked to hand leadership to ${action.to}.`;
      return { isDone: true, text, event: { type: 'command', node: leader } };
    }
    default:
      return { isDone: false, text: `Nothing here does "${action.type}".` };
  }
}

/** A node that is cut off as a whole stays so, but each of its links can be mended. */
function cutLinkByLink({ ids, network }: Stage, id: NodeId): void {
  if (network.isConnected(id)) return;
  for (const other of ids) {
    if (other === id) continue;
    network.cut(id, other);
    network.cut(other, id);
  }
  network.connect(id);
}

function onNetwork(text: string): Done {
  return { isDone: true, text, event: { type: 'network', node: null } };
}
