import type { Catalog } from './model/catalog.ts';
import type { CodeStore } from './model/code-store.ts';
import { functionKey } from './model/records.ts';
import type { Outcome } from './runtime/outcome.ts';
import type { InstancePool } from './runtime/pool.ts';
import type { ExecutionRequest, FunctionTarget } from './runtime/target.ts';

/** What the invoker works with. */
export interface FunctionInvokerParts {
  readonly catalog: Catalog;
  readonly codes: CodeStore;
  readonly pool: InstancePool;
  /** Variables added to every function; the function's own win. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Runs functions by name: the newest definition in the catalog, on an instance of the pool. */
export class FunctionInvoker {
  private readonly parts: FunctionInvokerParts;

  constructor(parts: FunctionInvokerParts) {
    this.parts = parts;
  }

  /** Runs one request. Throws 404 without the function and 429 without a free instance. */
  async execute(serviceName: string, functionName: string, request: ExecutionRequest): Promise<Outcome> {
    const target = await this.target(serviceName, functionName);
    return this.parts.pool.execute(target, request);
  }

  /** See `InstancePool.whenFree`. */
  whenFree(serviceName: string, functionName: string, limitMs: number, signal: AbortSignal): Promise<void> {
    return this.parts.pool.whenFree(functionKey(serviceName, functionName), limitMs, signal);
  }

  /** Kills the instance that works on a request. */
  stop(requestId: string): void {
    this.parts.pool.stop(requestId);
  }

  private async target(serviceName: string, functionName: string): Promise<FunctionTarget> {
    const { record, codeId, revision } = this.parts.catalog.function(serviceName, functionName);
    return {
      key: functionKey(serviceName, functionName),
      serviceName,
      functionName,
      revision,
      handler: record.handler,
      initializer: record.initializer,
      initializationMs: record.initializationTimeout * 1_000,
      timeoutMs: record.timeout * 1_000,
      memoryMb: record.memorySize,
      codeDir: await this.parts.codes.folder(codeId),
      environment: { ...this.parts.environment, ...record.environmentVariables },
    };
  }
}
