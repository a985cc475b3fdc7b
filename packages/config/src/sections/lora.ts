import type { Keys } from '../keys/key.ts';
import { key } from '../keys/key.ts';
import { orNull, real, text, texts, whole } from '../keys/leaf.ts';

/** Low-rank adapters beside chosen weights. */
export interface LoraConfig {
  readonly pet_type: string;
  readonly lora_rank: number;
  readonly lora_alpha: number;
  readonly lora_dropout: number;
  readonly target_modules: string | null;
  readonly freeze_include: readonly string[] | null;
  readonly freeze_exclude: readonly string[] | null;
}

/** How model.model_config.pet_config is read. */
export const loraKeys: Keys<LoraConfig> = {
  pet_type: key(text, 'lora', 'Kind of adapter.'),
  lora_rank: key(whole(1), 8, 'Inner size of an adapter.'),
  lora_alpha: key(whole(1), 16, 'Adapters count alpha / rank times.'),
  lora_dropout: key(real(0, 1), 0.01, 'Share of adapter inputs left out in training.'),
  target_modules: key(orNull(text), null, 'Regular expression of the weights that get an adapter.'),
  freeze_include: key(orNull(texts), null, 'Name patterns of weights that stay as they are.'),
  freeze_exclude: key(orNull(texts), null, 'Name patterns of weights that are trained all the same.'),
};
