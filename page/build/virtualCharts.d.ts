declare module 'virtual:charts' {
  const charts: Readonly<Record<string, import('./chartsPlugin.ts').LaidOutChart>>;
  export default charts;
}
