package io.serin.cli.rehearse;

import io.serin.cli.stack.Stack;
import io.serin.cli.stack.supervise.StackEvent;
import io.serin.rehearsal.report.Facts;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Kills what is to be killed, when it is due, and hears when it is back. Thread-safe. */
final class Kills {

  private final InstantSource time;
  private final List<KillSpec> wanted;
  private final Screen screen;
  private final List<Facts.Kill> done = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final Set<String> begun = new HashSet<>();
  private @Nullable Stack stack;
  private boolean stopped;

  Kills(List<KillSpec> wanted, Screen screen, InstantSource time) {
    this.wanted = List.copyOf(wanted);
    this.screen = screen;
    this.time = time;
  }

  /** The traffic begins: from now on each process is killed at its time. */
  void start(@Nullable Stack where) {
    synchronized (done) {
      stack = where;
      for (KillSpec kill : wanted) {
        String stage = kill.when().stage();
        if (stage == null || begun.contains(stage)) {
          schedule(kill);
        }
      }
    }
  }

  /** The rollout entered a stage. What is due before the traffic begins waits for that. */
  void stage(String name) {
    synchronized (done) {
      if (begun.add(name) && stack != null) {
        wanted.stream().filter(kill -> name.equals(kill.when().stage())).forEach(this::schedule);
      }
    }
  }

  private void schedule(KillSpec kill) {
    Stack where = stack;
    if (where == null || stopped) {
      return;
    }
    threads.add(
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    TimeUnit.NANOSECONDS.sleep(kill.when().after().toNanos());
                    synchronized (done) {
                      done.add(new Facts.Kill(kill.process(), time.instant(), null));
                    }
                    where.kill(kill.process());
                    screen.say("  killed " + kill.process());
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                }));
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
    synchronized (done) {
      stopped = true;
      threads.forEach(Thread::interrupt);
    }
  }
}
