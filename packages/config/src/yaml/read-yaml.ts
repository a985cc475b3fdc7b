import { LineCounter, parseDocument } from 'yaml';
import type { Document, YAMLError } from 'yaml';
import type { ConfigIssue, ConfigIssueCode } from '../config-issue.ts';
import type { FilePlace } from '../config-value.ts';
import { MAX_SYNTAX_ERRORS, MAX_TEXT_LENGTH } from '../limits.ts';
import type { YamlReading } from './convert-document.ts';
import { convertDocument } from './convert-document.ts';

/**
 * Reads the text of one YAML file. Never throws: whatever is wrong becomes an issue with line and column.
 *
 * @param file name for messages
 */
export function readYaml(file: string, text: string): YamlReading {
  const top: FilePlace = { file, line: 1, column: 1 };
  if (text.length > MAX_TEXT_LENGTH) {
    const message = `${file} has ${text.length} characters; at most ${MAX_TEXT_LENGTH} are read. Is this a configuration?`;
    return failed([issue('text-too-long', message, top)]);
  }
  const markers = conflictMarkers(file, text);
  if (markers.length > 0) return failed(markers.slice(0, MAX_SYNTAX_ERRORS));
  const lines = new LineCounter();
  const at = (offset: number): FilePlace => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'error',
    });
    const problems = syntaxIssues(document, at);
    return problems.length > 0 ? failed(problems) : convertDocument(document, at);
  } catch (error) {
    // The parser and the walk recurse: a text of very many brackets can end the stack before a limit is met.
    return failed([issue('yaml-depth', `${file} cannot be read: ${String(error)}. Is it nested too deeply?`, top)]);
  }
}

function failed(issues: readonly ConfigIssue[]): YamlReading {
  return { root: null, issues };
}

function issue(code: ConfigIssueCode, message: string, place: FilePlace): ConfigIssue {
  return { severity: 'error', code, path: [], message, place };
}

/** Lines a merge left behind; at the margin they cannot be anything else in a configuration. */
function conflictMarkers(file: string, text: string): ConfigIssue[] {
  if (!text.includes('<<<<<<<') && !text.includes('>>>>>>>')) return [];
  return text.split('\n').flatMap((line, index) => {
    const marker = /^(?:<{7}|>{7})(?= |\r?$)/.exec(line)?.[0];
    if (marker === undefined) return [];
    const message = `a merge conflict marker (${marker}) was left here; keep one of the two versions and take the marker lines out`;
    return [issue('yaml-conflict-marker', message, { file, line: index + 1, column: 1 })];
  });
}

function syntaxIssues(document: Document, at: (offset: number) => FilePlace): ConfigIssue[] {
  const errors = document.errors.slice(0, MAX_SYNTAX_ERRORS).map((error) => syntaxIssue(error, at));
  const tags = document.warnings
    .slice(0, MAX_SYNTAX_ERRORS)
    .filter((warning) => warning.code === 'TAG_RESOLVE_FAILED')
    .map((warning) => issue('yaml-tag', `${warning.message}; write plain YAML, without tags`, at(warning.pos[0])));
  return [...errors, ...tags];
}

function syntaxIssue(error: YAMLError, at: (offset: number) => FilePlace): ConfigIssue {
  const place = at(error.pos[0]);
  if (error.code === 'MULTIPLE_DOCS') {
    const message = 'a second document begins here; a configuration is one document, take "---" out';
    return issue('yaml-documents', message, place);
  }
  if (error.code === 'TAB_AS_INDENT') {
    return issue('yaml-syntax', 'a tab is used as indentation here; YAML wants blanks', place);
  }
  if (error.code === 'RESOURCE_EXHAUSTION')
    return issue('yaml-depth', 'the nesting here is too deep to be read', place);
  return issue('yaml-syntax', `not readable as YAML: ${error.message}`, place);
}
