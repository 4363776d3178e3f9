# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# sources PATTERN...: the project's files of these names, one a line; those that
# git tracks, or in a tree without git all but the build folders'.
sources() {
  git ls-files -- "$@" 2>/dev/null && return
  local names=() pattern
  for pattern; do names+=(-o -name "$pattern"); done
  find . -path './build*' -prune -o -type f \( "${names[@]:1}" \) -print
}
