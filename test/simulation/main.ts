import { drawScenario } from './scenario.ts';
import { simulate } from './simulate.ts';
const [seed=1,count=100]=[Number(process.argv[3]),Number(process.argv[5])];
const t=Date.now(); let events=0; let bad=0; const ends=new Map<string,number>(); const met=new Map<string,number>();
for(let s=seed;s<seed+count;s++){ const o=await simulate(drawScenario(s),undefined,process.env.SHOW?console.log:undefined); events+=o.events;
 ends.set(o.end,(ends.get(o.end)??0)+1); for(const m of o.met) met.set(m,(met.get(m)??0)+1);
 if(o.violations.length){bad++; console.log(s,o.end,o.violations.slice(0,2).join(' | '));}}
console.log({bad,events,ms:Date.now()-t,ends,met});
