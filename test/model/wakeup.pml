/*
 * The wake-up protocol: who may sleep, and who is bound to look once more.
 *
 * What is modelled: a transaction is a process's Tx. What it writes, nobody sees
 * before its commit, which is one step; a row that somebody else has locked is
 * passed over; the advisory lock is tried and never waited for. Each atomic block
 * is one statement of the SQL, named beside it. Time is left out: a heartbeat does
 * not run out while its leader lives, and a wake-up is awaited for ever, except
 * where wake-ups get lost and the sweep calls again.
 *
 * What must hold:
 *   when nothing can move any more, no due job is left beside a free worker, and
 *     no current job without a run                                    (Rest)
 *   a worker never gets a second job                                  (commit)
 *
 * Sizes: NE enqueuers, NR runs, NW workers. README.md lists the other switches.
 */

#ifndef NE
#define NE 1
#endif
#ifndef NR
#define NR 2
#endif
#ifndef NW
#define NW 1
#endif
#ifndef LOST
#define LOST 0  /* how many wake-ups may get lost */
#endif
#ifndef DOUBLED
#define DOUBLED 0 /* how many wake-ups may come twice */
#endif
#ifndef STOPS
#define STOPS 0 /* how many runs may end before their time */
#endif

/* heartbeat.run, or why there is none. Runs are 1 .. NR. */
#define UNWRITTEN 0
#define ASLEEP 100
#define CALLED 101

/* The job that is under way when it begins. */
#define EARLIER 255

/* Sessions, by the locks they hold. */
#define NOBODY 0
#define ENQUEUER(e) (NR + 1 + e)
#define USER 50

mtype:job_status = { absent, pending, in_progress, finished };
mtype:run_state = { away, awake, leaving, sleeping };

/* What is committed. */
mtype:job_status job[NE] = absent;  /* job.status, every one due at once */
bool worker_locked[NW];         /* worker.locked */
byte claimed[NW];                  /* current_job of the worker: its job + 1, or EARLIER */
byte caller[NW];                /* current_job.dispatcher */
byte heartbeat = ASLEEP;
byte wake_ups = 0;                 /* requests that pg_net has to send */

/* Who has locked what. */
byte job_held[NE];
byte worker_held[NW];
byte seat_held[NW];
byte heartbeat_held;
byte shared;                    /* how many hold the advisory lock shared */
byte exclusive;                 /* who holds it exclusively */

byte lost = LOST;
byte doubled = DOUBLED;
byte stops = STOPS;
bool swept = false;             /* the sweep has called since the last wake-up got lost */

/* What a transaction has done so far. Sets of workers are bits. */
typedef Tx {
  byte freed;                   /* their jobs were reported; still marked locked, and held */
  byte chosen;                  /* jobs that are locked, to be given a worker: bits */
  byte taken_over;
  byte given[NW];               /* job + 1 */
  byte heartbeat;
  byte wake_ups;
  bool shared;
}

#define BIT(w) (1 << w)
#define MINE(owner, me) (owner == NOBODY || owner == me)
#ifdef NO_ROW_LOCK
#define UNHELD(owner, me) true
#else
#define UNHELD(owner, me) MINE(owner, me)
#endif
#define HEARTBEAT_SEEN (t.heartbeat != UNWRITTEN -> t.heartbeat : heartbeat)

inline forget() {
  t.freed = 0; t.chosen = 0; t.taken_over = 0; t.heartbeat = UNWRITTEN; t.wake_ups = 0; t.shared = false;
  for (w : 0 .. NW - 1) { t.given[w] = 0 }
  w = 0
}

