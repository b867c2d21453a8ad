package io.serin.rehearsal.fault;

import io.serin.rollout.value.Quantities;

/**
 * One way for a model server to go wrong. Shares are of its answers, from 0 to 1; factors are more
 * than 0.
 */
public sealed interface ModelFault {

  /** Answers with status 500. */
  record Errors(double share) implements ModelFault {}

  /** Takes longer to the first byte and between tokens. */
  record Slow(double factor) implements ModelFault {}

  /** Answers with more tokens. */
  record Tokens(double factor) implements ModelFault {}

  /** Refuses where the recorded model answered. */
  record Refusals(double share) implements ModelFault {}

  /** Answers 200 without any text. */
  record Empty(double share) implements ModelFault {}

  /** Leaves the end off an answer that is JSON; other answers are as they were. */
  record BrokenJson(double share) implements ModelFault {}

  /** Closes the connection in the middle of an answer. */
  record CutStream(double share) implements ModelFault {}

  /** Takes the request and never answers. */
  record Hang(double share) implements ModelFault {}

  /** Answers that users dislike: who rates one, rates it down. */
  record Feedback(double share) implements ModelFault {}

  /** The name it has on the command line and in reports. */
  default String kind() {
    return switch (this) {
      case Errors _ -> "errors";
      case Slow _ -> "slow";
      case Tokens _ -> "tokens";
      case Refusals _ -> "refusals";
      case Empty _ -> "empty";
      case BrokenJson _ -> "broken-json";
      case CutStream _ -> "cut-stream";
      case Hang _ -> "hang";
      case Feedback _ -> "feedback";
    };
  }

  /** Its share or factor as written on the command line. */
  default String value() {
    return switch (this) {
      case Errors(double share) -> Quantities.percent(share);
      case Refusals(double share) -> Quantities.percent(share);
      case Empty(double share) -> Quantities.percent(share);
      case BrokenJson(double share) -> Quantities.percent(share);
      case CutStream(double share) -> Quantities.percent(share);
      case Hang(double share) -> Quantities.percent(share);
      case Feedback(double share) -> Quantities.percent(share);
      case Slow(double factor) -> factor + "x";
      case Tokens(double factor) -> factor + "x";
    };
  }
}
