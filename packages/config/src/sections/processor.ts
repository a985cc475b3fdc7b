import type { Keys } from '../keys/key.ts';
import { key, optionalSection } from '../keys/key.ts';
import { flag, orNull, path, text, texts, whole, word } from '../keys/leaf.ts';

/** How text becomes tokens in prediction and chat. */
export interface ProcessorConfig {
  readonly type: string | null;
  readonly return_tensors: string;
  readonly tokenizer: TokenizerConfig | null;
}

/** The tokenizer and its files. */
export interface TokenizerConfig {
  readonly type: string | null;
  readonly vocab_file: string;
  readonly merges_file: string;
  readonly tokenizer_file: string;
  readonly model_max_length: number | null;
  readonly unk_token: string | null;
  readonly bos_token: string | null;
  readonly eos_token: string | null;
  readonly pad_token: string | null;
  readonly add_bos_token: boolean | null;
  readonly add_eos_token: boolean | null;
  readonly additional_special_tokens: readonly string[] | null;
  readonly chat_template: string | null;
}

/** How processor.tokenizer is read. */
const tokenizerKeys: Keys<TokenizerConfig> = {
  type: key(orNull(text), null, 'Class of the tokenizer: LlamaTokenizer, Qwen2Tokenizer, ...'),
  vocab_file: key(path, '', 'Vocabulary (vocab.json, tokenizer.model).'),
  merges_file: key(path, '', 'Merges of a byte-pair tokenizer (merges.txt).'),
  tokenizer_file: key(path, '', 'tokenizer.json of Hugging Face.'),
  model_max_length: key(orNull(whole(1)), null, 'Most tokens of a text.'),
  unk_token: key(orNull(word), null, 'Text of the unknown token.'),
  bos_token: key(orNull(word), null, 'Text of the token that begins a text.'),
  eos_token: key(orNull(word), null, 'Text of the token that ends a text.'),
  pad_token: key(orNull(word), null, 'Text of the token that fills rows.'),
  add_bos_token: key(orNull(flag), null, 'Put bos_token before every text; unset = what the class does.'),
  add_eos_token: key(orNull(flag), null, 'Put eos_token after every text; unset = what the class does.'),
  additional_special_tokens: key(orNull(texts), null, 'More tokens that are never cut.'),
  chat_template: key(orNull(word), null, 'Jinja template of a conversation.'),
};

/** How the processor section is read. */
export const processorKeys: Keys<ProcessorConfig> = {
  type: key(orNull(text), null, 'Class of the processor.'),
  return_tensors: key(text, 'ms', 'Kind of tensors it returns.'),
  tokenizer: optionalSection('The tokenizer and its files.', tokenizerKeys),
};
