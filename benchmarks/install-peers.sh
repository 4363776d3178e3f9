#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The programs that botsieve is timed against, from Debian's packages.
set -euo pipefail
sudo=()
[ "$(id -u)" = 0 ] || sudo=(sudo)
export DEBIAN_FRONTEND=noninteractive
"${sudo[@]}" apt-get update -q
"${sudo[@]}" apt-get install -y -q --no-install-recommends \
  python3-sklearn python3-joblib python3-h5py python3-numpy python3-pandas \
  r-base-core r-cran-rpart weka default-jre-headless time
