package io.serin.cli.stack.supervise;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One process of a stack and the thread that watches it: started, started again with the same ports
 * when it dies, ended when asked. A process that dies before it ever answered is not started again:
 * what is wrong at the first start stays wrong. Thread-safe.
 */
public final class SupervisedProcess {

  private static final Duration KILL_BOUND = Duration.ofSeconds(5);

  private final ProcessPlan plan;
  private final Consumer<StackEvent> listener;
  private final ProcessLog log;
  private final RestartDelay backoff = new RestartDelay();
  private final CompletableFuture<Map<String, String>> firstReady = new CompletableFuture<>();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  // Guarded by lock.
  private Want want = Want.NOTHING;
  private @Nullable Process process;
  private boolean answering;
  private long answeringSince;
  private Map<String, String> details = Map.of();
  private int starts;
  private @Nullable Thread watcher;

  private enum Want {
    NOTHING,
    RUNNING,
    HELD,
    ENDED
  }

  public SupervisedProcess(ProcessPlan plan, Consumer<StackEvent> listener) throws IOException {
    this.plan = plan;
    this.listener = listener;
    this.log = new ProcessLog(plan.log());
  }

  public String name() {
    return plan.name();
  }

  /** Begins; {@link #firstReady} completes with what the process says of itself. */
  public void start() {
    lock.lock();
    try {
      if (want != Want.NOTHING) {
        return;
      }
      want = Want.RUNNING;
      watcher = Thread.ofPlatform().daemon().name("watch-" + plan.name()).start(this::watch);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Completes when the process answers for the first time; exceptionally with a {@link
   * StackException} when it cannot be started or dies first.
   */
  public CompletableFuture<Map<String, String>> firstReady() {
    return firstReady;
  }

  public StackProcess snapshot() {
    lock.lock();
    try {
      return new StackProcess(
          plan.name(),
          process != null && process.isAlive() ? process.pid() : -1,
          Math.max(0, starts - 1),
          plan.log());
    } finally {
      lock.unlock();
    }
  }

  public List<String> lastLines() {
    return log.lastLines();
  }

  /** What the process last said of itself; empty until it first answers. */
  public Map<String, String> details() {
    lock.lock();
    try {
      return details;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Kills it (SIGKILL) and returns once it is dead; it is started again unless it is held. Waits a
   * few seconds at most: a killed process whose disk hangs may outlive the call.
   */
  public void kill() {
    lock.lock();
    try {
      Process victim = process;
      if (victim == null) {
        return;
      }
      victim.destroyForcibly();
      long left = KILL_BOUND.toNanos();
      while (process == victim && left > 0) {
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  /** Ends it and keeps it down until {@link #release}. */
  public void hold(boolean gracefully, Duration bound) throws InterruptedException {
    if (turn(Want.RUNNING, Want.HELD)) {
      end(gracefully ? bound : Duration.ZERO);
    }
  }

  /** Starts it again after {@link #hold}. */
  public void release() {
    turn(Want.HELD, Want.RUNNING);
  }

  /** Waits until it answers, also after a restart. */
  public boolean awaitAnswering(Duration bound) throws InterruptedException {
    long left = bound.toNanos();
    lock.lock();
    try {
      while (!(answering && process != null && process.isAlive())) {
        if (left <= 0 || want == Want.ENDED) {
          return false;
        }
        long slice = Math.min(left, TimeUnit.MILLISECONDS.toNanos(100));
        left -= slice - changed.awaitNanos(slice);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Ends it for good: asks (SIGTERM), and after {@code bound} insists (SIGKILL). */
  public void close(Duration bound) throws InterruptedException {
    long begun = System.nanoTime();
    boolean was;
    lock.lock();
    try {
      was = want == Want.RUNNING && process != null;
      want = Want.ENDED;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    firstReady.completeExceptionally(
        new StackException(plan.name() + " was stopped before it answered"));
    int exit = end(bound);
    Thread thread = watcher;
    if (thread != null) {
      thread.join(Duration.ofSeconds(5));
    }
    log.close();
    if (was) {
      listener.accept(
          new StackEvent.Stopped(plan.name(), exit, Duration.ofNanos(System.nanoTime() - begun)));
    }
  }

  private boolean turn(Want from, Want to) {
    lock.lock();
    try {
      if (want != from) {
        return false;
      }
      want = to;
      changed.signalAll();
      return true;
    } finally {
      lock.unlock();
    }
  }

  private int end(Duration bound) throws InterruptedException {
    Process running;
    lock.lock();
    try {
      running = process;
    } finally {
      lock.unlock();
    }
    if (running == null) {
      return 0;
    }
    if (!bound.isZero()) {
      running.destroy();
      running.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS);
    }
    if (running.isAlive()) {
      running.destroyForcibly();
      running.waitFor(10, TimeUnit.SECONDS);
    }
    return running.isAlive() ? -1 : running.exitValue();
  }

  private void watch() {
    try {
      int exit = -1;
      long diedAt = 0;
      while (awaitWanted()) {
        long begun = System.nanoTime();
        boolean again = starts > 0;
        if (!again) {
          listener.accept(new StackEvent.Starting(plan.name()));
        }
        Process started = launch();
        if (started == null) {
          return;
        }
        Optional<Death> death = again ? Optional.of(new Death(exit, diedAt)) : Optional.empty();
        Thread pump = pump(started, begun, death);
        exit = started.waitFor();
        pump.join(Duration.ofSeconds(2));
        diedAt = System.nanoTime();
        Duration lived = markDead();
        if (!firstReady.isDone()) {
          firstReady.completeExceptionally(diedFirst(exit));
          return;
        }
        if (wanted() == Want.RUNNING) {
          Duration wait = backoff.after(lived);
          listener.accept(new StackEvent.Died(plan.name(), exit, wait, log.lastLines()));
          pause(wait);
        }
      }
    } catch (IOException e) {
      firstReady.completeExceptionally(
          new StackException(plan.name() + " cannot be started: " + e.getMessage(), e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private record Death(int exit, long at) {}

  private StackException diedFirst(int exit) {
    return new StackException(
        plan.name()
            + " ended before it answered (exit "
            + exit
            + "); its last lines, from "
            + plan.log()
            + ":\n  "
            + String.join("\n  ", log.lastLines()));
  }

  /** Null if it is no longer wanted. */
  private @Nullable Process launch() throws IOException {
    log.forget();
    lock.lock();
    try {
      if (want != Want.RUNNING) {
        return null;
      }
      ProcessBuilder builder =
          new ProcessBuilder(plan.command().apply(details)).redirectErrorStream(true);
      builder.environment().putAll(plan.environment());
      Process started = builder.start();
      process = started;
      starts++;
      return started;
    } finally {
      lock.unlock();
    }
  }

  private Thread pump(Process started, long begun, Optional<Death> death) {
    return Thread.ofPlatform()
        .daemon()
        .name("log-" + plan.name())
        .start(
            () -> {
              try (BufferedReader reader =
                  new BufferedReader(
                      new InputStreamReader(started.getInputStream(), StandardCharsets.UTF_8))) {
                String line = reader.readLine();
                while (line != null) {
                  log.write(line);
                  plan.ready().apply(line).ifPresent(said -> answers(said, begun, death));
                  line = reader.readLine();
                }
              } catch (IOException e) {
                // The process is gone.
              }
            });
  }

  private void answers(Map<String, String> said, long begun, Optional<Death> death) {
    long now = System.nanoTime();
    lock.lock();
    try {
      if (answering) {
        return;
      }
      details = Map.copyOf(said);
      answering = true;
      answeringSince = now;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (firstReady.isDone() && death.isPresent()) {
      Death died = death.get();
      listener.accept(
          new StackEvent.Back(plan.name(), died.exit(), Duration.ofNanos(now - died.at())));
    } else {
      listener.accept(
          new StackEvent.Ready(plan.name(), Duration.ofNanos(now - begun), Map.copyOf(said)));
    }
    firstReady.complete(Map.copyOf(said));
  }

  private Duration markDead() {
    lock.lock();
    try {
      Duration lived =
          answering ? Duration.ofNanos(System.nanoTime() - answeringSince) : Duration.ZERO;
      answering = false;
      process = null;
      changed.signalAll();
      return lived;
    } finally {
      lock.unlock();
    }
  }

  private Want wanted() {
    lock.lock();
    try {
      return want;
    } finally {
      lock.unlock();
    }
  }

  private boolean awaitWanted() throws InterruptedException {
    lock.lock();
    try {
      while (want == Want.HELD) {
        changed.await();
      }
      return want == Want.RUNNING;
    } finally {
      lock.unlock();
    }
  }

  private void pause(Duration wait) throws InterruptedException {
    long left = wait.toNanos();
    lock.lock();
    try {
      while (left > 0 && want == Want.RUNNING) {
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }
}
