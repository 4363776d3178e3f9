#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Starts a command on a part of a job's nodes, as the job scripts do.
#   slurm/launch.sh NODES RANKS THREADS COMMAND...
set -euo pipefail
# shellcheck source=slurm/env.sh
. "${BOTSIEVE_ROOT:-$SLURM_SUBMIT_DIR}/slurm/env.sh"
site_setup
bs_set_launcher "$1" "$2" "$3"
exec "${launcher[@]}" "${@:4}"
