/** Mocha's dots, but a line of figures for each scenario of the labs. Loaded by mocha itself, hence a default export. */
import Mocha from 'mocha';
import { type Figures, partOf } from './figures.ts';
import { failedLine, figuresLine, headLine, nameWidth } from './figuresLine.ts';
import { handout, longestName, printsBytes } from './handout.ts';

const { Base } = Mocha.reporters;
const { EVENT_RUN_END, EVENT_TEST_FAIL, EVENT_TEST_PASS, EVENT_TEST_PENDING } = Mocha.Runner.constants;

export default class FiguresReporter extends Base {
  /** A file or a pipe takes lines of any length. */
  readonly #width = process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY;
  readonly #dotsMax = Math.floor(Base.window.width * 0.75);
  #dots = 0;
  /** Title of the suite that the last line belongs to. */
  #suite = '';

  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    runner.on(EVENT_TEST_PASS, (test) => {
      if (test.figures) this.#passed(test, test.figures);
      else this.#dot(test.speed === 'slow' ? 'bright yellow' : (test.speed ?? 'fast'), Base.symbols.dot);
    });
    runner.on(EVENT_TEST_PENDING, () => this.#dot('pending', Base.symbols.comma));
    runner.on(EVENT_TEST_FAIL, (test) => {
      if (handout[partOf(test)]?.[test.title]) this.#failed(test);
      else this.#dot('fail', Base.symbols.bang);
    });
    runner.once(EVENT_RUN_END, () => {
      this.#endDots();
      this.epilogue();
    });
  }

  #passed(test: Mocha.Test, figures: Figures): void {
    const column = this.#head(test, figures.bytes !== undefined);
    const theirs = handout[partOf(test)]?.[test.title];
    this.#write(`${figuresLine(test.title, column, figures, theirs)}\n`);
  }

  #failed(test: Mocha.Test): void {
    const column = this.#head(test, printsBytes(partOf(test)));
    this.#write(`${Base.color('fail', failedLine(test.title, column))}\n`);
  }

  /** The part's head, unless it stands above already; returns how wide its names are. */
  #head(test: Mocha.Test, withBytes: boolean): number {
    this.#endDots();
    const column = nameWidth(longestName(withBytes), this.#width, withBytes);
    const title = test.parent?.title ?? '';
    if (title === this.#suite) return column;
    this.#suite = title;
    this.#write(`\n${Base.color('light', headLine(title, column, withBytes))}\n`);
    return column;
  }

  #dot(color: string, symbol: string): void {
    if (this.#dots === 0 && this.#suite !== '') this.#write('\n');
    if (this.#dots % this.#dotsMax === 0) this.#write(this.#dots === 0 ? '  ' : '\n  ');
    this.#dots += 1;
    this.#write(Base.color(color, symbol));
  }

  #endDots(): void {
    if (this.#dots > 0) this.#write('\n');
    this.#dots = 0;
  }

  #write(text: string): void {
    process.stdout.write(text);
  }
}
