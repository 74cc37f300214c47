/** Mocha's dots, but a line of figures for each scenario of the labs. Loaded by mocha itself, hence a default export. */
import Mocha from 'mocha';
import { type Figures, partOf } from './figures.ts';
import { failedLine, figuresLine, headLine, nameWidth } from './figuresLine.ts';
import { handout } from './handout.ts';

const { Base } = Mocha.reporters;
const { EVENT_RUN_END, EVENT_TEST_FAIL, EVENT_TEST_PASS, EVENT_TEST_PENDING } = Mocha.Runner.constants;

const nameLengthMax = Math.max(
  ...Object.values(handout).flatMap((scenarios) => Object.keys(scenarios).map(({ length }) => length)),
);

export default class FiguresReporter extends Base {
  /** A file or a pipe takes lines of any length. */
  readonly #width = process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY;
  readonly #nameColumn = nameWidth(nameLengthMax, this.#width);
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
    this.#head(test, figures.bytes !== undefined);
    const theirs = handout[partOf(test)]?.[test.title];
    this.#write(`${figuresLine(test.title, this.#nameColumn, figures, theirs)}\n`);
  }

  #failed(test: Mocha.Test): void {
    this.#head(test, handout[partOf(test)]?.[test.title]?.bytes !== undefined);
    this.#write(`${Base.color('fail', failedLine(test.title, this.#nameColumn))}\n`);
  }

  #head(test: Mocha.Test, withBytes: boolean): void {
    this.#endDots();
    const title = test.parent?.title ?? '';
    if (title === this.#suite) return;
    this.#suite = title;
    this.#write(`\n${Base.color('light', headLine(title, this.#nameColumn, withBytes))}\n`);
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
