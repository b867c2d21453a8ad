package io.serin.router.conversation;

import io.serin.router.rollout.Conversations;

/**
 * The conversation that a request is a turn of.
 *
 * @param continuation what it brings back of earlier answers
 * @param number by which this router remembers it; 0 where it does not
 * @param begun where it began
 * @param answers how many earlier answers the request carries, those of a template not counted; −1
 *     where it cannot be told
 */
public record Conversation(
    Continuation continuation, long number, Conversations.Begun begun, int answers) {

  /** Before the router knows more. */
  public static Conversation of(Continuation continuation) {
    return new Conversation(continuation, 0, Conversations.Begun.UNKNOWN, -1);
  }

  /** Whether another assignment began it: its requests are outside every test, in both arms. */
  public boolean isElsewhere() {
    return begun == Conversations.Begun.ELSEWHERE;
  }

  /**
   * Whether what a variant does here speaks for or against it: the conversation began with this
   * request or at the same variant, as far as this router saw. Where it did not see, only an answer
   * without earlier ones, or all of them the variant's own, counts.
   */
  public boolean isEvidence() {
    return begun == Conversations.Begun.HERE;
  }
}
