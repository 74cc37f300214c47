/** What the runtime expects of its world and a browser lacks comes first. */
import { Buffer } from 'buffer';

Object.assign(globalThis, { Buffer });
const { App } = await import('./app.ts');
new App();
