#!/usr/bin/env bash
# Installs the browser that test:lab drives, where that can be done without asking: on Debian and Ubuntu, as root.
# Elsewhere it does nothing, and test:lab says what to install.
set -euo pipefail
for name in "${CHROMIUM:-}" "${PLAYWRIGHT_CHROMIUM_EXECUTABLE_PATH:-}" chromium chromium-browser google-chrome; do
  if [ -n "$name" ] && command -v "$name" >/dev/null; then exit 0; fi
done
if ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then exit 0; fi
echo "Installing Chromium with apt, once …" >&2
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
