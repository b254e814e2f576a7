/**
 * Reads the `when` clauses of key bindings, as far as ours use them: `&&`, `||`, `!`, `==`, `!=`, parentheses.
 *
 * In: a clause, the context keys. Out: whether the key acts. Not here: which clauses there are (`package.json`).
 */

/** The context keys that are set; all others are false. */
export type Context = Readonly<Record<string, boolean | string>>;

/** Whether a clause holds. */
export function holds(clause: string, context: Context): boolean {
  const tokens = clause.match(/&&|\|\||==|!=|!|\(|\)|'[^']*'|[\w.]+/g) ?? [];
  let at = 0;
  const next = (): string => tokens[at++] ?? "";
  function either(): boolean {
    let value = both();
    while (tokens[at] === "||") {
      at += 1;
      const right = both();
      value = value || right;
    }
    return value;
  }
  function both(): boolean {
    let value = single();
    while (tokens[at] === "&&") {
      at += 1;
      const right = single();
      value = value && right;
    }
    return value;
  }
  function single(): boolean {
    const token = next();
    if (token === "!") {
      return !single();
    }
    if (token === "(") {
      const value = either();
      at += 1;
      return value;
    }
    const operator = tokens[at];
    if (operator === "==" || operator === "!=") {
      at += 1;
      const isEqual = context[token] === next().replace(/^'|'$/g, "");
      return operator === "==" ? isEqual : !isEqual;
    }
    return Boolean(context[token]);
  }
  return either();
}
