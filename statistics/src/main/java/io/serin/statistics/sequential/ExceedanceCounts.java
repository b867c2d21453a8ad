package io.serin.statistics.sequential;

/**
 * Observations of one stratum in one window against one version of a threshold: the whole state of
 * an {@link ExceedanceProcess} is a list of these.
 *
 * @param window number of the event-time window
 * @param version version of the threshold c_q; counts of different versions are never pooled
 * @param candidateAbove candidate's units whose rescaled value exceeded the threshold
 * @param candidateBelow candidate's units whose rescaled value did not
 * @param controlAbove control's units above it
 * @param controlBelow control's units not above it
 */
public record ExceedanceCounts(
    long window,
    int version,
    Stratum stratum,
    long candidateAbove,
    long candidateBelow,
    long controlAbove,
    long controlBelow) {
  public ExceedanceCounts {
    if (candidateAbove < 0 || candidateBelow < 0 || controlAbove < 0 || controlBelow < 0) {
      throw new IllegalArgumentException("counts: must not be negative");
    }
  }
}
