#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Installs the Debian packages of the named sets; the one place that lists them.
#
#   jobs/install-deps.sh [--list] SET...
#     build  to build and run botsieve
#     test   what the tests need on top: Weka runs beside botsieve as an oracle
#     slurm  a Slurm of several nodes on one machine, see slurm/README.md
#     dev    thread sanitizer, valgrind, and a bare Debian for tests/chroot.sh
#
# As root, or by sudo; needs neither where everything is there already.
set -euo pipefail

packages_of() {
  case $1 in
  build)
    echo gcc g++ libc6-dev ninja-build cmake pkg-config \
      libopenmpi-dev openmpi-bin libhdf5-openmpi-dev \
      libjansson-dev libxxhash-dev libarchive-dev \
      libfast-float-dev libdouble-conversion-dev zlib1g-dev libssl-dev \
      tar unzip xz-utils
    ;;
  test)
    echo check libmpfr-dev clang-format-14 shellcheck hdf5-tools \
      python3 python3-h5py python3-numpy python3-xxhash zstd \
      clang-14 libclang-rt-14-dev \
      default-jdk-headless weka weka-doc
    ;;
  slurm)
    echo slurmctld slurmd slurm-client slurm-wlm-basic-plugins munge \
      libpmix2 openmpi-bin iproute2 util-linux procps \
      slurmdbd slurm-wlm-mysql-plugin mariadb-server-core mariadb-client-core
    ;;
  dev)
    echo clang-14 libclang-rt-14-dev libomp-14-dev valgrind debootstrap
    ;;
  *)
    echo "install-deps.sh: unknown set '$1'; known: build test slurm dev" >&2
    return 2
    ;;
  esac
}

is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null)" = 'ii ' ]
}

# Prints nothing unless it fails; then the end of what apt-get said.
apt_quietly() {
  local log status=0
  log=$(mktemp)
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
    -o DPkg::Lock::Timeout=300 "$@" >"$log" 2>&1 </dev/null || status=$?
  [ "$status" = 0 ] || tail -n 15 "$log" >&2
  rm -f "$log"
  return "$status"
}

# A package's daemons have no business to start on a build machine.
forbid_services() {
  local policy=/usr/sbin/policy-rc.d
  [ ! -e "$policy" ] || return 0
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  "${as_root[@]}" chmod 755 "$policy"
  trap '"${as_root[@]}" rm -f /usr/sbin/policy-rc.d' EXIT
}

install_missing() {
  local here
  here=$(uname -s)
  if ! command -v apt-get >/dev/null; then
    echo "install-deps.sh: no apt-get on this $here; please install:" "$@" >&2
    return 3
  fi
  as_root=()
  if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "install-deps.sh: run as root, or install sudo; missing:" "$@" >&2
      return 3
    fi
    as_root=(sudo)
  fi
  echo "installing $# packages:" "$@"
  forbid_services
  # Fresh lists first where there are none; where they are stale, once more.
  local lists=(/var/lib/apt/lists/*_Packages*)
  if [ ! -e "${lists[0]}" ]; then
    apt_quietly update
    apt_quietly install --no-install-recommends "$@"
  else
    apt_quietly install --no-install-recommends "$@" 2>/dev/null || {
      apt_quietly update
      apt_quietly install --no-install-recommends "$@"
    }
  fi
}

list_only=false
if [ "${1-}" = --list ]; then
  list_only=true
  shift
fi
if [ $# = 0 ]; then
  sed -n '3,11s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
wanted=()
for set in "$@"; do
  names=$(packages_of "$set")
  read -ra names <<<"$names"
  wanted+=("${names[@]}")
done
if $list_only; then
  printf '%s\n' "${wanted[@]}"
  exit 0
fi
missing=()
for package in "${wanted[@]}"; do
  is_installed "$package" || missing+=("$package")
done
[ ${#missing[@]} = 0 ] || install_missing "${missing[@]}"