/* COMMIT, or ROLLBACK when `keeps` is false: all becomes visible and all locks go. `own` is the job it inserted, + 1. */
inline end(me, own, keeps) {
  d_step {
    if
    :: keeps ->
      if
      :: own != 0 -> job[own - 1] = pending
      :: else
      fi;
      for (w : 0 .. NW - 1) {
        if
        :: t.freed & BIT(w) ->
          if
          :: claimed[w] != EARLIER -> job[claimed[w] - 1] = finished
          :: else
          fi;
          claimed[w] = 0; caller[w] = NOBODY; worker_locked[w] = false
        :: else
        fi;
        if
        :: t.taken_over & BIT(w) -> caller[w] = me
        :: else
        fi;
        if
        :: t.given[w] != 0 ->
          assert(claimed[w] == 0 && !worker_locked[w] && job[t.given[w] - 1] == pending);
          job[t.given[w] - 1] = in_progress; claimed[w] = t.given[w]; worker_locked[w] = true;
          caller[w] = (me <= NR -> me : NOBODY)
        :: else
        fi
      }
      w = 0;
      if
      :: t.heartbeat != UNWRITTEN -> heartbeat = t.heartbeat
      :: else
      fi;
      wake_ups = wake_ups + t.wake_ups;
      assert(wake_ups < 20 && NW <= 2)
    :: else
    fi;
    for (w : 0 .. NW - 1) {
      if :: worker_held[w] == me -> worker_held[w] = NOBODY :: else fi;
      if :: seat_held[w] == me -> seat_held[w] = NOBODY :: else fi
    }
    w = 0;
    for (w : 0 .. NE - 1) {
      if :: job_held[w] == me -> job_held[w] = NOBODY :: else fi
    }
    w = 0;
    if :: heartbeat_held == me -> heartbeat_held = NOBODY :: else fi;
    if :: exclusive == me -> exclusive = NOBODY :: else fi;
    if :: t.shared -> shared-- :: else fi;
    forget()
  }
}

/* count_due.sql: an unlocked look at committed jobs, and at one's own. `count` gets how many. */
inline count_due(own) {
  count = 0;
  for (w : 0 .. NE - 1) {
    if
    :: job[w] == pending || own == w + 1 -> count++
    :: else
    fi
  }
  w = 0
}

/* `count` gets how many workers are not locked, as this transaction sees it. */
inline count_free() {
  count = 0;
  for (w : 0 .. NW - 1) {
    if
    :: (!worker_locked[w] || (t.freed & BIT(w))) && t.given[w] == 0 -> count++
    :: else
    fi
  }
  w = 0
}

/* `count` gets how many current jobs are committed that no run has. */
inline count_ownerless() {
  count = 0;
  for (w : 0 .. NW - 1) {
    if
    :: claimed[w] != 0 && caller[w] == NOBODY && !(t.taken_over & BIT(w)) -> count++
    :: else
    fi
  }
  w = 0
}

/* claim.sql */
inline pair(me, own) {
  d_step { count_free(); wanted = count; count = 0 }  /* claim.sql: wanted, a look that locks nothing; the freed ones, too */
  if
  :: wanted > 0 ->
    d_step {                                         /* due_jobs.sql: locking, skip locked */
      for (w : 0 .. NE - 1) {
        if
        :: count < wanted && (job[w] == pending || own == w + 1) && job_held[w] == NOBODY ->
          job_held[w] = me; t.chosen = t.chosen | BIT(w); count++
        :: else
        fi
      }
      w = 0; count = 0; wanted = 0
    }
    if
    :: t.chosen != 0 ->
      d_step {                                       /* claim.sql: free_worker := ... skip locked; then update job, insert current_job */
        w = 0; j = 0;
        do
        :: w < NW && j < NE ->
          if
          :: !(t.chosen & BIT(j)) -> j++
          :: else ->
            if
            :: t.given[w] == 0 && ((t.freed & BIT(w)) || (!worker_locked[w] && UNHELD(worker_held[w], me))) ->
              worker_held[w] = me; t.given[w] = j + 1; w++; j++
            :: else -> w++
            fi
          fi
        :: else -> break
        od; w = 0; j = 0; t.chosen = 0
      }
    :: else
    fi
  :: else
  fi
}

/* `count` gets how many workers this transaction has given a job. */
inline count_given() {
  count = 0;
  for (w : 0 .. NW - 1) {
    if :: t.given[w] != 0 -> count++ :: else fi
  }
  w = 0
}

