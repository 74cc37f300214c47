/** What a plot shows. */
export interface Point {
  readonly x: number;
  readonly y: number;
  /** Where the rounds lay, when there were several. */
  readonly least?: number;
  readonly most?: number;
}

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
}

export interface LinePlot {
  readonly kind: 'lines';
  /** Of the file, without its ending. */
  readonly file: string;
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly x: 'linear' | 'log';
  readonly y: 'linear' | 'log';
  readonly series: readonly Series[];
}

export interface Bar {
  readonly name: string;
  readonly y: number;
  readonly least: number;
  readonly most: number;
}

export interface BarPlot {
  readonly kind: 'bars';
  readonly file: string;
  readonly title: string;
  readonly yLabel: string;
  readonly groups: readonly { readonly name: string; readonly bars: readonly Bar[] }[];
}

export type Plot = LinePlot | BarPlot;
