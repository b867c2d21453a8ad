package io.serin.cli.plan;

import java.util.List;

/**
 * What one candidate needs in one stage.
 *
 * @param share ρ of the candidate among the units of it and control
 * @param part of all traffic that these two get
 * @param flip whether it is the full stage, that the gate guards
 * @param requests of all arms in the stage's time; NaN where traffic or time is not known
 * @param days the stage lasts; NaN where a person decides
 * @param least requests of all arms until a threefold error rate is found with the file's power
 * @param guards one for each guard of the file
 */
record PlannedStage(
    String name,
    String candidate,
    double share,
    double part,
    boolean flip,
    double requests,
    double days,
    double least,
    List<PlannedGuard> guards) {

  /**
   * One guard.
   *
   * @param finds what is expected of the candidate, in words
   * @param limit no test of the same observations has a smaller mean
   * @param half requests of all arms; in half of the runs the guard has fired by then
   * @param most in a share of runs, the file's power, it has fired by then
   * @param pass requests until an identical candidate is shown not worse with that probability, in
   *     this stage alone; NaN where the gate asks for nothing
   * @param users different users that the latter needs
   */
  record PlannedGuard(
      String metric,
      String then,
      String finds,
      double limit,
      double half,
      double most,
      String notWorse,
      double pass,
      double users) {}
}
