/** Longest text of one file, in UTF-16 units: real configurations are under 20 KB. */
export const MAX_TEXT_LENGTH: number = 2 ** 18;

/** Deepest nesting of mappings, counting the top one, aliases followed (MindFormers r1.5 and later, behaviour §4.1). */
export const MAX_MAPPING_DEPTH = 10;

/** Deepest nesting of lists and mappings together. */
export const MAX_DEPTH = 32;

/** Most values of one file once every alias is followed: a few hundred in real files; stops alias bombs. */
export const MAX_NODES = 20_000;

/** Syntax errors of one file that are told; what follows is mostly a consequence of them. */
export const MAX_SYNTAX_ERRORS = 100;

/** Most files a configuration may be built from through `base_config`, and how deep they may call each other. */
export const MAX_BASE_FILES = 32;

/** Unknown keys after the first hundred get a warning without a look for the nearest name. */
export const MAX_SUGGESTIONS = 100;
