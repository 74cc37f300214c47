/** In place of Node's module of the name. */
export const { performance } = globalThis;