/* wake.sql, awaited: for update skip locked */
inline note_wake(me) {
  d_step {
    if
    :: MINE(heartbeat_held, me) -> heartbeat_held = me; t.heartbeat = CALLED
    :: else
    fi
  }
}

/* ensure_run.sql, at commit, of whoever made a job due or a worker free */
inline answer(me, own) {
  d_step {                                           /* ensure_run.sql: pg_try_advisory_xact_lock_shared */
    relies = false;
    if
#ifndef NO_LOCK
    :: !MINE(exclusive, me) -> t.wake_ups++
#endif
    :: else ->
      relies = true;
#ifndef NO_LOCK
      if :: !t.shared -> t.shared = true; shared++ :: else fi
#endif
    fi
  }
  if
  :: relies ->
    d_step { relies = (HEARTBEAT_SEEN == ASLEEP) }       /* ensure_run.sql: if exists (... awake_until > clock_timestamp()) */
    if
    :: relies ->
      d_step { count_given(); before = count; count = 0 }
      pair(me, own);
      d_step {                                       /* ensure_run.sql: nothing claimed, count_due = 0 and no ownerless? */
        count_given(); calls = (count > before); before = 0;   /* ensure_run.sql: calls */
        count_due(own); calls = calls || count > 0;
        count_ownerless(); calls = calls || count > 0; count = 0; relies = false
      }
      if
      :: calls -> t.wake_ups++; note_wake(me)
      :: else
      fi;
      calls = false
    :: else
    fi
  :: else
  fi
}

/* Somebody inserts a job and commits, under any isolation level, or rolls back. */
proctype Enqueuer(byte e) {
  Tx t; byte w, j, count, wanted, before; bool relies, calls;
  if
  :: end(ENQUEUER(e), e + 1, false)
  :: d_step { t.wake_ups++ }                            /* ensure_run.sql: transaction_isolation <> 'read committed' */
     end(ENQUEUER(e), e + 1, true)
  :: answer(ENQUEUER(e), e + 1);
     end(ENQUEUER(e), e + 1, true)
  fi
}

/* lead.sql */
inline lead(me) {
  d_step { seen = heartbeat }                            /* lead.sql: select * into seen */
  if
  :: seen == me -> leader = true                     /* prolonging it changes nobody's mind */
  :: else ->
    d_step {                                         /* lead.sql: update ... for update skip locked */
      leader = MINE(heartbeat_held, me) && (heartbeat == ASLEEP || heartbeat == CALLED || heartbeat == me);
      if
      :: leader -> heartbeat_held = me; t.heartbeat = me
      :: else
      fi
    }
  fi;
  seen = 0
}

/* fall_asleep.sql */
inline fall_asleep(me) {
  d_step {                                           /* fall_asleep.sql: pg_try_advisory_xact_lock */
    refused = false;
#ifndef NO_LOCK
    if
    :: exclusive != NOBODY || shared > (t.shared -> 1 : 0) -> refused = true
    :: else -> exclusive = me
    fi
#endif
  }
  if
  :: !refused ->
#ifndef NO_LAST_LOOK
    d_step {                                         /* fall_asleep.sql: ownerless, or a free worker and count_due > 0 */
      count_free(); refused = (count > 0);
      count_due(0); refused = refused && (count > 0);
      count_ownerless(); refused = refused || (count > 0); count = 0
    }
#endif
    if
    :: !refused ->
      d_step {                                       /* fall_asleep.sql: update ... for update skip locked */
        if
        :: MINE(heartbeat_held, me) && HEARTBEAT_SEEN == me -> heartbeat_held = me; t.heartbeat = ASLEEP; state = sleeping
        :: else
        fi
      }
    :: else
    fi
  :: else
  fi;
  refused = false
}

