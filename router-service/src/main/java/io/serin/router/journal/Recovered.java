package io.serin.router.journal;

import java.util.List;

/**
 * What was found when the journal was opened.
 *
 * @param segments segment files that hold frames
 * @param backlog events that Kafka had not acknowledged, the ones of dead requests included
 * @param died requests that were cut by the router's death, now events
 * @param newIncarnation whether numbering began anew: the journal is new, or its tail was lost
 * @param notes one sentence for each thing that was not as it should be
 */
public record Recovered(
    int segments, long backlog, int died, boolean newIncarnation, List<String> notes) {

  public Recovered {
    notes = List.copyOf(notes);
  }
}
