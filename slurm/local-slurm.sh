#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# A real, throw-away Slurm cluster of several nodes on one machine, to try the
# batch jobs without a cluster.
#
#   local-slurm.sh start [NODES] [options]  bring it up, wait until nodes idle
#   local-slurm.sh status | stop | env
#   local-slurm.sh run CMD...               run CMD with its environment
#   local-slurm.sh crash NODE               kill -9 a node's slurmd and what it
#                                           runs
#   local-slurm.sh boot NODE                start that node again
#
# options: --cpus N   CPUs that each node claims, real or not (default 4)
#          --mem MB   memory that each node claims (default 4000)
#          --net netns|uts   netns: a network namespace per node, joined by a
#                            bridge (needs root); uts: all nodes on the
#                            loopback, one port each; works without root
#          --acct     slurmdbd and a private MariaDB: sacct and sacctmgr work
#
# Everything lives in $LOCAL_SLURM_DIR (default /tmp/local-slurm-UID): no
# systemd, no /etc/slurm. Every daemon runs in the foreground of a session of
# its own; its pid and start time are written down, and stop ends those
# processes and what runs inside the nodes' namespaces, nothing else.
set -u
umask 022
me=$(id -un)
uid=$(id -u)
DIR=${LOCAL_SLURM_DIR:-/tmp/local-slurm-$uid}
RUN=$DIR/run
LOG=$DIR/log
CONF=$DIR/slurm.conf
install_deps=$(dirname "${BASH_SOURCE[0]}")/../jobs/install-deps.sh
export PATH=$PATH:/usr/sbin:/sbin

say() { printf 'local-slurm: %s\n' "$*" >&2; }
die() {
  say "$*"
  exit 1
}
# Given up half-way: show the end of the logs, take down what is up.
give_up() { # TEXT LOG...
  local text=$1
  shift
  tail -n 5 "$@" >&2
  stop
  die "$text"
}

now_ms() { echo $(($(date +%s%N) / 1000000)); }

wait_for() { # SECONDS CMD...
  local deadline=$(($(now_ms) + $1 * 1000))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$(now_ms)" -lt "$deadline" ] || return 1
    sleep 0.1
  done
}

# --- processes: a session each, known by pid and start time ------------------

start_time() { # PID
  local fields
  fields=$(cat /proc/"$1"/stat 2>/dev/null) || return 1
  # The name may hold blanks: count from behind its closing bracket.
  read -ra fields <<<"${fields##*) }"
  echo "${fields[19]}"
}

spawn() { # NAME CMD...
  local name=$1 pid
  shift
  setsid "$@" >>"$LOG/$name.out" 2>&1 </dev/null &
  pid=$!
  wait_for 1 test -r "/proc/$pid/stat"
  echo "$pid $(start_time "$pid")" >"$RUN/$name.pid"
}

alive() { # NAME
  local pid started
  { read -r pid started <"$RUN/$1.pid"; } 2>/dev/null || return 1
  [ -n "$started" ] && [ "$(start_time "$pid")" = "$started" ] &&
    [ "$(ps -o stat= -p "$pid" | cut -c1)" != Z ]
}

not_alive() { ! alive "$1"; }

end() { # NAME [SIGNAL]: end it, wait, kill -9 after 10 s
  local pid
  if alive "$1"; then
    read -r pid _ <"$RUN/$1.pid"
    kill "-${2:-TERM}" "$pid" 2>/dev/null
    wait_for 10 not_alive "$1"
    alive "$1" && kill -9 "$pid" 2>/dev/null
  fi
  rm -f "$RUN/$1.pid"
}

reap_node() { # NODE: end whatever still runs in the node's own UTS namespace
  local id proc
  id=$(cat "$RUN/$1.ns" 2>/dev/null) || return 0
  [ "$id" != "$(readlink /proc/self/ns/uts)" ] || return 0
  for proc in /proc/[0-9]*; do
    if [ "$(readlink "$proc/ns/uts" 2>/dev/null)" = "$id" ]; then
      kill -9 "${proc#/proc/}" 2>/dev/null
    fi
  done
  return 0
}

# --- nodes -------------------------------------------------------------------

netns_name() { echo "lslurm$ID-$1"; }

make_netns() { # INDEX
  local node=n$1 ns
  ns=$(netns_name "$node")
  [ ! -e "/run/netns/$ns" ] || return 0
  { ip netns add "$ns" &&
    ip link add "ls$ID-$node" type veth peer name eth0 netns "$ns" &&
    ip link set "ls$ID-$node" master "lslurm$ID" up &&
    ip -n "$ns" link set lo up &&
    ip -n "$ns" addr add "10.213.$ID.$(($1 + 1))/24" dev eth0 &&
    ip -n "$ns" link set eth0 up; } ||
    die "network namespace for $node failed"
}

