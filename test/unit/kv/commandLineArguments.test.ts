import { expect } from 'chai';
import {
  integerReader,
  readAddress,
  readListenAddress,
  readName,
  readPeers,
} from '../../../kv/commandLine/arguments.ts';

describe('the values of options', () => {
  it('reads addresses with names and with numbers', () => {
    expect(readAddress('127.0.0.1:7001')).to.deep.equal({ host: '127.0.0.1', port: 7001 });
    expect(readAddress('localhost:65535')).to.deep.equal({ host: 'localhost', port: 65_535 });
    expect(readAddress('[::1]:7001')).to.deep.equal({ host: '::1', port: 7001 });
  });

  for (const text of [
    '',
    '7001',
    '127.0.0.1',
    '127.0.0.1:',
    ':7001',
    'a:b',
    'a:70000',
    '::1:7001',
    'a:1x',
    'a b:1',
  ]) {
    it(`refuses "${text}" as an address`, () => {
      expect(() => readAddress(text)).to.throw('Write HOST:PORT');
    });
  }

  it('takes port 0 for an address to listen on, and for no other', () => {
    expect(readListenAddress('127.0.0.1:0')).to.deep.equal({ host: '127.0.0.1', port: 0 });
    expect(() => readAddress('127.0.0.1:0')).to.throw('from 1 to 65535');
  });

  it('reads peers', () => {
    expect(readPeers('n1=127.0.0.1:7101, n2=[::1]:7102')).to.deep.equal({
      n1: { host: '127.0.0.1', port: 7101 },
      n2: { host: '::1', port: 7102 },
    });
  });

  it('names the peer that is wrong', () => {
    expect(() => readPeers('n1=127.0.0.1:7101,n2')).to.throw('"n2" is no peer');
    expect(() => readPeers('n1=127.0.0.1:7101,')).to.throw('"" is no peer');
    expect(() => readPeers('n1=127.0.0.1:7101,n2=127.0.0.1')).to.throw('"n2=127.0.0.1" has no valid address');
    expect(() => readPeers('n1=127.0.0.1:7101,n1=127.0.0.1:7102')).to.throw('"n1" is there twice');
  });

  it('reads whole numbers within their bounds', () => {
    const read = integerReader(1, 9);
    expect(read('9')).to.equal(9);
    for (const text of ['', '0', '10', '-1', '1.5', '1e0', 'three', '0x3', ' 3']) {
      expect(() => read(text), text).to.throw('Give a whole number from 1 to 9.');
    }
  });

  it('refuses names that a list of peers could not hold', () => {
    expect(readName('n1')).to.equal('n1');
    for (const text of ['', 'n 1', 'n,1', 'n=1']) expect(() => readName(text), text).to.throw('Give a name');
  });
});
