/* The leases of access: after a revoking call has answered, nobody trusts a
 * state from before it. services/common/events/{lease_view.h,acks.cc,log.cc}
 * are the source's side, services/common/access/{lease.h,projection.cc} the
 * other.
 *
 * One replica of the source revokes LAST times, one event each, and waits for
 * the acknowledgements; it may restart and forget what it has seen. CONSUMERS
 * apply events when they please, acknowledge, rely on leases, die and come back
 * under another name. Acknowledgements are lost on either way, or written long
 * after their sender gave them up. Rows of consumers whose lease is over may be
 * forgotten at once. One consumer is enough, since consumers touch nothing but
 * their own rows and the source waits for each; with two, DRIFT=0, LEASE=1 and
 * LAST=1 it takes minutes.
 *
 * Time is discrete: a timer holds the ticks that are left. A consumer's clock
 * may miss DRIFT ticks during a lease; the source's margin makes up for it.
 *
 * One of these names, defined, breaks the protocol, and the promise then fails:
 *   LEASE_FROM_ANSWER    a lease is counted from when its answer came
 *   TRUST_ANY_GRANT      a lease that was over begins without catching up
 *   LATEST_BEFORE_ROW    the newest number is read before the row is written
 *   NO_MARGIN            the source waits just as long as the lease
 *   SEEN_BEFORE_READ     a new row counts from before it was read
 *   NOW_AFTER_READ       the source judges by a time after it read the rows
 *   FORGET_ANY_BEAT      a row is deleted though its consumer has come back
 *   ACK_AHEAD            what is not applied yet is acknowledged
 *   LEAVE_TRUSTING       a lease is given back and still relied on
 */
#ifndef CONSUMERS
#define CONSUMERS 1
#endif
#ifndef LAST
#define LAST 2
#endif
#ifndef LEASE
#define LEASE 2
#endif
#ifndef DRIFT
#define DRIFT 1
#endif
#ifdef NO_MARGIN
#define KEPT LEASE
#else
#define KEPT (LEASE + DRIFT)
#endif

typedef Row {
  bool present;
  byte number;
  /* Its beat is another than the source replica has seen. */
  bool fresh
};
typedef Consumer {
  byte position;
  /* Ticks left of the lease, and how many its clock may yet miss. 0: over. */
  byte lease;
  byte lease_drift;
  byte required;
  /* The same for what the acknowledgement under way asks for. */
  byte asked;
  byte asked_drift
};

/* The source's database. */
byte newest = 0;
Row row[CONSUMERS];
/* What the source replica has seen: ticks for which a row still counts. */
byte counts[CONSUMERS];
#ifdef SEEN_BEFORE_READ
byte early = 0;
#endif
/* The newest revocation that was answered. */
byte promised = 0;
Consumer c[CONSUMERS];

inline Judge(i) {
  assert(c[i].lease == 0 || c[i].position < c[i].required ||
         c[i].position >= promised)
}

inline Put(i, applied) {
  row[i].present = true;
  row[i].number = applied;
  row[i].fresh = true
}

inline Forget(i) {
  row[i].present = false;
  row[i].number = 0;
  row[i].fresh = false
}

inline TakeGrant(i, seen) {
#ifndef TRUST_ANY_GRANT
  if
  :: c[i].lease == 0 -> c[i].required = seen
  :: c[i].lease > 0
  fi;
#endif
#ifdef LEASE_FROM_ANSWER
  c[i].lease = LEASE + 1;
  c[i].lease_drift = DRIFT;
#else
  c[i].lease = c[i].asked;
  c[i].lease_drift = c[i].asked_drift;
#endif
  Judge(i)
}

inline Tick(timer) {
  if
  :: timer > 0 -> timer--
  :: else
  fi
}

/* By a clock that may miss this one. */
inline TickOrMiss(timer, misses) {
  if
  :: timer > 0 -> timer--
  :: timer > 0 && misses > 0 -> misses--
  :: timer == 0
  fi
}