left_our_uts() { # PID
  [ "$(readlink "/proc/$1/ns/uts")" != "$(readlink /proc/self/ns/uts)" ]
}

boot_node() { # INDEX
  local node=n$1 pid
  mkdir -p "$DIR/tmp/$node" "$DIR/spool/$node"
  chmod 1777 "$DIR/tmp/$node"
  # In the node: its own host name, as Open MPI names its shared-memory files
  # by that; with netns its own /dev/shm and /etc/hosts, too.
  # shellcheck disable=SC2016 # expanded by the shell in there
  local inside='
    hostname "$1" || exit
    if [ -n "$3" ]; then
      mount --make-rprivate / &&
        mount -t tmpfs -o size=50%,mode=1777 shm /dev/shm &&
        mount --bind "$3" /etc/hosts || exit
    fi
    exec slurmd -D -f "$2" -N "$1"'
  if [ "$NET" = netns ]; then
    make_netns "$1"
    spawn "$node" nsenter --net="/run/netns/$(netns_name "$node")" \
      unshare --mount --uts sh -c "$inside" sh "$node" "$CONF" "$DIR/hosts"
  elif [ "$uid" = 0 ]; then
    spawn "$node" unshare --uts sh -c "$inside" sh "$node" "$CONF" ""
  else
    spawn "$node" unshare --user --map-current-user --keep-caps --uts \
      sh -c "$inside" sh "$node" "$CONF" ""
  fi
  read -r pid _ <"$RUN/$node.pid"
  wait_for 3 left_our_uts "$pid"
  readlink "/proc/$pid/ns/uts" >"$RUN/$node.ns"
}

all_idle() {
  [ "$(sinfo -h -N -t idle -o %N | sort -u | wc -l)" = "$NODES" ] &&
    ! sinfo -h -o %T | grep -q '\*'
}

# --- configuration -----------------------------------------------------------

node_lines() {
  local i where
  for ((i = 1; i <= NODES; i++)); do
    if [ "$NET" = netns ]; then
      where="NodeAddr=10.213.$ID.$((i + 1))"
    else
      where="NodeHostname=$(hostname -s) NodeAddr=127.0.0.1"
      where+=" Port=$((BASE + 10 + i))"
    fi
    echo "NodeName=n$i $where CPUs=$CPUS Boards=1 SocketsPerBoard=1" \
      "CoresPerSocket=$CPUS ThreadsPerCore=1 RealMemory=$MEM State=UNKNOWN"
  done
}

accounting_lines() {
  if [ "$ACCT" = 1 ]; then
    cat <<END
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePass=$DIR/munge/socket
AccountingStoragePort=$((BASE + 1))
AccountingStoreFlags=job_comment,job_env,job_script
END
  else
    echo "JobCompType=jobcomp/filetxt"
    echo "JobCompLoc=$LOG/jobcomp.txt"
  fi
}

# cred_expire: a requeued job waits that long, by default 120 s, for its turn.
# config_overrides: nodes may claim more CPUs than there are.
# EnforcePartLimits: an impossible job is refused; it would queue for ever.
write_conf() { # HEAD: the address of slurmctld
  cat >"$CONF" <<END
ClusterName=local$ID
SlurmctldHost=$(hostname -s)($1)
SlurmctldPort=$BASE
SlurmdPort=$((BASE + 10))
SlurmUser=$me
SlurmdUser=$me
AuthType=auth/munge
AuthInfo=socket=$DIR/munge/socket,cred_expire=10
CredType=cred/munge
StateSaveLocation=$DIR/ctld
SlurmdSpoolDir=$DIR/spool/%n
TmpFS=$DIR/tmp/%n
SlurmctldPidFile=$RUN/slurmctld.own
SlurmdPidFile=$RUN/slurmd.%n.own
SlurmctldLogFile=$LOG/slurmctld.log
SlurmdLogFile=$LOG/slurmd.%n.log
MailProg=/bin/true
TaskProlog=$DIR/taskprolog
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=2
JobAcctGatherParams=OverMemoryKill
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
DefMemPerCPU=$((MEM / CPUS))
SlurmdParameters=config_overrides
MpiDefault=pmix
ReturnToService=2
EnforcePartLimits=ALL
SlurmdTimeout=20
KillWait=5
MinJobAge=3600
SchedulerParameters=batch_sched_delay=0,sched_interval=2,\
sched_min_interval=0,bf_interval=2
$(accounting_lines)
$(node_lines)
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP \
OverSubscribe=NO
END
}

write_hosts() { # HEAD
  local i
  echo '127.0.0.1 localhost'
  [ "$NET" != netns ] || echo "$1 $(hostname -s)"
  for ((i = 1; i <= NODES; i++)); do
    if [ "$NET" = netns ]; then
      echo "10.213.$ID.$((i + 1)) n$i"
    else
      echo "127.0.0.1 n$i"
    fi
  done
}

