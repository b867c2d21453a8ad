package io.serin.router.journal;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * The one thread of a journal that makes and deletes files: once a second, and when it is woken.
 */
final class Housekeeper implements Runnable {

  private static final long IDLE_NANOS = 1_000_000_000L;
  private static final long PAUSE_NANOS = 20_000_000L;

  private final BooleanSupplier work;
  private final Thread thread =
      Thread.ofPlatform().daemon().name("journal-housekeeper").unstarted(this);
  private volatile boolean wanted;
  private volatile boolean stopping;

  /**
   * @param work one round; false where the bound or the disk allows no further file
   */
  Housekeeper(BooleanSupplier work) {
    this.work = work;
  }

  void start() {
    thread.start();
  }

  void wake() {
    if (!wanted) {
      wanted = true;
      LockSupport.unpark(thread);
    }
  }

  void stop() {
    stopping = true;
    LockSupport.unpark(thread);
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void run() {
    while (!stopping) {
      wanted = false;
      if (!work.getAsBoolean()) {
        LockSupport.parkNanos(PAUSE_NANOS); // A wake-up now would ask for the same again.
      }
      if (!wanted && !stopping) {
        LockSupport.parkNanos(IDLE_NANOS);
      }
    }
  }
}
