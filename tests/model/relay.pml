/* Relaying: events of transactions that commit in any order get numbers without
 * holes, a stream may lose what it likes, and a consumer applies every event
 * once and in order. services/common/events/{relay,log}.cc, and the consumer's
 * side of services/common/events/stream/.
 *
 * EVENTS transactions take ids in order and commit in any; each then asks which
 * number it has to wait for (Log::AwaitApplied). Two relays number by snapshot
 * and publish what is numbered. The stream takes no number that is not above
 * its last, and may be flushed or lose its tail once.
 *
 * One of these names, defined, breaks it, and an assertion must then fail:
 *   NO_ROW_CHECK     two relays number without changing the lease's row
 *   POLL_IDS         the consumer reads ids above the last one it saw
 *   NO_HOLE_CHECK    the consumer takes what the stream gives next
 *   WAIT_FOR_MAX_ID  a revoking call waits for the number of the last id seen
 *   DIRTY_PUBLISH    a number is published before it is committed
 */
#ifndef EVENTS
#define EVENTS 2
#endif
#define RELAYS 2

/* The table of events; an id is an index from 1. Number 0: none yet. */
bool committed[EVENTS + 1];
byte number[EVENTS + 1];
byte ids = 0;
/* The lease's row: last number given, and how often it was changed. */
byte given = 0;
byte version = 0;

/* The stream: the id of the event under each number, 0 when it is not there. */
byte entry[EVENTS + 2];
byte last = 0;

/* The consumer: how far it has come. */
byte position = 0;
#ifdef POLL_IDS
byte polled = 0;
#endif

inline Add(n, id) {
  if
  :: n > last -> entry[n] = id; last = n
  :: n <= last
  fi
}

proctype Writer() {
  byte me, waits, k;
  bool settled;
  atomic { ids++; me = ids }
  d_step {
    committed[me] = true;
#ifdef POLL_IDS
    /* Else nobody would ever see it. */
    assert(me > polled)
#endif
  }
#ifdef WAIT_FOR_MAX_ID
  atomic {
    for (k : 1 .. EVENTS) {
      if :: committed[k] -> waits = k :: !committed[k] fi
    }
    k = 0
  }
  atomic { number[waits] > 0 -> waits = number[waits] }
#else
  /* The last id there is; then, on one snapshot, whether all up to it have
     numbers, and the newest number. */
  byte upto;
  atomic {
    for (k : 1 .. EVENTS) {
      if :: committed[k] -> upto = k :: !committed[k] fi
    }
    k = 0
  }
  do
  :: settled -> break
  :: !settled -> d_step {
       settled = true;
       waits = 0;
       for (k : 1 .. EVENTS) {
         if
         :: committed[k] && k <= upto && number[k] == 0 -> settled = false
         :: else
         fi;
         if
         :: committed[k] && number[k] > waits -> waits = number[k]
         :: else
         fi
       }
       k = 0
     }
  od;
#endif
  assert(number[me] > 0 && number[me] <= waits)
}

proctype Relay() {
  byte seen_version, seen_given, k, next, published;
  bool seen[EVENTS + 1];
  do
  /* A snapshot: the lease's row and the events without a number. That the
     lease of another has run out is always possible. */
  :: d_step {
       seen_version = version;
       seen_given = given;
       for (k : 1 .. EVENTS) { seen[k] = committed[k] && number[k] == 0 }
       k = 0
     }
#ifdef DIRTY_PUBLISH
     d_step {
       next = seen_given;
       for (k : 1 .. EVENTS) {
         if
         :: seen[k] -> next++; Add(next, k)
         :: else
         fi
       }
       k = 0;
       next = 0
     }
#endif
     d_step {
       if
#ifdef NO_ROW_CHECK
       :: true ->
#else
       :: version == seen_version ->
#endif
          next = seen_given;
          for (k : 1 .. EVENTS) {
            if
            :: seen[k] ->
               next++;
               /* Numbers are for ever, and each is given once. */
               assert(number[k] == 0);
               number[k] = next
            :: else
            fi
          }
          if
          :: next > given -> version++
          :: else
          fi;
          assert(next == given || given == seen_given);
          given = next
       :: else
       fi;
       for (k : 1 .. EVENTS) { seen[k] = false }
       k = 0;
       next = 0;
       seen_version = 0;
       seen_given = 0
     }

  /* Publishes the next number after those it knows to be in the stream. */
  :: atomic { published < given -> next = published + 1 }
     d_step {
       for (k : 1 .. EVENTS) {
         if
         :: number[k] == next && next > 0 -> Add(next, k)
         :: else
         fi
       }
       k = 0;
       published = next;
       next = 0
     }
  /* Looks anew how far the stream has come. */
  :: published != last -> published = last

  /* Stops for good. */
  :: given == EVENTS -> break
  od
}

inline Apply(n, id) {
  assert(n == position + 1 && number[id] == n);
  position = n
}

proctype Consumer() {
  byte k, n;
#ifdef POLL_IDS
  do
  :: d_step {
       for (k : 1 .. EVENTS) {
         if
         :: committed[k] && k > polled -> polled = k
         :: else
         fi
       }
       k = 0
     }
  :: given == EVENTS -> break
  od
#else
  do
  /* The next entry of the stream. */
  :: d_step {
       position < last -> n = position + 1;
       do
       :: n < last && entry[n] == 0 -> n++
       :: else -> break
       od;
       if
#ifdef NO_HOLE_CHECK
       :: entry[n] != 0 -> Apply(n, entry[n])
#else
       :: entry[n] != 0 && n == position + 1 -> Apply(n, entry[n])
#endif
       :: else
       fi;
       n = 0
     }
  /* A hole, or silence: the source's own log. */
  :: d_step {
       position < given;
       for (k : 1 .. EVENTS) {
         if
         :: number[k] == position + 1 -> Apply(position + 1, k); k = EVENTS
         :: else
         fi
       }
       k = 0
     }
  :: position == EVENTS -> break
  od
#endif
}

/* The stream loses all, or its newest entry. */
proctype Fault() {
  byte k;
  if
  :: skip
  :: d_step {
       for (k : 1 .. EVENTS) { entry[k] = 0 }
       k = 0;
       last = 0
     }
  :: d_step {
       last > 0 -> entry[last] = 0; last--
     }
  fi
}

init {
  byte k;
  atomic {
    for (k : 1 .. EVENTS) { run Writer() }
    for (k : 1 .. RELAYS) { run Relay() }
    run Consumer();
    run Fault();
    k = 0
  }
}
