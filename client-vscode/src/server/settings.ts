/**
 * The settings of the server, as the editor has them.
 *
 * In: the configuration and what the manifest says of it. Out: the options of the server.
 * Not here: what they mean: the server's own definition, from which the manifest is made (tools/vscode_settings.py).
 */

/** How many alternatives are asked for: one is shown, the others are a command away. */
export const MAX_EDITS = 5;

/** Where the manifest has the settings of the server: the other sections are this extension's own. */
export const SECTION_ID = "server";

interface Section {
  readonly id?: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** The names of the server's settings, with their prefix, as the manifest lists them. */
export function namesOf(configuration: readonly Section[]): string[] {
  return configuration
    .filter((section) => section.id === SECTION_ID)
    .flatMap((section) => Object.keys(section.properties));
}

/** The options to start the server with. */
export function optionsOf(names: readonly string[], get: (name: string) => unknown): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const name of names) {
    const value = get(name);
    if (value !== undefined) {
      options[name.replace(/^nextedit\./, "")] = value;
    }
  }
  return { ...options, maxEdits: MAX_EDITS, statusNotification: true };
}
