/** An object that is written as JSON for programs; its fields are in the help of the command. */
export type JsonObject = Readonly<Record<string, unknown>>;
