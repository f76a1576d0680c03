/* Questions to the server while something is dragged: as many as it can answer, and only the newest answer counts.
   Two are under way at most, the second one only where the first takes long; answers that come out of order are dropped. */
(function () {
  "use strict";
  const CM = (window.CameraMap = window.CameraMap || {});
  const MOST = 2;
  const PATIENCE_MS = 1000;   /* answers share one processor: a second question slows the first */

  /* `ask(body, signal)` resolves to an answer; `take(answer, body, ms)` gets the newest one; `busy(on)` tells of waiting;
     after `patience` ms a second question goes out beside the first. */
  CM.Trials = function (ask, take, busy, patience) {
    let running = [];
    let wanted = null;
    let number = 0;
    let taken = 0;
    let timer = null;
    const wait = patience === undefined ? PATIENCE_MS : patience;

    function end(one) { running = running.filter((other) => other !== one); }
    function pump() {
      window.clearTimeout(timer);
      timer = null;
      if (!wanted) { busy(running.length > 0); return; }
      const now = performance.now();
      const oldest = running.length ? now - running[0].begun : Infinity;
      if (running.length >= MOST || oldest < wait) {
        /* with all places taken the next answer calls again */
        if (running.length < MOST) { timer = window.setTimeout(pump, wait - oldest + 1); }
        busy(true);
        return;
      }
      number += 1;
      const one = { number: number, begun: now, abort: new AbortController(), body: wanted };
      wanted = null;
      running.push(one);
      busy(true);
      ask(one.body, one.abort.signal).then((answer) => {
        end(one);
        if (!one.dropped && answer && one.number > taken) {
          taken = one.number;
          running.filter((other) => other.number < one.number).forEach(drop);
          take(answer, one.body, performance.now() - one.begun);
        }
        pump();
      });
    }
    function drop(one) {
      one.dropped = true;
      one.abort.abort();
      end(one);
    }
    return {
      want: (body) => { wanted = body; pump(); },
      /* Another camera, or none: nothing that is under way matters any more. */
      stop: () => { wanted = null; running.slice().forEach(drop); pump(); },
      waiting: () => running.length > 0 || Boolean(wanted),
    };
  };
})();
