/** @typedef {import('./measure-files.mjs').MeasuredFile} MeasuredFile */

/** Half of the source files are shorter than this. */
const MEDIAN_LINES = 110;

/** No file is longer. */
const FILE_LINES = 400;

/** A command or a route parses, calls and answers; the work is elsewhere. */
const COMMAND_LINES = 60;

/** @param {readonly MeasuredFile[]} files */
export function tooLongInTheMiddle(files) {
  const median = medianLines(files.filter(({ kind }) => kind === 'source'));
  return median < MEDIAN_LINES
    ? []
    : [
        `the median of all source files is ${median} lines, the limit is below ${MEDIAN_LINES}: split what has several ideas`,
      ];
}

/** @param {readonly MeasuredFile[]} files */
export function tooLong(files) {
  return files
    .filter(({ kind, lines }) => kind !== 'generated' && lines > FILE_LINES)
    .map(
      ({ path, lines }) =>
        `${path}: ${lines} lines, the limit is ${FILE_LINES}: give its second idea a file of its own`,
    );
}

/** @param {readonly MeasuredFile[]} files */
export function thickCommands(files) {
  return files
    .filter((file) => isCommand(file) && file.lines > COMMAND_LINES)
    .map(
      ({ path, lines }) =>
        `${path}: ${lines} lines, a command or route has at most ${COMMAND_LINES}: move the work to a package`,
    );
}

/** @param {MeasuredFile} file */
export function isCommand({ path, kind }) {
  return kind === 'source' && /^apps\/[^/]+\/src\/(?:commands|routes)\//.test(path);
}

/** @param {readonly MeasuredFile[]} files */
export function medianLines(files) {
  const sorted = files.map(({ lines }) => lines).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
