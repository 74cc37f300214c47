/** What moves on the ring with every picture: messages along their links, and countdowns. Nothing is laid out anew. */
import type { ClusterFrame, MessageFrame } from '../../runtime/observation/clusterFrame.ts';
import { messageClass } from './colors.ts';
import { nodeRadiusOf, type Spot, spotsOf } from './ring.ts';

const svgNamespace = 'http://www.w3.org/2000/svg';
/** Messages of the two directions keep to their own side of the link, px. */
const laneOffset = 8;

interface Dot {
  readonly element: SVGGElement;
  message: MessageFrame | undefined;
}

export class RingMotion {
  readonly #layer: SVGGElement;
  readonly #countdowns: () => Iterable<SVGCircleElement>;
  readonly #dots: Dot[] = [];
  #frame: ClusterFrame | undefined;
  /** By node. */
  #arcs = new Map<string, SVGCircleElement>();

  /** `layer`: an empty group of its own. `select` is told of a message that is pointed at. */
  constructor(
    layer: SVGGElement,
    countdowns: () => Iterable<SVGCircleElement>,
    select: (message: MessageFrame) => void,
  ) {
    this.#layer = layer;
    this.#countdowns = countdowns;
    layer.addEventListener('pointerover', ({ target }) => {
      const dot = this.#dots.find(({ element }) => target instanceof Node && element.contains(target));
      if (dot?.message) select(dot.message);
    });
  }

  /** `time`: ms, at or behind that of the frame. */
  draw(frame: ClusterFrame, time: number): void {
    if (frame !== this.#frame) {
      this.#frame = frame;
      this.#assign(frame.messages);
      this.#arcs = new Map([...this.#countdowns()].map((arc) => [arc.dataset.node ?? '', arc]));
    }
    const spot = spotsOf(frame.nodes.map(({ id }) => id));
    for (const { element, message } of this.#dots)
      if (message) place(element, message, { spot, time, rim: nodeRadiusOf(frame.nodes.length) });
    for (const { id, election, state } of frame.nodes) {
      const left = election && state === 'up' ? Math.max(0, election.deadline - time) / election.spanMs : 0;
      this.#arcs.get(id)?.setAttribute('stroke-dasharray', `${Math.min(1, left).toFixed(4)} 2`);
    }
  }

  #assign(messages: readonly MessageFrame[]): void {
    while (this.#dots.length < messages.length)
      this.#dots.push({ element: this.#makeDot(), message: undefined });
    this.#dots.forEach((dot, i) => {
      const message = messages[i];
      dot.element.style.display = message ? '' : 'none';
      if (message && message !== dot.message) dot.element.setAttribute('class', messageClass(message));
      dot.message = message;
    });
  }

  #makeDot(): SVGGElement {
    const element = document.createElementNS(svgNamespace, 'g');
    const hit = document.createElementNS(svgNamespace, 'circle');
    hit.setAttribute('class', 'hit');
    hit.setAttribute('r', '14');
    const dot = document.createElementNS(svgNamespace, 'path');
    // It points in the direction in which it flies.
    dot.setAttribute('d', 'M11 0 4 7.5H-4A7.5 7.5 0 0 1-4-7.5H4z');
    element.append(hit, dot);
    this.#layer.append(element);
    return element;
  }
}

function place(
  element: SVGGElement,
  { from, to, sentAt, arrivesAt }: MessageFrame,
  { spot, time, rim }: { spot: (id: string) => Spot; time: number; rim: number },
): void {
  const [begin, end] = [spot(from), spot(to)];
  const length = Math.hypot(end.x - begin.x, end.y - begin.y) || 1;
  const [ux, uy] = [(end.x - begin.x) / length, (end.y - begin.y) / length];
  const share = Math.min(1, Math.max(0, (time - sentAt) / Math.max(arrivesAt - sentAt, 1e-9)));
  // From rim to rim.
  const along = rim + share * (length - 2 * rim);
  const x = begin.x + ux * along - uy * laneOffset;
  const y = begin.y + uy * along + ux * laneOffset;
  const angle = (Math.atan2(uy, ux) * 180) / Math.PI;
  element.setAttribute('transform', `translate(${x.toFixed(1)} ${y.toFixed(1)}) rotate(${angle.toFixed(1)})`);
}
