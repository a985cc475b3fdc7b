import ts from 'typescript';

/**
 * @typedef {object} Export
 * @property {string} name
 * @property {number} line        1-based
 * @property {boolean} documented  a doc comment stands before its declaration, or before one of its overloads
 */

/**
 * What a file declares and exports: functions, classes, constants, interfaces and types. Re-exports are documented where they are declared.
 * @param {string} file
 * @param {string} text
 * @returns {Export[]}
 */
export function documentedExports(file, text) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
  const named = namesInExportLists(source);
  /** @type {Map<string, Export>} */
  const found = new Map();
  for (const statement of source.statements) {
    for (const name of declaredNames(statement)) {
      if (!isExported(statement) && !named.has(name)) continue;
      const documented = ts.getJSDocCommentsAndTags(statement).length > 0 || (found.get(name)?.documented ?? false);
      const { line } = source.getLineAndCharacterOfPosition(statement.getStart(source));
      found.set(name, { name, line: line + 1, documented });
    }
  }
  return [...found.values()];
}

/** The local names in `export { a, b as c }`. @param {ts.SourceFile} source */
function namesInExportLists(source) {
  const lists = source.statements.flatMap((statement) =>
    ts.isExportDeclaration(statement) && !statement.moduleSpecifier && statement.exportClause
      ? [statement.exportClause]
      : [],
  );
  const elements = lists.flatMap((list) => (ts.isNamedExports(list) ? [...list.elements] : []));
  return new Set(elements.map(({ propertyName, name }) => (propertyName ?? name).text));
}

/** @param {ts.Statement} statement @returns {string[]} */
function declaredNames(statement) {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  }
  const isNamed =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement);
  return isNamed && statement.name ? [statement.name.text] : [];
}

/** @param {ts.Statement} statement */
function isExported(statement) {
  const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
  return modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
}
