/** Addresses that a new stage will read: fetched into the archive, where its first run finds them. */
import { archiveOf } from "../../lineage/archive.ts";
import { ObjectStore } from "../../lineage/store/objects.ts";
import type { FetchAddress } from "../../pipeline/scaffold/wired-inputs.ts";
import { fetchUrl } from "./url.ts";

export function addressFetch(projectRoot: string, stage: string): FetchAddress {
  return async (input, url) => {
    const archive = archiveOf(projectRoot);
    const store = new ObjectStore(archive);
    const { signal } = new AbortController(); // Ctrl-C ends the process
    const options = { archive, store, offline: false, signal, stage, input };
    const { digest } = await fetchUrl(url, options);
    store.sync();
    return store.pathOf(digest);
  };
}
