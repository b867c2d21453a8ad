package io.serin.openai;

import java.util.List;

/**
 * How a conversation opens, by what its users and its model say: instructions, cache hints and the
 * form of the content do not count, since clients change them from turn to turn.
 *
 * @param beginning a number that all turns of a conversation share: its first message of a user; 0
 *     where there is none
 * @param afterAnswers the same of all messages up to each of the first answers, at most {@value
 *     #MOST_ANSWERS}
 * @param answers how many earlier answers the request carries; −1 where it cannot be told
 */
public record Opening(long beginning, List<Long> afterAnswers, int answers) {

  /** How many of the first answers are told apart. */
  public static final int MOST_ANSWERS = 8;

  /** Of a request that is not a conversation, or whose conversation a server stores. */
  static final Opening UNKNOWN = new Opening(0, List.of(), -1);
}
