/** A process that writes blocks of 1 MiB in sequence to a file of its own and syncs them: `FILE SECONDS`. */
import { randomBytes } from 'node:crypto';
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';

const blockBytes = 1024 * 1024;
/** As many as a system gathers that has eight clients. */
const blocksPerSync = 8;
/** The file begins anew, so that the disk does not fill. */
const blocksMax = 512;

const [file = '', seconds = '0'] = process.argv.slice(2);
const block = randomBytes(blockBytes);
const handle = openSync(file, 'w');
const begun = performance.now();
let blocks = 0;
while (performance.now() - begun < 1000 * Number(seconds)) {
  for (let place = 0; place < blocksPerSync; place += 1) {
    writeSync(handle, block, 0, blockBytes, (blocks % blocksMax) * blockBytes);
    blocks += 1;
  }
  fdatasyncSync(handle);
}
closeSync(handle);
process.stdout.write(`${(1000 * blocks) / (performance.now() - begun)} blocks a second\n`);
