/** Slots in the margin of a notebook that nobody judges: by the tags of its cells, whatever the template says today. */
import type { NotebookPanel } from "@jupyterlab/notebook";
import { slotOf } from "../../../core/notebook/slots.ts";
import { LABELLED } from "./show-slots.ts";
import { slotLabel } from "./slot-label.ts";

export function labelByTags(panel: NotebookPanel): void {
  panel.content.addClass(LABELLED); // at once: the margin is there before the labels are
  void panel.revealed.then(() => {
    for (const { model, node } of panel.content.widgets) {
      const slot = slotOf({ tags: model.getMetadata("tags") });
      const isInjected = slot === "injected-parameters";
      const shape = {
        id: model.id,
        slot: isInjected ? "injected" : (slot ?? "body"),
        required: false,
        guidance: isInjected ? "The parameters of the run." : "",
        fixed: false,
        scratch: false,
      };
      node.append(slotLabel(shape, [], () => {}));
    }
  });
}