# What a site would have in a module or a parameter file: applies to batch
# scripts and to the tasks of srun.
write_task_prolog() {
  cat <<'END'
#!/bin/sh
default() { eval "v=\${$1-}"; [ -n "$v" ] || echo "export $1=$2"; }
default OMPI_MCA_pml ob1
default OMPI_MCA_btl self,vader,tcp
default OMPI_MCA_hwloc_base_binding_policy none
default OMPI_MCA_mpi_yield_when_idle 1
default PMIX_MCA_gds hash # see env.sh
if [ "$(id -u)" = 0 ]; then
  default OMPI_ALLOW_RUN_AS_ROOT 1
  default OMPI_ALLOW_RUN_AS_ROOT_CONFIRM 1
fi
END
  if [ "$NET" = uts ]; then
    echo 'default OMPI_MCA_btl_tcp_if_include lo'
    echo 'default OMPI_MCA_oob_tcp_if_include lo'
  fi
}

# --- daemons -----------------------------------------------------------------

start_munge() {
  dd if=/dev/urandom of="$DIR/munge/key" bs=128 count=1 status=none
  chmod 600 "$DIR/munge/key"
  spawn munged munged --foreground --socket="$DIR/munge/socket" \
    --key-file="$DIR/munge/key" --pid-file="$DIR/munge/pid" \
    --log-file="$LOG/munged.log" --seed-file="$DIR/munge/seed" --num-threads=4
  wait_for 10 munge -S "$DIR/munge/socket" -n ||
    give_up "munged did not start" "$LOG"/munged.*
}

listens() { ss -Hltn "sport = :$1" | grep -q .; }

start_accounting() {
  local as_root=() password
  [ "$uid" != 0 ] || as_root=(--user=root)
  mkdir -p "$DIR/db"
  mariadb-install-db --no-defaults "${as_root[@]}" --datadir="$DIR/db" \
    --auth-root-authentication-method=normal --skip-test-db \
    >"$LOG/mariadb-install.log" 2>&1 ||
    give_up "mariadb-install-db failed" "$LOG/mariadb-install.log"
  password=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
  (
    umask 077
    cat >"$DIR/db.sql" <<END
CREATE DATABASE IF NOT EXISTS slurm_acct;
CREATE USER 'slurm'@'%' IDENTIFIED BY '$password';
CREATE USER 'slurm'@'localhost' IDENTIFIED BY '$password';
GRANT ALL ON slurm_acct.* TO 'slurm'@'%';
GRANT ALL ON slurm_acct.* TO 'slurm'@'localhost';
END
    cat >"$DIR/slurmdbd.conf" <<END
AuthType=auth/munge
AuthInfo=socket=$DIR/munge/socket
DbdHost=localhost
DbdAddr=127.0.0.1
DbdPort=$((BASE + 1))
SlurmUser=$me
LogFile=$LOG/slurmdbd.log
PidFile=$RUN/slurmdbd.own
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort=$((BASE + 2))
StorageUser=slurm
StoragePass=$password
StorageLoc=slurm_acct
END
  )
  spawn mariadbd mariadbd --no-defaults "${as_root[@]}" --datadir="$DIR/db" \
    --socket="$RUN/db.sock" --pid-file="$RUN/db.own" \
    --bind-address=127.0.0.1 --port=$((BASE + 2)) --init-file="$DIR/db.sql" \
    --innodb-buffer-pool-size=64M --innodb-lock-wait-timeout=900 \
    --innodb-flush-log-at-trx-commit=0
  wait_for 20 listens $((BASE + 2)) ||
    give_up "mariadbd did not start" "$LOG/mariadbd.out"
  spawn slurmdbd env SLURM_CONF="$DIR/slurmdbd.conf" slurmdbd -D
  wait_for 20 sacctmgr -n show cluster ||
    give_up "slurmdbd did not start" "$LOG"/slurmdbd.*
  sacctmgr -i add cluster "local$ID" >/dev/null 2>&1
}

controller_is_up() { scontrol ping | grep -q UP; }

start_controller() {
  spawn slurmctld slurmctld -D -f "$CONF"
  wait_for 15 controller_is_up ||
    give_up "slurmctld did not start" "$LOG"/slurmctld.*
}

# --- commands ----------------------------------------------------------------

# A name and a range of ports that no other local cluster has.
choose_id() {
  for ((ID = 0; ID <= 30; ID++)); do
    BASE=$((26000 + ID * 100))
    if ! ip link show "lslurm$ID" >/dev/null 2>&1 && ! listens $BASE &&
      ! listens $((BASE + 1)) && ! listens $((BASE + 11)); then
      return 0
    fi
  done
  die "no free cluster number"
}

