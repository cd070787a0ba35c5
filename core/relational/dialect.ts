/** The two families of servers: what a MySQL driver reaches, and what a PostgreSQL driver reaches. */
export type Dialect = 'mysql' | 'postgresql';

/** How a person calls the servers of a family. */
export const DIALECT_NAMES: Readonly<Record<Dialect, string>> = { mysql: 'MySQL', postgresql: 'PostgreSQL' };

/** Port when none is given. */
export const DEFAULT_PORTS: Readonly<Record<Dialect, number>> = { mysql: 3306, postgresql: 5432 };