proctype Time() {
  byte k;
  do
  :: atomic {
       for (k : 0 .. CONSUMERS - 1) {
         TickOrMiss(c[k].lease, c[k].lease_drift);
         TickOrMiss(c[k].asked, c[k].asked_drift);
         Tick(counts[k])
       }
#ifdef SEEN_BEFORE_READ
       Tick(early);
#endif
       k = 0
     }
  od
}

proctype Projection(byte i) {
  byte applied, latest;
  do
  /* Applies the next event, wherever it has it from. */
  :: atomic { c[i].position < newest -> c[i].position++ }

  /* Dies, or ends and gives its lease back. Its successor has no lease and no row, and nobody need wait for the
     row of the dead: that it is gone at once is the worst case. */
  :: atomic {
       c[i].lease = 0;
       c[i].lease_drift = 0;
       c[i].required = 0;
       Forget(i)
     }
#ifdef LEAVE_TRUSTING
  :: atomic { Forget(i) }
#endif

  /* Acknowledges: message, row, newest number, answer. */
  :: atomic {
       c[i].asked = LEASE + 1;
       c[i].asked_drift = DRIFT;
#ifdef ACK_AHEAD
       applied = newest
#else
       applied = c[i].position
#endif
     }
     if
     :: skip
#ifdef LATEST_BEFORE_ROW
     :: latest = newest;
        atomic { Put(i, applied) }
#else
     :: atomic { Put(i, applied) }
        latest = newest;
#endif
        if
        :: skip
        :: atomic { TakeGrant(i, latest) }
        fi
     fi;
     atomic {
       c[i].asked = 0;
       c[i].asked_drift = 0;
       applied = 0;
       latest = 0
     }
  od
}

/* A message that was given up arrives after all. */
proctype Stray() {
  byte applied = c[0].position;
  atomic { Put(0, applied) }
}

/* Acks::Passed and Observe: first the time, then the rows. `passed` tells
   whether all that still count have come to the newest event. */
inline Look() {
  d_step {
    for (k : 0 .. CONSUMERS - 1) { over[k] = counts[k] == 0 }
    k = 0;
#ifdef SEEN_BEFORE_READ
    early = KEPT + 1
#endif
  }
  d_step {
    passed = true;
    for (k : 0 .. CONSUMERS - 1) {
      if
      :: row[k].present && row[k].fresh ->
         row[k].fresh = false;
         over[k] = false;
#ifdef SEEN_BEFORE_READ
         counts[k] = early;
         over[k] = early == 0
#else
         counts[k] = KEPT + 1
#endif
      :: else
      fi;
      behind[k] = row[k].present && row[k].number < newest;
      passed = passed && (!behind[k] || over[k]);
    }
    k = 0
  }
#ifdef NOW_AFTER_READ
  d_step {
    passed = true;
    for (k : 0 .. CONSUMERS - 1) {
      passed = passed && (!behind[k] || counts[k] == 0)
    }
    k = 0
  }
#endif
  d_step {
    for (k : 0 .. CONSUMERS - 1) { over[k] = false; behind[k] = false }
    k = 0
  }
}

proctype Source() {
  bool over[CONSUMERS];
  bool behind[CONSUMERS];
  bool passed;
  byte k;
  do
  :: newest < LAST ->
     atomic { newest++; passed = false };
     do
     :: passed -> break
     :: else -> Look()
     od;
     atomic {
       passed = false;
       promised = newest;
       for (k : 0 .. CONSUMERS - 1) { Judge(k) }
       k = 0
     }
  /* Looks about every second, though nobody waits. */
  :: Look();
     passed = false
  /* Restarts: all rows are new to it. */
  :: d_step {
       for (k : 0 .. CONSUMERS - 1) {
         counts[k] = 0;
         row[k].fresh = row[k].present
       }
       k = 0
     }
  /* Forgets the row that it has seen and that is over. */
#ifdef FORGET_ANY_BEAT
  :: row[0].present && !row[0].fresh && counts[0] == 0 -> d_step { Forget(0) }
#else
  :: d_step {
       row[0].present && !row[0].fresh && counts[0] == 0 -> Forget(0)
     }
#endif
  od
}

init {
  byte i;
  atomic {
    run Time();
    for (i : 0 .. CONSUMERS - 1) { run Projection(i) }
    i = 0;
    run Stray();
    run Source()
  }
}
