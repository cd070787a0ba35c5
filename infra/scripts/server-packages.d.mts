/** Those of the Debian packages that are not there. */
export function missingPrograms(packages: readonly string[]): readonly string[];

/** Installs what is missing. Returns undefined when all is there, or one line that says what a person has to do. */
export function installPackages(wanted: readonly string[], who: string): string | undefined;
