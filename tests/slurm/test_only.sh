#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Slurm accepts every job script on one to four nodes.
# shellcheck source=tests/slurm/cluster.sh
. "$(dirname "${BASH_SOURCE[0]}")/cluster.sh" 4
for script in "$root"/slurm/*.sbatch; do
  for nodes in 1 2 3 4; do
    sbatch --test-only -N $nodes "$script" >"$scratch/say" 2>&1 ||
      fail "$script on $nodes nodes: $(cat "$scratch/say")"
  done
done
