package io.serin.worker.budget;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;

/** A bound on how many are inside, which may change while they are. Thread-safe, fair. */
public final class Gate {
  private final ReentrantLock lock = new ReentrantLock(true);
  private final Condition left = lock.newCondition();
  private int inside;

  /**
   * Waits for a place.
   *
   * @param limit asked again whenever somebody left, and each second; at least 1 is granted
   */
  public void enter(IntSupplier limit) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (inside >= Math.max(1, limit.getAsInt())) {
        boolean unused = left.await(1, TimeUnit.SECONDS); // either way the limit is asked again
      }
      inside++;
    } finally {
      lock.unlock();
    }
  }

  public void leave() {
    lock.lock();
    try {
      inside--;
      left.signal();
    } finally {
      lock.unlock();
    }
  }

  public int inside() {
    lock.lock();
    try {
      return inside;
    } finally {
      lock.unlock();
    }
  }
}
