/** Latencies in bounded memory: buckets as wide as a 256th of what they hold, so that a percentile is off by 0.4 % at most. */

const unitsPerMs = 10_000;
const subBuckets = 256;
const subBits = 8;
/** Above the 32 bits of a latency of seven minutes. */
const buckets = (32 - subBits + 1) * subBuckets;

export class LatencyHistogram {
  readonly #counts = new Uint32Array(buckets);
  #count = 0;
  #maxMs = 0;

  get count(): number {
    return this.#count;
  }

  get maxMs(): number {
    return this.#maxMs;
  }

  record(ms: number): void {
    const units = Math.min(0xffff_ffff, Math.max(0, Math.round(ms * unitsPerMs)));
    const place = bucketOf(units);
    this.#counts[place] = (this.#counts[place] ?? 0) + 1;
    this.#count += 1;
    if (ms > this.#maxMs) this.#maxMs = ms;
  }

  /** The latency in ms that this share of all, 0 to 1, does not exceed; 0 when nothing was recorded. */
  percentile(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.#count));
    let seen = 0;
    for (let place = 0; place < buckets; place += 1) {
      seen += this.#counts[place] ?? 0;
      if (seen >= rank) return Math.min(this.#maxMs, middleOf(place) / unitsPerMs);
    }
    return 0;
  }
}

function bucketOf(units: number): number {
  const shift = Math.max(0, 31 - Math.clz32(units) - subBits);
  return shift * subBuckets + Math.floor(units / 2 ** shift);
}

function middleOf(place: number): number {
  if (place < 2 * subBuckets) return place;
  const shift = Math.floor(place / subBuckets) - 1;
  return (place - shift * subBuckets + 0.5) * 2 ** shift;
}
