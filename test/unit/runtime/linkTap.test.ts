import { expect } from 'chai';
import type { Payload } from '../../../runtime/transport/frame.ts';
import { LinkTap } from '../../../runtime/transport/linkTap.ts';
import type { OnReply } from '../../../runtime/transport/waitingCalls.ts';

const request = Uint8Array.of(1);
const reply = Uint8Array.of(2);

describe('the tap of links', () => {
  /** A transport whose peers answer at once. */
  const answering = () => {
    const asked: string[] = [];
    return {
      asked,
      call: (peer: string, _payload: Payload, onReply: OnReply) => {
        asked.push(peer);
        setImmediate(() => onReply(reply));
      },
    };
  };

  const call = (tap: LinkTap, transport: ReturnType<typeof answering>, peer: string) =>
    new Promise<Uint8Array | undefined>((resolve) => {
      let isInside = true;
      tap.call(transport, peer, request, (given) => {
        expect(isInside, 'called back from inside').to.equal(false);
        resolve(given);
      });
      isInside = false;
    });

  it('passes everything on while nobody looks and nothing is cut', async () => {
    const [tap, transport] = [new LinkTap(), answering()];
    expect(await call(tap, transport, 'n2')).to.equal(reply);
    const answer = () => {};
    expect(tap.replyTo('n2', answer)).to.equal(answer);
  });

  it('tells who looks of every call and its end, and of none later', async () => {
    const [tap, transport] = [new LinkTap(), answering()];
    const heard: unknown[] = [];
    tap.listen((peer, payload) => {
      heard.push([peer, payload]);
      return (given) => heard.push(given);
    });
    await call(tap, transport, 'n2');
    tap.setCut('n3', true);
    await call(tap, transport, 'n3');
    tap.listen(undefined);
    await call(tap, transport, 'n2');
    expect(heard).to.deep.equal([['n2', request], reply, ['n3', request], undefined]);
  });

  it('loses what goes to a peer that is cut off, requests and replies, until the cut is mended', async () => {
    const [tap, transport] = [new LinkTap(), answering()];
    const replies: string[] = [];
    const answer = () => replies.push('n2');
    tap.setCut('n2', true);
    expect(await call(tap, transport, 'n2')).to.equal(undefined);
    tap.replyTo('n2', answer)(reply);
    tap.replyTo('n3', answer)(reply);
    expect(await call(tap, transport, 'n3')).to.equal(reply);
    expect({ asked: transport.asked, replies: replies.length }).to.deep.equal({ asked: ['n3'], replies: 1 });
    tap.setCut('n2', false);
    expect(await call(tap, transport, 'n2')).to.equal(reply);
    tap.replyTo('n2', answer)(reply);
    expect(replies).to.have.length(2);
  });
});
