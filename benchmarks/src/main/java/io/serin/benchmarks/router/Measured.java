package io.serin.benchmarks.router;

/**
 * What a load saw.
 *
 * @param requests answered in full, as expected
 * @param failed answered otherwise, cut, or not at all
 * @param seconds that the load lasted
 * @param cpuSeconds that whoever answered used meanwhile
 * @param latency of whole answers until the last byte, of streams until the first content
 * @param stalls pieces of streams that came more than three times their pace after the one before
 * @param firstFailure what went wrong first; empty where nothing did
 */
record Measured(
    long requests,
    long failed,
    double seconds,
    double cpuSeconds,
    LatencyHistogram latency,
    long stalls,
    String firstFailure) {

  /** Processor time of one request, in microseconds. */
  double cpuMicros() {
    return requests == 0 ? Double.NaN : cpuSeconds * 1e6 / requests;
  }

  double perSecond() {
    return requests / seconds;
  }
}
