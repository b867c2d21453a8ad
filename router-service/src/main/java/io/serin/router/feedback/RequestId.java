package io.serin.router.feedback;

/**
 * What a served request's id says: enough to attribute feedback without looking anything up.
 *
 * @param nonce makes the id unique
 * @param rollout the rollout's name
 * @param run the run
 * @param stage the stage's number
 * @param unit the hashed unit
 * @param assigned the variant by the split
 * @param served the variant that answered
 * @param why why it answered, as events name it
 */
public record RequestId(
    long nonce,
    String rollout,
    String run,
    int stage,
    String unit,
    String assigned,
    String served,
    String why) {

  /** The usual reason, which takes no room in an id. */
  public static final String ASSIGNED = "ASSIGNED";

  /** The same request, answered by another variant. */
  public RequestId servedBy(String variant, String reason) {
    return new RequestId(nonce, rollout, run, stage, unit, assigned, variant, reason);
  }
}
