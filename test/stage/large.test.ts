import { expect, test } from "vitest";
import { a, inputs, op, outputs, sql, z } from "../../stage/index.ts";
import { StageHost } from "../rig/stage-host.ts";

const Row = z.object({
  id: z.int(),
  borough: z.string().nullable(),
  note: z.string(),
  price: z.number().nullable(),
  seen: z.date(),
});

// 60,000 rows: above the size from which repeated texts are shared, in many chunks and more than one pass.
test("a table of many rows is read as it was written, its repeated texts shared, its order kept", async () => {
  using writer = new StageHost();
  await outputs({ rows: a.table(Row) }).rows.write(
    sql`select i as id, case when i % 7 = 0 then null else 'borough ' || (i % 5) end as borough,
        'note ' || i as note, case when i % 3 = 0 then null else i / 4 end as price,
        timestamp '2019-01-01' + interval (i) second as seen from range(${60_000}) t(i)`,
  );
  using reader = new StageHost({ inputs: { rows: { path: writer.staged("rows") } } });
  const input = inputs({ rows: a.table(Row) });
  const read = await input.rows.read();
  expect(read.numRows()).toBe(60_000);
  for (const id of [0, 1, 7, 2047, 2048, 59_999]) {
    expect(read.objects()[id]).toEqual({
      id,
      borough: id % 7 === 0 ? null : `borough ${id % 5}`,
      note: `note ${id}`,
      price: id % 3 === 0 ? null : id / 4,
      seen: new Date(Date.UTC(2019, 0, 1) + id * 1000),
    });
  }
  const kept = read
    .filter((d) => d.borough !== null)
    .groupby("borough")
    .rollup({ n: op.count() });
  expect(kept.array("n").reduce((sum, n) => sum + n, 0)).toBe(60_000 - Math.ceil(60_000 / 7));
  let rows = 0;
  for await (const row of input.rows.rows()) expect(row.id).toBe(rows++);
  expect(rows).toBe(60_000);
  await outputs({ rows: a.table(Row) }).rows.write(read);
  expect(reader.output("rows").digest).toBeDefined();
});
