package io.serin.cli.plan;

/**
 * Who sends how much.
 *
 * @param requestsPerDay of all arms; 0 where it is not known, and no times are given
 * @param users different ones that send them, each equally often; 0: every request is a new user's
 */
record ExpectedTraffic(double requestsPerDay, long users) {
  /**
   * Requests until so many different users were seen: −N·ln(1−u/N) of N users; infinite where there
   * are not so many.
   */
  double requestsFor(double units) {
    return users == 0
        ? units
        : units >= users ? Double.POSITIVE_INFINITY : -users * Math.log1p(-units / users);
  }

  /** Days until so many requests; NaN where the traffic is not known. */
  double days(double requests) {
    return requestsPerDay == 0 ? Double.NaN : requests / requestsPerDay;
  }
}
