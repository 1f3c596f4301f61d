/** The steplab that notebooks see: part of every key, because its code decides what stages write. */
import {
  ownSourcesDigest,
  ownVersion as versionOfPackage,
  STEPLAB_ROOT,
} from "../../core/own-sources.ts";

/** The rooms whose code runs in a notebook's process. */
const ROOMS = ["core", "stage", "kernel"];

export interface OwnVersion {
  version: string;
  /** Run from source: a digest of the rooms that notebooks see. Installed: the minor version, which promises equal results. */
  key: string;
}

/** The running steplab: its version for records, and its part of every key. */
export function ownVersion(): OwnVersion {
  const version = versionOfPackage();
  const installed = STEPLAB_ROOT.split(/[/\\]/).includes("node_modules");
  return {
    version,
    key: installed ? version.split(".").slice(0, 2).join(".") : ownSourcesDigest(ROOMS),
  };
}