# Namespaces need root, and a root folder that is a mount point, which that of a
# plain chroot is not.
choose_net() {
  local probe=lslurm$$
  NET=uts
  if [ "$uid" = 0 ] && ip link add $probe type bridge 2>/dev/null; then
    ip link del $probe
    if ip netns add $probe && ip -n $probe link set lo up; then
      NET=netns
    fi 2>/dev/null
    ip netns del $probe 2>/dev/null
  fi
}

parse_start_options() {
  NODES=2 CPUS=4 MEM=4000 ACCT=0 NET=auto
  while [ $# -gt 0 ]; do
    case $1 in
    --cpus) CPUS=$2 && shift ;;
    --mem) MEM=$2 && shift ;;
    --net) NET=$2 && shift ;;
    --acct) ACCT=1 ;;
    [0-9]*) NODES=$1 ;;
    *) die "unknown option $1" ;;
    esac
    shift
  done
}

load() {
  [ -r "$DIR/state" ] || return 1
  # shellcheck source=/dev/null
  . "$DIR/state"
  export SLURM_CONF=$CONF
}

start() {
  local began head=127.0.0.1 i
  parse_start_options "$@"
  [ ! -e "$DIR/state" ] || die "already started in $DIR (stop it first)"
  "$install_deps" slurm || die "packages are missing"
  began=$(now_ms)
  [ "$NET" != auto ] || choose_net
  choose_id
  rm -rf "$DIR"
  mkdir -p "$RUN" "$LOG" "$DIR/ctld" "$DIR/munge" || die "cannot write $DIR"
  chmod 711 "$DIR/munge" # clients reach the socket through it
  chmod 700 "$DIR/ctld"
  if [ "$NET" = netns ]; then
    head=10.213.$ID.1
    { ip link add "lslurm$ID" type bridge &&
      ip addr add "$head/24" dev "lslurm$ID" &&
      ip link set "lslurm$ID" up; } || die "no bridge"
  fi
  echo "NODES=$NODES NET=$NET ID=$ID ACCT=$ACCT" >"$DIR/state"
  write_hosts "$head" >"$DIR/hosts"
  write_conf "$head"
  write_task_prolog >"$DIR/taskprolog"
  chmod 755 "$DIR/taskprolog"
  printf 'export SLURM_CONF=%q\n' "$CONF" >"$DIR/env.sh"
  export SLURM_CONF=$CONF
  start_munge
  [ "$ACCT" = 0 ] || start_accounting
  start_controller
  for ((i = 1; i <= NODES; i++)); do
    boot_node "$i"
  done
  wait_for 60 all_idle ||
    give_up "nodes did not become idle in 60 s (logs in $LOG)" \
      "$LOG/n1.out" "$LOG/slurmd.n1.log"
  say "$NODES nodes idle ($NET) after $(($(now_ms) - began)) ms; . $DIR/env.sh"
}

queue_is_empty() { [ -z "$(timeout 3 squeue -h)" ]; }

stop() {
  load || {
    say "not running"
    return 0
  }
  local i name ns
  if alive slurmctld; then
    timeout 5 squeue -h -o %A 2>/dev/null | sort -u |
      xargs -r timeout 5 scancel >/dev/null 2>&1
    wait_for 8 queue_is_empty
  fi
  for ((i = 1; i <= NODES; i++)); do
    end "n$i"
    reap_node "n$i"
  done
  for name in slurmctld slurmdbd mariadbd munged; do
    end $name
  done
  if [ "$NET" = netns ]; then
    for ((i = 1; i <= NODES; i++)); do
      ns=$(netns_name "n$i")
      [ ! -e "/run/netns/$ns" ] || ip netns del "$ns"
    done
    ip link del "lslurm$ID" 2>/dev/null
  fi
  rm -f "$DIR/state"
  say "stopped (logs stay in $LOG)"
}

status() {
  load || {
    say "not running"
    return 3
  }
  local file name result=0
  for file in "$RUN"/*.pid; do
    name=$(basename "$file" .pid)
    if alive "$name"; then
      printf '%-10s up   %s\n' "$name" "$(cut -d' ' -f1 "$file")"
    else
      printf '%-10s DOWN\n' "$name"
      result=1
    fi
  done
  timeout 10 sinfo -N -o '%N %T %c %m'
  timeout 10 squeue
  return $result
}

load_or_die() { load || die "not running"; }

cmd=${1:-help}
[ $# = 0 ] || shift
case $cmd in
start) start "$@" ;;
stop) stop ;;
status) status ;;
env)
  load_or_die
  cat "$DIR/env.sh"
  ;;
run)
  load_or_die
  exec "$@"
  ;;
crash)
  load_or_die
  end "$1" KILL
  reap_node "$1"
  ;;
boot)
  load_or_die
  ! alive "$1" || die "$1 is up"
  boot_node "${1#n}"
  ;;
*)
  sed -n '3,24s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
  exit 2
  ;;
esac
