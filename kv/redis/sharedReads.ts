/**
 * Lets all clients' sockets read into one piece of memory, of which each read is copied out. Node sets 64 KiB aside for
 * every read of a socket, however few bytes come, and the garbage collector has each to look after: of a short command
 * that is a tenth of all it costs. Sockets that dial can be given memory (`onread`), those that a server accepts cannot; so
 * the handle of an accepted one moves into a socket that can.
 */
import { Socket } from 'node:net';

const sharedBytes = 64 * 1024;

/** Read into and copied from in one go, so that one is enough. */
let shared: Buffer | undefined;

/** What Node keeps in an accepted socket, and no documentation names: looked at before it is used. */
interface Accepted {
  _handle?: object | null;
  readonly _server?: object | null;
}

/**
 * The same connection as a socket whose 'data' events bring memory of their own. `accepted` must not have been read from
 * (`pauseOnConnect`), and is of no use any more; where Node keeps its handle elsewhere, it is given back as it is.
 */
export function sharingReads(accepted: Socket): Socket {
  const inside = accepted as unknown as Accepted; // checked below
  const { _handle: handle, _server } = inside;
  if (!handle || !_server) return accepted;
  inside._handle = null;
  const memory = shared ?? Buffer.allocUnsafeSlow(sharedBytes);
  shared = memory;
  const options = {
    handle,
    allowHalfOpen: true,
    onread: {
      buffer: memory,
      callback: (bytes: number): boolean => {
        const read = Buffer.allocUnsafe(bytes);
        memory.copy(read, 0, 0, bytes);
        socket.emit('data', read);
        return true;
      },
    },
  };
  const socket: Socket = new Socket(options);
  // By which the server counts its connections.
  return Object.assign(socket, { _server });
}
