/**
 * Who may ask: the page itself, and programs on this machine. Not a page of another site in a browser here, which may
 * send requests to loopback, and may have its own name resolved to it.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { formatAddress, type PeerAddress } from '../../runtime/transport/address.ts';

/** The header that an action must carry, with what `/api/hello` gives. */
export const tokenHeader = 'x-page-token';

export class RequestGuard {
  /** Another one at every start. */
  readonly token = randomBytes(24).toString('base64url');
  readonly #hosts: readonly string[];

  constructor({ host, port }: PeerAddress) {
    this.#hosts = [
      { host, port },
      { host: 'localhost', port },
    ].map(formatAddress);
  }

  /** Why a request is refused; undefined: it is not. */
  refusal({ headers, method }: IncomingMessage): string | undefined {
    const { host = '', origin } = headers;
    if (!this.#hosts.includes(host.toLowerCase())) {
      return `This page is served as http://${this.#hosts[0]} alone, not as ${JSON.stringify(host)}.`;
    }
    if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`) {
      return `A page of ${origin} may not ask here.`;
    }
    const site = headers['sec-fetch-site'];
    if (site === 'cross-site' || site === 'same-site') {
      // A link that somebody follows shows the page, and nothing else.
      if (headers['sec-fetch-mode'] !== 'navigate') return 'A page of another site may not ask here.';
    }
    if (method !== 'POST') return undefined;
    if (origin === undefined) return 'An action needs the Origin of the page: use the page.';
    return this.#isToken(headers[tokenHeader]) ? undefined : 'The page is of an earlier start: load it anew.';
  }

  #isToken(given: string | string[] | undefined): boolean {
    if (typeof given !== 'string') return false;
    const [bytes, expected] = [Buffer.from(given), Buffer.from(this.token)];
    return bytes.byteLength === expected.byteLength && timingSafeEqual(bytes, expected);
  }
}
