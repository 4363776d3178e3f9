# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# What the command-line tests share; sourced, with the program as $1.
set -euo pipefail
# shellcheck disable=SC2034 # used by the scripts that source this
botsieve=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_mpi_yield_when_idle=1

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

skip() {
  echo "skipped: $*"
  exit 77
}

# ranks N CMD...: as N MPI ranks, more than there are cores if need be.
ranks() {
  local n=$1
  shift
  mpirun --oversubscribe --bind-to none -n "$n" "$@"
}

same() { cmp "$1" "$2" || fail "$1 and $2 differ"; }

# The real rows as a folder in UCI layout, or the test is skipped.
unpack_sample() {
  [ -n "${BOTSIEVE_REAL_DATA-}" ] ||
    skip "no real rows: BOTSIEVE_REAL_DATA is not set"
  [ -r "$BOTSIEVE_REAL_DATA/nbaiot-sample.tar.xz" ] ||
    skip "no real rows: $BOTSIEVE_REAL_DATA/nbaiot-sample.tar.xz is missing"
  tar -xJf "$BOTSIEVE_REAL_DATA/nbaiot-sample.tar.xz" -C "$work"
  # shellcheck disable=SC2034 # for the script that calls this
  sample=$work/sample
}

weka_jar=/usr/share/java/weka.jar
# weka CLASS ARGS...: the real one, or the test is skipped.
weka() {
  java -Xmx4g -cp "$weka_jar" "$@"
}
need_weka() {
  [ -r "$weka_jar" ] || skip "no Weka in $weka_jar"
  command -v java >/dev/null || skip "no java"
}

# Of what Weka or we print on standard input: the tree, then all from the
# cross-validation on. Runs of empty lines count as one.
tree_and_cv() {
  awk '/^J48 /, /^Size of the tree/ { print }
       /^=== Stratified cross-validation ===/ { rest = 1 }
       rest { print }' | cat -s | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'
}
