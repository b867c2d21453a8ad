package io.serin.router.journal;

import java.io.IOException;
import java.nio.file.Path;

/** Another process has the journal open: two would number their events alike. */
public final class JournalInUseException extends IOException {

  private static final long serialVersionUID = 1L;

  JournalInUseException(Path directory, String holder) {
    super(
        "the journal in "
            + directory
            + " is in use"
            + (holder.isEmpty() ? "" : " by process " + holder)
            + ": give each router a directory of its own");
  }
}
