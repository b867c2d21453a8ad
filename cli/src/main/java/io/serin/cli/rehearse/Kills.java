package io.serin.cli.rehearse;

import io.serin.cli.stack.Stack;
import io.serin.cli.stack.StackEvent;
import io.serin.rehearsal.report.Facts;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Kills what is to be killed, when it is due, and hears when it is back. Thread-safe. */
final class Kills {

  private final InstantSource time;
  private final List<Facts.Kill> done = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();

  Kills(InstantSource time) {
    this.time = time;
  }

  /** From now on each process is killed at its time. */
  void schedule(List<KillSpec> kills, @Nullable Stack stack, Screen screen) {
    if (stack == null) {
      return;
    }
    for (KillSpec kill : kills) {
      threads.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      TimeUnit.NANOSECONDS.sleep(kill.at().toNanos());
                      synchronized (done) {
                        done.add(new Facts.Kill(kill.process(), time.instant(), null));
                      }
                      stack.kill(kill.process());
                      screen.say("  killed " + kill.process());
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                  }));
    }
  }

  /** Hears of the stack. */
  void on(StackEvent event) {
    if (!(event instanceof StackEvent.Back back)) {
      return;
    }
    synchronized (done) {
      for (int i = done.size() - 1; i >= 0; i--) {
        Facts.Kill kill = done.get(i);
        if (kill.process().equals(back.name()) && kill.answersAgain() == null) {
          Duration took = Duration.between(kill.at(), time.instant());
          done.set(i, new Facts.Kill(kill.process(), kill.at(), took));
          return;
        }
      }
    }
  }

  /** Whether everything that was killed so far answers again. */
  boolean recovered() {
    synchronized (done) {
      return done.stream().noneMatch(kill -> kill.answersAgain() == null);
    }
  }

  /** What was killed so far. */
  List<Facts.Kill> done() {
    synchronized (done) {
      return List.copyOf(done);
    }
  }

  /** Kills no more. */
  void stop() {
    threads.forEach(Thread::interrupt);
  }
}
