/** How a command speaks: data goes to standard output, words for people to standard error. */
export interface Output {
  /** Data as JSON, for programs. */
  readonly json: boolean;
  /** No words but errors. */
  readonly quiet: boolean;
  /** Whether standard error is a terminal that may be drawn on. */
  readonly terminal: boolean;
  /** Whether colours may be used. */
  readonly color: boolean;
  /** Whether every rank of a run is shown. */
  readonly allRanks: boolean;
  data(line: string): void;
  say(line: string): void;
}

export interface OutputFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
  /** False with `--no-color`. */
  readonly color?: boolean;
  readonly allRanks?: boolean;
}

/** The output of this process. A reader that goes away ends the printing, not the command. */
export function processOutput({ json = false, quiet = false, color = true, allRanks = false }: OutputFlags): Output {
  let open = true;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    open = false;
  });
  const terminal = process.stderr.isTTY;
  return {
    json,
    quiet,
    terminal: terminal && !quiet,
    color: terminal && color && process.env['NO_COLOR'] === undefined,
    allRanks,
    data: (line) => {
      if (open) process.stdout.write(`${line}\n`);
    },
    say: (line) => {
      if (!quiet) process.stderr.write(`${line}\n`);
    },
  };
}

const FLAGS = ['--json', '--quiet', '--no-color', '--all-ranks'] as const;

/** Takes the output flags out of arguments that are passed on as they are. */
export function takeOutputFlags(argv: readonly string[]): {
  readonly flags: OutputFlags;
  readonly rest: readonly string[];
} {
  const isFlag = (word: string): boolean => FLAGS.some((flag) => flag === word);
  return {
    flags: {
      json: argv.includes('--json'),
      quiet: argv.includes('--quiet'),
      color: !argv.includes('--no-color'),
      allRanks: argv.includes('--all-ranks'),
    },
    rest: argv.filter((word) => !isFlag(word)),
  };
}
