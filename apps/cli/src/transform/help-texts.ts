const FLAGS = `
Flags are those of transform_checkpoint.py, --name VALUE or --name=VALUE:
  --src_checkpoint PATH         a file, or a folder of rank_N folders
  --src_strategy PATH           of a source cut over ranks: strategy file, merged file, folder of them, or the run's YAML
  --dst_checkpoint FOLDER       where the result goes: FOLDER/rank_N/{prefix}N.ckpt
  --dst_strategy PATH           as --src_strategy; without it the result is one complete checkpoint
  --prefix TEXT                 checkpoint_ when not given
  --transform_process_num N     processes (also --jobs N); must divide the ranks of the result
  --rank_id N --world_size N    only the share of this rank, one of N ranks
  --step N                      which of several checkpoints in the rank folders; the last by name when not given
  --output_format FORMAT        ckpt or safetensors; that of the source when not given
  --unified [--part_size SIZE]  a complete result as safetensors parts with an index
  --memory SIZE                 most memory of all processes together, e.g. 256MB`;

/** What `cairn transform plan --help` adds. */
export const PLAN_HELP: string = `
Says what would be read and written, and who feeds whom; nothing is written.
${FLAGS}

  cairn transform plan --src_checkpoint model.ckpt --dst_strategy output/strategy
  cairn transform plan --src_checkpoint model.ckpt --dst_strategy train.yaml --json > plan.json`;

/** What `cairn transform apply --help` adds. */
export const APPLY_HELP: string = `
${FLAGS}
  --plan FILE                   what cairn transform plan --json printed; a source that has changed since is noticed

The words of transform_checkpoint.sh start a process for each share, with logs in log/transform_i.log:
  src_checkpoint src_strategy dst_checkpoint dst_strategy world_size process_num [prefix]

Interrupted, it goes on where it was when it is started again. Exit code 4 when files are damaged, missing or have changed,
6 when the disk cannot hold the result; that of the first process that failed.

  cairn transform apply --src_checkpoint llama_7b.ckpt --dst_checkpoint ./llama_7b_1to8 --dst_strategy output/strategy
  cairn transform apply llama_7b.ckpt None ./llama_7b_1to8 output/strategy 8 2`;

/** What `cairn transform verify --help` adds. */
export const VERIFY_HELP: string = `
With the flags of apply: the result is held against its source, tensor by tensor, by digests that do not depend on the cut.
With a folder alone: against the digests that lie beside its files. Exit code 4 when something does not fit.

  cairn transform verify --src_checkpoint llama_7b.ckpt --dst_checkpoint ./llama_7b_1to8 --dst_strategy output/strategy
  cairn transform verify ./llama_7b_1to8`;
