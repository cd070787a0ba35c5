// Compiles core/kernels/assembly/NAME.ts (AssemblyScript) into core/kernels/wasm/NAME.ts, which holds the module as
// text: bundles and tests then need no file beside them and no compiler. With --check nothing is written, and the exit
// code is 1 if a module is not what its source compiles to.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const folder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../core/kernels');
const LINE_CHARACTERS = 100;
/** No collector and no checks of array bounds: kernels take addresses, and their callers lay out the memory. */
const OPTIONS = ['-O3', '--runtime', 'stub', '--noAssert', '--enable', 'simd', '--use', 'abort='];

async function compile(name) {
  const source = `assembly/${name}.ts`;
  let bytes;
  const { error, stderr } = await asc.main([source, '--outFile', 'out.wasm', ...OPTIONS], {
    readFile: (file, base) => {
      try {
        return readFileSync(path.resolve(folder, base, file), 'utf8');
      } catch {
        return null;
      }
    },
    writeFile: (_, contents) => {
      bytes = contents;
    },
    listFiles: () => [],
  });
  if (error) throw new Error(`${source}: ${stderr.toString()}`, { cause: error });
  return moduleText(name, Buffer.from(bytes).toString('base64'));
}

function moduleText(name, base64) {
  const lines = base64.match(new RegExp(`.{1,${LINE_CHARACTERS}}`, 'g'));
  const head = `/** Compiled from ../assembly/${name}.ts by infra/scripts/write-kernels.mjs; base64. */\n`;
  return `${head}export const WASM = \`\n${lines.join('\n')}\n\`;\n`;
}

const names = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
const all = readdirSync(path.join(folder, 'assembly')).filter((file) => file.endsWith('.ts'));
const isCheck = process.argv.includes('--check');
for (const name of names.length > 0 ? names : all.map((file) => file.slice(0, -'.ts'.length))) {
  const text = await compile(name);
  const target = path.join(folder, 'wasm', `${name}.ts`);
  if (!isCheck) writeFileSync(target, text);
  else if (readFileSync(target, 'utf8') !== text) {
    console.error(
      `${path.relative(process.cwd(), target)} is not what its source compiles to: run node infra/scripts/write-kernels.mjs`,
    );
    process.exitCode = 1;
  }
}
