# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# All that depends on the site, then what the job scripts have in common.

# --- site settings: change them here, or export them before sbatch -----------

# Modules to load, compilers' libraries to find, and the like.
site_setup() {
  : # module load openmpi hdf5
}
# The checkout; by default jobs are submitted from its top.
: "${BOTSIEVE_ROOT:=$SLURM_SUBMIT_DIR}"
: "${BOTSIEVE:=$BOTSIEVE_ROOT/build/jobs/botsieve}"
# srun, or mpirun where Slurm and Open MPI have no PMI in common.
: "${BOTSIEVE_LAUNCHER:=srun}"
# The PMI that both know, see srun --mpi=list.
: "${BOTSIEVE_PMI:=pmix}"
# cores binds every rank to cores of its own, none leaves it to the system.
: "${BOTSIEVE_BIND:=cores}"
# Where jobs that can go on keep what is finished: a folder that all nodes see,
# or none. By default next to where the job was submitted, one for each job.
: "${BOTSIEVE_CHECKPOINT:=$SLURM_SUBMIT_DIR/${SLURM_JOB_NAME:-}-${SLURM_JOB_ID:-}.checkpoint}"
# A job that stops cleanly before its time limit is queued again this often.
: "${BOTSIEVE_MAX_REQUEUES:=20}"

# --- how a program is started on the job's nodes -----------------------------

bs_refuse() {
  echo "$SLURM_JOB_NAME: error: $*" >&2
  exit 6
}

bs_ranks_per_node() { # NODES RANKS
  echo $((($2 + $1 - 1) / $1))
}

# Sets the array launcher, and the environment of OpenMP and Open MPI. Threads
# are passed on by name: srun does not take --cpus-per-task over from sbatch.
bs_set_launcher() { # NODES RANKS THREADS
  local nodes=$1 ranks=$2 threads=$3 bind=$BOTSIEVE_BIND per_node cpus
  per_node=$(bs_ranks_per_node "$nodes" "$ranks")
  cpus=$(unset OMP_NUM_THREADS; nproc) # or nproc would tell that number
  export OMP_NUM_THREADS=$threads OMP_PLACES=cores OMP_PROC_BIND=close
  if [ $((per_node * threads)) -gt "$cpus" ]; then
    echo "warning: $per_node ranks x $threads threads on a node of $cpus" \
      "CPUs: not bound, slow" >&2
    bind=none
    export OMPI_MCA_mpi_yield_when_idle=1 OMP_WAIT_POLICY=passive
  fi
  if [ "$bind" = none ]; then
    unset OMP_PLACES
    export OMP_PROC_BIND=false
  fi
  case $BOTSIEVE_LAUNCHER in
  srun)
    # With Slurm 22.05, PMIx 4.2.2 and Open MPI 4.1.4 a rank can leave MPI_Init
    # before another is through its first fence, which then crashes. By default
    # Slurm runs fences with data around a ring and others up a tree, so that
    # one can overtake another: 5 of 120 starts of 8 ranks on 4 nodes; all
    # around the ring: none of 250.
    export PMIX_MCA_gds=hash SLURM_PMIX_FENCE=ring
    launcher=(srun --mpi="$BOTSIEVE_PMI" --nodes="$nodes" --ntasks="$ranks"
      --ntasks-per-node="$per_node" --cpus-per-task="$threads"
      --distribution=block:block --cpu-bind="$bind")
    ;;
  mpirun)
    launcher=(mpirun -n "$ranks" -x OMP_NUM_THREADS -x OMP_PROC_BIND)
    if [ "$bind" = none ]; then
      launcher+=(--map-by "ppr:$per_node:node" --oversubscribe --bind-to none)
    else
      launcher+=(-x OMP_PLACES --bind-to core
        --map-by "ppr:$per_node:node:PE=$threads")
    fi
    if [ "$(id -u)" = 0 ]; then
      launcher+=(--allow-run-as-root)
    fi
    ;;
  *) bs_refuse "BOTSIEVE_LAUNCHER is '$BOTSIEVE_LAUNCHER': srun or mpirun" ;;
  esac
}

# --- what a job prints first -------------------------------------------------

# Where Slurm does not bind, threads must not either: those of all ranks would
# sit on the same first cores.
bs_free_threads() {
  local same
  [ "$OMP_PROC_BIND" != false ] || return 0
  # shellcheck disable=SC2016 # expanded by the rank's shell
  same=$("${launcher[@]}" bash -c \
    'echo "$(hostname -s) $(grep Cpus_allowed_list /proc/self/status)"' |
    sort | uniq -d)
  if [ -n "$same" ]; then
    unset OMP_PLACES
    export OMP_PROC_BIND=false
    echo "warning: ranks are not bound, and so threads are not"
  fi
}

