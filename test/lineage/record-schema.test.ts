import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { describe, expect, it } from "vitest";
import { RecordSchema } from "../../lineage/record-schema.ts";
import { run } from "../../runner/index.ts";
import { makeProject, repositoryRoot } from "../rig/project.ts";
import { stageNotebook } from "../rig/notebook.ts";

const published = readFileSync(join(repositoryRoot, "docs/schemas/run.schema.json"), "utf8");

describe("the published schema of the record", () => {
  it("accepts the record of a real run and refuses one with a status that does not exist", async () => {
    await using project = await makeProject({
      "PIPELINE.md":
        "---\npipeline: p\nseed: 1\n---\n\n## One\n\nText.\n\n```yaml stage\nname: one\nnotebook: one.ipynb\n```\n",
      "one.ipynb": stageNotebook({
        template: "process",
        outputs:
          'const output = outputs({ rows: a.table(z.object({ id: z.int() })), size: a.metric({ goal: "max" }) });',
        body: "await output.rows.write([{ id: 1 }]);\noutput.size.write(1);",
      }),
    });
    const record = await run({ projectRoot: project.root });
    expect(record.status).toBe("succeeded");

    const written: unknown = JSON.parse(await project.read(`runs/${record.run}/run.json`));
    const ajv = new Ajv2020({ strict: false });
    addFormats.default(ajv);
    const validate = ajv.compile(JSON.parse(published) as object);
    expect(validate(written), ajv.errorsText(validate.errors)).toBe(true);
    expect(RecordSchema.safeParse(written).success).toBe(true);
    const wrong = { ...(written as object), status: "done" };
    expect(validate(wrong)).toBe(false);
    expect(RecordSchema.safeParse(wrong).success).toBe(false);
  });
});