/* has_other_leader.sql */
inline has_other_leader(me) {
#ifdef NO_IS_KEPT
  kept = true
#else
  d_step {                                           /* has_other_leader.sql: pg_try_advisory_xact_lock_shared */
    kept = MINE(exclusive, me);
    if :: kept && !t.shared -> t.shared = true; shared++ :: else fi
  }
  if
  :: kept -> d_step { kept = (HEARTBEAT_SEEN != ASLEEP && HEARTBEAT_SEEN != CALLED && HEARTBEAT_SEEN != me) }
  :: else
  fi
#endif
}

/* hand_over.sql. Whether somebody ticked within the last second, nobody can know here: both are tried. */
inline hand_over(me) {
  d_step { seen = heartbeat }                            /* hand_over.sql: select seen.* into heartbeat */
  if
  :: seen == me ->
    d_step { count_due(0) }
    if
    :: count == 0 -> fall_asleep(me)
    :: else
    fi;
    if
    :: state != sleeping -> d_step { t.wake_ups = (wake_ups < 6 -> t.wake_ups + 1 : t.wake_ups) }; note_wake(me)
    :: else
    fi
  :: else ->
    d_step {                                         /* needs_run.sql */
      count_free(); relies = (count > 0);
      count_due(0); relies = relies && (count > 0);
      count_ownerless(); relies = relies || (count > 0); count = 0;
      relies = relies && (heartbeat == ASLEEP || heartbeat == CALLED)
    }
    if
    :: relies && wake_ups + t.wake_ups < 3 -> t.wake_ups++; note_wake(me)
    :: true                                          /* hand_over.sql: heartbeat.ticked_at > at - interval '1 second' */
    fi;
    relies = false
  fi;
  count = 0; seen = 0
}

#define RETURNED(me, w) (caller[w] == me && !(hangs & BIT(w)))

/* supaqueue_turn.sql. `reports`: all calls of this run have returned. */
inline turn(me, reports) {
  if
  :: reports ->
    d_step {                                         /* report.sql: for update of current_job, job skip locked; worker too */
      for (w : 0 .. NW - 1) {
        if
        :: RETURNED(me, w) && MINE(seat_held[w], me) && MINE(worker_held[w], me) ->
          seat_held[w] = me; worker_held[w] = me; t.freed = t.freed | BIT(w)
        :: else
        fi
      }
      w = 0
    }
  :: else
  fi;
  if
  :: !stopped ->
    d_step {                                         /* take_over.sql: for update skip locked */
      for (w : 0 .. NW - 1) {
        if
        :: claimed[w] != 0 && caller[w] == NOBODY && MINE(seat_held[w], me) ->
          seat_held[w] = me; t.taken_over = t.taken_over | BIT(w); begun = true
        :: else
        fi
      }
      w = 0
    }
    pair(me, 0);
    d_step { count_given(); begun = begun || (count > 0); count = 0 }
    lead(me)
  :: else -> leader = false
  fi;

  /* supaqueue_turn.sql: update worker set locked = false, which wakes (on_worker_freed.sql). Workers that got the next
     job stay locked. */
  d_step {
    rings = false;
    for (w : 0 .. NW - 1) {
      if :: (t.freed & BIT(w)) && t.given[w] == 0 -> rings = true :: else fi
    }
    w = 0
  }

  state = awake;
  if
  :: stopped -> hand_over(me);
    if :: state != sleeping -> state = leaving :: else fi
  :: !stopped && !begun && leader && !reports -> fall_asleep(me)
#ifdef NO_C4
  :: !stopped && !begun && !leader -> has_other_leader(me);
#else
  :: !stopped && !begun && !leader && !reports -> has_other_leader(me);
#endif
    if :: kept -> state = leaving :: else fi;
    kept = false
  :: else
  fi;

#ifndef NO_WORKER_BELL
  if
  :: rings -> answer(me, 0)
  :: else
  fi;
#endif
  d_step { rings = false; begun = false; came = true }
  end(me, 0, true)
}

/* A run has calls under way; those that hang return no more. NW is at most 2. */
#define CALLING(me) (caller[0] == me || caller[NW - 1] == me)
#define RETURNS(me) (RETURNED(me, 0) || RETURNED(me, NW - 1))

