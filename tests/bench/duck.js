// SPDX-License-Identifier: Apache-2.0
// Runs SQL in one DuckDB for the whole bench: a JSON line {"sql": "..."} in, a JSON line
// {"ms": wall, "cpu": milliseconds, "rows": [[...]]} out. The first line names the version.
// argv: database file or :memory:, number of threads, folder of node_modules.
const readline = require('node:readline');
const { createRequire } = require('node:module');
const path = require('node:path');

const plain = (v) => (typeof v === 'bigint' ? Number(v) : v);

async function main() {
  const [file, threads, modules] = process.argv.slice(2);
  const { DuckDBInstance } = createRequire(path.join(modules, 'x.js'))('@duckdb/node-api');
  const db = await DuckDBInstance.create(file, { threads });
  const con = await db.connect();
  const version = await con.runAndReadAll('select version()');
  console.log(JSON.stringify({ version: version.getRows()[0][0] }));
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const { sql } = JSON.parse(line);
    try {
      const cpu = process.cpuUsage();
      const begin = process.hrtime.bigint();
      const result = await con.runAndReadAll(sql);
      const ms = Number(process.hrtime.bigint() - begin) / 1e6;
      const used = process.cpuUsage(cpu);
      const rows = result.getRows().slice(0, 20).map((r) => r.map(plain));
      console.log(JSON.stringify({ ms, cpu: (used.user + used.system) / 1e3, rows }));
    } catch (e) {
      console.log(JSON.stringify({ error: String(e.message) }));
    }
  }
}

main();
