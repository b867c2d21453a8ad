package io.serin.router.memory;

/**
 * What one request holds of the {@link MemoryBudget}. Whoever ends the request releases it; a
 * second time has no effect. Confined to the request's event loop.
 */
public final class Hold {

  private final MemoryBudget budget;
  private long bytes;
  private boolean released;

  Hold(MemoryBudget budget) {
    this.budget = budget;
  }

  /** Takes more. Returns false, and takes nothing, where the budget is spent. */
  public boolean take(long more) {
    if (released || !budget.take(more, bytes + more > MemoryBudget.SMALL_BYTES)) {
      return false;
    }
    bytes += more;
    return true;
  }

  /** Whether this much could be taken now. */
  public boolean fits(long more) {
    return budget.fits(bytes + more);
  }

  /** Gives a part back. */
  public void giveBack(long less) {
    long back = Math.min(less, bytes);
    bytes -= back;
    budget.giveBack(back);
  }

  /** Gives all back; nothing can be taken afterwards. */
  public void release() {
    released = true;
    giveBack(bytes);
  }

  /** Bytes that are held. */
  public long bytes() {
    return bytes;
  }
}
