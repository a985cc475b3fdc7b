/**
 * Which files below a `dataset_dir` are the data set: those MindFormers takes, whose name ends in `mindrecord` and
 * perhaps digits (not the `.db` beside them), in the order of their full paths (qwen-llama-data §5.4).
 *
 * @param paths of all files below the folder, however deep
 */
export function mindRecordNames(paths: readonly string[]): readonly string[] {
  return paths.filter((path) => /mindrecord\d*$/.test(path)).sort();
}