/* A run of the dispatcher: run.ts. Between two wake-ups it is away. */
proctype Run(byte me; mtype:run_state at_first; bool leader) {
  Tx t; byte w, j, count, wanted, before, seen, hangs;
  bool relies, calls, begun, refused, kept, rings, stopped, came = true;
  mtype:run_state state = at_first;
end_run:
  do
  :: atomic { state == away && wake_ups > 0 ->
       if
       :: wake_ups--
       :: doubled > 0 -> doubled--
       fi;
       state = awake; leader = false; hangs = 0; stopped = false; came = false }
  /* run.ts dueIn: the leader looks, and any other run when none of its calls is under way */
  :: state == awake && !stopped && (leader || !CALLING(me)) -> turn(me, false)
  /* calls return */
  :: state != away && RETURNS(me) -> turn(me, true)
#ifdef HANGS
  /* a call that takes longer than anything else here */
  :: d_step { RETURNED(me, 0) -> hangs = hangs | BIT(0) }
#endif
  /* run.ts: the isolate's time is up. Its first turn is never its last. */
  :: atomic { state != away && came && !stopped && stops > 0 -> stops--; stopped = true };
     turn(me, false)
  /* run.ts isOver */
  :: atomic { !CALLING(me) && (state == leaving || state == sleeping) -> state = away; leader = false; stopped = false }
  od
}

/* A user who holds a worker's row for a while, or a job's. */
proctype User() {
  Tx t; byte w;
  if
  :: d_step { worker_held[0] == NOBODY -> worker_held[0] = USER }
  :: d_step { job[0] == pending && job_held[0] == NOBODY -> job_held[0] = USER }
  :: true
  fi;
  end(USER, 0, true)
}

/* pg_net: a request gets lost. */
proctype Loser() {
end_loser:
  do
  :: d_step { lost > 0 && wake_ups > 0 -> lost--; wake_ups--; swept = false }
  od
}

inline look_for_stuck() {
  stuck = false; any = false;
  for (w : 0 .. NE - 1) {
    if :: job[w] == pending -> any = true :: else fi
  }
  for (w : 0 .. NW - 1) {
    if
    :: any && !worker_locked[w] -> stuck = true
    :: claimed[w] != 0 && caller[w] == NOBODY -> stuck = true
    :: else
    fi
  }
  w = 0; any = false
}

/* Nothing moves any more, and all must be well. With a sweep, only once that has called again (sweep.sql: wake-up and
   note_wake) and nothing got lost since. */
proctype Rest() {
  byte w; bool stuck, any;
  do
  :: timeout ->
    d_step {
      look_for_stuck();
      if
      :: stuck ->
#ifdef SWEEP
        assert(!swept);
#else
        assert(false);                               /* a wake-up was lost */
#endif
        swept = true; stuck = false; heartbeat = CALLED; wake_ups++
      :: else
      fi
    }
    if
    :: swept -> skip
    :: else -> break
    fi
  od
}

inline busy(r) {
  for (e : 0 .. NW - 1) { worker_locked[e] = true; claimed[e] = EARLIER; caller[e] = r }
  e = 0
}

/* Where it begins: asleep, awake, with a call of the leader, of a dozing run, or of another run under way. */
init {
  byte e;
  atomic {
    if
    :: run Run(1, away, false); run Run(NR, away, false)
    :: heartbeat = 1; run Run(1, awake, true); run Run(NR, away, false)
    :: heartbeat = 1; run Run(1, awake, true); run Run(NR, awake, false); busy(NR)
    :: heartbeat = 1; run Run(1, awake, true); run Run(NR, away, false); busy(1)
    :: run Run(1, sleeping, false); run Run(NR, away, false); busy(1)
    fi;
    if :: NR > 2 -> run Run(2, away, false) :: else fi;
    run Rest();
#ifndef NO_USER
    run User();
#endif
    if :: LOST > 0 -> run Loser() :: else fi;
    for (e : 0 .. NE - 1) { run Enqueuer(e) }
  }
}
