#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# A simulated capture is the same at any number of ranks and threads, the same as
# a folder and as a data file, says what it is, and is whole or not there.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$work"

synth() { "$botsieve" synth "$@" 2>>"$work/log" || fail "synth $*"; }
identical() { diff -r "$1" "$2" >/dev/null || fail "$1 and $2 differ"; }

# One rank and one thread, then several of both.
OMP_NUM_THREADS=1 synth --output one --scale 0.01
OMP_NUM_THREADS=1 synth --output one.h5 --scale 0.01
OMP_NUM_THREADS=3 synth --output threads --scale 0.01
OMP_NUM_THREADS=3 synth --output threads.h5 --scale 0.01
for n in 2 3; do
  export OMP_NUM_THREADS=2
  ranks $n "$botsieve" synth --output ranks$n --scale 0.01 2>>log
  ranks $n "$botsieve" synth --output ranks$n.h5 --scale 0.01 2>>log
  identical one ranks$n
  same one.h5 ranks$n.h5
done
identical one threads
same one.h5 threads.h5

# Neither more nor less than the files of the layout, and the marker.
camera=one/Provision_PT_737E_Security_Camera
[ "$(find one -type f | wc -l)" = 12 ] || fail "not eleven files and a marker"
head -n 1 one/SIMULATED_CAPTURE.txt | grep -qx 'simulated capture' ||
  fail "the marker does not say what it is"
while read -r name rows; do
  [ "$(wc -l <"$camera/$name.csv")" = $((rows + 1)) ] || fail "rows of $name"
done <<'ROWS'
benign_traffic 622
gafgyt_attacks/combo 614
gafgyt_attacks/junk 309
gafgyt_attacks/scan 293
gafgyt_attacks/tcp 1045
gafgyt_attacks/udp 1040
mirai_attacks/ack 606
mirai_attacks/scan 968
mirai_attacks/syn 657
mirai_attacks/udp 1562
mirai_attacks/udpplain 567
ROWS
# Numbers as in the original: "1.0", no blanks, two digits of an exponent.
sed -s 1d "$camera"/*/*.csv "$camera"/*.csv | tr -d '\r' | tr ',' '\n' |
  grep -Ev '^-?[0-9]+\.[0-9]+$|^-?[0-9](\.[0-9]+)?e[-+][0-9]{2,3}$' >odd || true
[ ! -s odd ] || fail "a number of another style: $(head -n 1 odd)"

# The folder converts to the same data as was written directly.
"$botsieve" convert one --output converted.h5 >/dev/null 2>>log
for file in one converted; do
  "$botsieve" info $file.h5 --json - |
    grep -E '"(checksum|source|rows|gafgyt_udp)"' >$file.info
done
grep -q '"source": "simulated capture"' one.info || fail "source of the file"
same one.info converted.info

# Another seed is another capture; a longer one begins like the shorter.
synth --output seed.h5 --scale 0.01 --seed 2
! cmp -s one.h5 seed.h5 || fail "the seed does nothing"
synth --output longer --scale 0.02
attack=Provision_PT_737E_Security_Camera/mirai_attacks/ack.csv
head -n 607 longer/$attack | cmp - one/$attack || fail "not a longer capture"

# A path is any bytes.
synth --output $'\xe9.h5' --scale 0.01
cmp one.h5 $'\xe9.h5' || fail "the file's name is in its bytes"

# All nine: devices without a Mirai capture have no such folder.
synth --output all --scale 0.0001 --device all
[ "$(find all -name '*.csv' | wc -l)" = 89 ] || fail "not 89 files"
[ ! -e all/Ennio_Doorbell/mirai_attacks ] || fail "Mirai on Ennio"

# refuses CODE TEXT ARGS...: one line, and nothing is left behind.
launch=(ranks 2)
refuses() {
  local code=$1 text=$2 rc=0
  shift 2
  "${launch[@]}" "$botsieve" synth "$@" >out 2>err || rc=$?
  grep '^botsieve ' err >line || true
  [ $rc = "$code" ] || fail "$*: exit $rc, not $code"
  [ "$(wc -l <line)" = 1 ] || fail "$*: not one line"
  grep -qF -- "$text" line || fail "$*: '$(cat line)' lacks '$text'"
  ! ls -d new* ./*.part >/dev/null 2>&1 || fail "$*: something is left"
}
touch file
refuses 2 "--output is missing"
refuses 2 "'PT_999' is not one of all, Danmini_Doorbell" --output new --device PT_999
for scale in 0 -1 nan inf 1e300 1x; do
  refuses 2 "--scale: '$scale' is not" --output new --scale $scale
done
refuses 2 "one exists and is not an empty folder" --output one
refuses 2 "file exists and is not an empty folder" --output file
refuses 5 "file/new" --output file/new
refuses 5 "none/new.h5" --output none/new.h5
# What another has put where the folder is made is left alone.
mkdir foreign.part
touch foreign.part/mine
! "$botsieve" synth --output foreign --scale 0.01 2>>log ||
  fail "foreign.part is not in the way"
[ -e foreign.part/mine ] || fail "foreign.part is removed"
rm -r foreign.part
# No file can grow beyond 16 MiB, as if the disk were full. (Under mpirun the
# signal that says so would not be ignored.)
launch=(env)
ulimit -f 16384
trap '' XFSZ
refuses 5 "new.part" --output new --scale 0.2
refuses 5 "new.h5.part" --output new.h5 --scale 0.2
