#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Runs a command of the README as its reader would: in the committed state of
# this checkout, on a bare Debian 12. Needs root and debootstrap
# (jobs/install-deps.sh dev). Not part of ctest: it downloads a system.
#
#   tests/chroot.sh [OPTION...] COMMAND...    for example
#   tests/chroot.sh --cache /var/tmp/debs tests/run.sh
#     --mirror URL      where Debian comes from, default deb.debian.org
#     --apt-conf FILE   apt settings of this site, such as a proxy; repeatable
#     --cache DIR       keeps downloaded packages for the next time
#     --data DIR        shown read-only at /data in there
#     --real-data DIR   the same, and BOTSIEVE_REAL_DATA names it
#     --user            run COMMAND as an ordinary user who may sudo
#     --keep            leave the system in place, and say where
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
mirror=http://deb.debian.org/debian
apt_conf=() cache='' data='' user=root keep=false extra=()
while [ $# -gt 0 ]; do
  case $1 in
  --mirror) mirror=$2 && shift ;;
  --apt-conf) apt_conf+=("$2") && shift ;;
  --cache) cache=$2 && shift ;;
  --data) data=$2 && shift ;;
  --real-data) data=$2 && extra=(BOTSIEVE_REAL_DATA=/data) && shift ;;
  --user) user=reader ;;
  --keep) keep=true ;;
  -*)
    echo "chroot.sh: unknown option '$1'" >&2
    exit 2
    ;;
  *) break ;;
  esac
  shift
done
if [ $# = 0 ]; then
  sed -n '3,16s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
  exit 2
fi
[ "$(id -u)" = 0 ] || { echo "chroot.sh: needs root" >&2; exit 2; }

work=$(mktemp -d "${TMPDIR:-/tmp}/botsieve-chroot.XXXXXX")
system=$work/debian
# Mounts are made in a namespace of their own and end with it, so that removing
# the system can never reach through one of them.
# shellcheck disable=SC2317 # called by the trap
cleanup() {
  if $keep; then
    echo "kept: $system"
  else
    rm -rf --one-file-system "$work"
  fi
}
trap cleanup EXIT

started=$SECONDS
caching=()
if [ -n "$cache" ]; then
  mkdir -p "$cache"
  caching=(--cache-dir="$(cd "$cache" && pwd)")
fi
debootstrap --variant=minbase "${caching[@]}" bookworm "$system" "$mirror" \
  >"$work/log" 2>&1 || { tail -n 15 "$work/log" >&2; exit 1; }
rm -rf "$system"/var/lib/apt/lists/* # as bare as an image
for file in "${apt_conf[@]}"; do
  cp "$file" "$system/etc/apt/apt.conf.d/"
done
cp -L /etc/resolv.conf /etc/hosts "$system/etc/"
home=/root
if [ "$user" != root ]; then
  home=/home/$user
  mkdir -p "$system/etc/sudoers.d"
  chroot "$system" sh -c "apt-get -qq update && apt-get -qq install sudo &&
    useradd -m $user && rm -rf /var/lib/apt/lists/*" >"$work/log" 2>&1 ||
    { tail -n 15 "$work/log" >&2; exit 1; }
  echo "$user ALL=(ALL) NOPASSWD: ALL" >"$system/etc/sudoers.d/$user"
fi
checkout=$home/$(basename "$root")
mkdir -p "$system$checkout"
git -C "$root" archive HEAD | tar -x -C "$system$checkout"
chroot "$system" chown -R "$user" "$checkout"
echo "bare Debian ready after $((SECONDS - started)) s: $(git -C "$root" \
  log -1 --format='%h %s')"

# shellcheck disable=SC2016 # expanded by the shell in the namespace
inside='
  set -e
  system=$1 cache=$2 data=$3 user=$4 checkout=$5
  shift 5
  mount -t proc proc "$system/proc"
  mount --rbind /sys "$system/sys" # with its cgroups, for slurmd
  mount -t tmpfs -o mode=1777 shm "$system/dev/shm"
  mkdir -p "$system/dev/pts"
  mount -t devpts -o newinstance,ptmxmode=0666 devpts "$system/dev/pts"
  if [ -n "$cache" ]; then
    mount --bind "$cache" "$system/var/cache/apt/archives"
  fi
  if [ -n "$data" ]; then
    mkdir "$system/data"
    mount --bind "$data" "$system/data"
    mount -o remount,bind,ro "$system/data"
  fi
  exec chroot "$system" su "$user" -c "cd $checkout && exec \"\$0\" \"\$@\"" \
    -- "$@"
'
started=$SECONDS
status=0
env -i TERM=dumb PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  "${extra[@]}" unshare --mount --pid --fork --kill-child \
  bash -c "$inside" chroot "$system" "${caching[0]#--cache-dir=}" "$data" \
  "$user" "$checkout" "$@" </dev/null || status=$?
echo "exit $status after $((SECONDS - started)) s: $*"
exit "$status"
