import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { functionNotFound, serviceNotFound } from '../http/error.ts';
import { writeDurably } from './durable-file.ts';
import {
  type AsyncConfigRecord,
  type FunctionEntry,
  functionKey,
  type ServiceRecord,
  type TriggerRecord,
} from './records.ts';

/** Version of the stored form; a file with another one is refused. */
const FORMAT = 1;

interface StoredFunction extends Omit<FunctionEntry, 'triggers'> {
  readonly triggers: readonly TriggerRecord[];
}

interface StoredCatalog {
  readonly v: number;
  readonly services: readonly ServiceRecord[];
  readonly functions: readonly StoredFunction[];
}

/** Called after a stored change of one function, or of all with `undefined`. */
export type CatalogListener = (entry: FunctionEntry | undefined, key: string) => void;

/**
 * Services, functions, triggers and asynchronous configurations. Entries are immutable: a change replaces the
 * entry, and is durable (with a data folder) before it is visible in an answer.
 */
export class Catalog {
  private readonly services = new Map<string, ServiceRecord>();
  private readonly functions = new Map<string, FunctionEntry>();
  private readonly file: string | undefined;
  private readonly listeners: CatalogListener[] = [];
  private saving: Promise<void> = Promise.resolve();

  private constructor(file: string | undefined) {
    this.file = file;
  }

  /** Opens the catalog stored in `folder`, or an empty one in memory. */
  static async open(folder: string | undefined): Promise<Catalog> {
    const catalog = new Catalog(folder === undefined ? undefined : path.join(folder, 'catalog.json'));
    await catalog.load();
    return catalog;
  }

  onChange(listener: CatalogListener): void {
    this.listeners.push(listener);
  }

  listServices(): readonly ServiceRecord[] {
    return [...this.services.values()];
  }

  findService(name: string): ServiceRecord | undefined {
    return this.services.get(name);
  }

  /** The service, or 404. */
  service(name: string): ServiceRecord {
    const found = this.services.get(name);
    if (!found) throw serviceNotFound(name);
    return found;
  }

  saveService(record: ServiceRecord): Promise<void> {
    this.services.set(record.serviceName, record);
    return this.save();
  }

  deleteService(name: string): Promise<void> {
    this.services.delete(name);
    return this.save();
  }

  /** Functions of one service, or of all. */
  listFunctions(serviceName?: string): readonly FunctionEntry[] {
    const all = [...this.functions.values()];
    return serviceName === undefined ? all : all.filter((each) => each.serviceName === serviceName);
  }

  findFunction(serviceName: string, functionName: string): FunctionEntry | undefined {
    return this.functions.get(functionKey(serviceName, functionName));
  }

  /** The function, or 404 for it or its service. */
  function(serviceName: string, functionName: string): FunctionEntry {
    this.service(serviceName);
    const found = this.findFunction(serviceName, functionName);
    if (!found) throw functionNotFound(serviceName, functionName);
    return found;
  }

  async saveFunction(entry: FunctionEntry): Promise<void> {
    const key = functionKey(entry.serviceName, entry.record.functionName);
    this.functions.set(key, entry);
    await this.save();
    this.announce(entry, key);
  }

  async deleteFunction(serviceName: string, functionName: string): Promise<void> {
    const key = functionKey(serviceName, functionName);
    this.functions.delete(key);
    await this.save();
    this.announce(undefined, key);
  }

  /** Stores (or, with `undefined`, removes) the asynchronous configuration of a function. */
  saveAsyncConfig(entry: FunctionEntry, config: AsyncConfigRecord | undefined): Promise<void> {
    const { asyncConfig: _previous, ...rest } = entry;
    return this.saveFunction(config === undefined ? rest : { ...rest, asyncConfig: config });
  }

  /** Resolves when everything changed so far is on disk. */
  flush(): Promise<void> {
    return this.saving;
  }

  private announce(entry: FunctionEntry | undefined, key: string): void {
    for (const listener of this.listeners) listener(entry, key);
  }

  private save(): Promise<void> {
    const { file } = this;
    if (file === undefined) return Promise.resolve();
    // One write at a time, in order; each stores the newest state.
    this.saving = this.saving.catch(() => undefined).then(() => writeDurably(file, this.encode()));
    return this.saving;
  }

  private encode(): string {
    const stored: StoredCatalog = {
      v: FORMAT,
      services: this.listServices(),
      functions: this.listFunctions().map((each) => ({ ...each, triggers: [...each.triggers.values()] })),
    };
    return JSON.stringify(stored, null, 1);
  }

  private async load(): Promise<void> {
    if (this.file === undefined) return;
    let text: string;
    try {
      text = await readFile(this.file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    const stored = JSON.parse(text) as StoredCatalog;
    if (stored.v !== FORMAT) throw new Error(`${this.file}: unknown format version ${stored.v}`);
    for (const service of stored.services) this.services.set(service.serviceName, service);
    for (const each of stored.functions) {
      const triggers = new Map(each.triggers.map((trigger) => [trigger.triggerName, trigger]));
      this.functions.set(functionKey(each.serviceName, each.record.functionName), { ...each, triggers });
    }
  }
}