bs_print_job() { # COMMAND...
  echo "== $(date -Is) job $SLURM_JOB_ID ($SLURM_JOB_NAME)" \
    "restart ${SLURM_RESTART_COUNT:-0} on $SLURM_JOB_NODELIST"
  printf 'command:'
  printf ' %q' "${launcher[@]}" "$@"
  printf '\n'
}

# --- the life of a job -------------------------------------------------------

bs_check_site() {
  site_setup
  [ -x "$BOTSIEVE" ] ||
    bs_refuse "no program '$BOTSIEVE': build it, or set BOTSIEVE"
  if [ "$BOTSIEVE_LAUNCHER" = srun ]; then
    srun --mpi=list 2>&1 | grep -qw "$BOTSIEVE_PMI" ||
      bs_refuse "this Slurm has no $BOTSIEVE_PMI (srun --mpi=list shows what" \
        "it has): set BOTSIEVE_PMI, or BOTSIEVE_LAUNCHER=mpirun"
  else
    command -v "$BOTSIEVE_LAUNCHER" >/dev/null ||
      bs_refuse "no $BOTSIEVE_LAUNCHER in the PATH: see site_setup in env.sh"
  fi
}

# Runs a program in the background, as a trap acts only while the shell waits;
# passes USR1 on, and returns the program's own exit code.
bs_wait_for() { # PROGRAM...
  local pid status signalled=false
  "$@" &
  pid=$!
  trap 'signalled=true; kill -USR1 "$pid"' USR1
  while :; do
    status=0
    wait "$pid" || status=$?
    $signalled || break
    signalled=false # only wait was interrupted, the program goes on
  done
  trap - USR1
  return "$status"
}

bs_log_bytes() { stat -L -c %s /dev/stderr; }

# Under srun a start can crash inside MPI_Init, see bs_set_launcher: true if a
# program of this exit code crashed and no line of its own is in the log, which
# was so long before. Where the log is no file this cannot be known.
bs_crashed_at_start() { # STATUS BYTES
  [ "$BOTSIEVE_LAUNCHER" = srun ] && [ -f /dev/stderr ] &&
    [[ $1 = 134 || $1 = 135 || $1 = 139 ]] &&
    ! tail -c "+$(($2 + 1))" /dev/stderr | grep -q '^\[ *[0-9.]* s\]'
}

# Sets the array checkpoint: where a command that can go on keeps its work,
# unless its own words say so.
bs_set_checkpoint() { # COMMAND ARGUMENT...
  checkpoint=()
  [[ $1 =~ ^(compare|convert|cv|em|rank|synth|train)$ && " $* " != *" --checkpoint"[\ =]* ]] ||
    return 0
  [ "$BOTSIEVE_CHECKPOINT" = none ] ||
    checkpoint=(--checkpoint "$BOTSIEVE_CHECKPOINT")
}

# Runs botsieve on all of the allocation, once more if the first start crashes.
# Exit code 85 means: stopped cleanly, run the same again; so the job is put
# back into the queue.
bs_run() { # COMMAND ARGUMENT...
  local status=0 bytes
  bs_check_site
  bs_set_launcher "$SLURM_JOB_NUM_NODES" "$SLURM_NTASKS" \
    "${SLURM_CPUS_PER_TASK:-1}"
  bs_set_checkpoint "$@"
  set -- "$@" "${checkpoint[@]}"
  bs_print_job "$BOTSIEVE" "$@"
  bs_free_threads
  bytes=$(bs_log_bytes)
  bs_wait_for "${launcher[@]}" "$BOTSIEVE" "$@" || status=$?
  if bs_crashed_at_start "$status" "$bytes"; then
    echo "warning: crashed in MPI_Init (exit $status), started again" >&2
    status=0
    bs_wait_for "${launcher[@]}" "$BOTSIEVE" "$@" || status=$?
  fi
  echo "== $(date -Is) exit $status"
  if [ "$status" = 85 ] &&
    [ "${SLURM_RESTART_COUNT:-0}" -lt "$BOTSIEVE_MAX_REQUEUES" ]; then
    scontrol requeue "$SLURM_JOB_ID"
  fi
  exit "$status"
}
