package io.serin.rehearsal.fault;

import java.util.ArrayList;
import java.util.List;

/**
 * What goes wrong in one answer.
 *
 * @param slow factor on every delay, 1 for none
 * @param tokens factor on the length of the answer, 1 for none
 */
public record Injection(
    boolean hang,
    boolean error,
    boolean cut,
    boolean empty,
    boolean refusal,
    boolean disliked,
    boolean brokenJson,
    double slow,
    double tokens) {

  /** Nothing goes wrong. */
  public static final Injection NONE =
      new Injection(false, false, false, false, false, false, false, 1, 1);

  /** The same without broken JSON: there is none to break. */
  public Injection withoutBrokenJson() {
    return new Injection(hang, error, cut, empty, refusal, disliked, false, slow, tokens);
  }

  /** Whether anything goes wrong. */
  public boolean bad() {
    return !equals(NONE);
  }

  /** The kinds of fault that show in this answer. */
  public List<String> kinds() {
    List<String> kinds = new ArrayList<>();
    if (hang) {
      kinds.add("hang");
    }
    if (error) {
      kinds.add("errors");
    }
    if (cut) {
      kinds.add("cut-stream");
    }
    if (empty) {
      kinds.add("empty");
    }
    if (refusal) {
      kinds.add("refusals");
    }
    if (disliked) {
      kinds.add("feedback");
    }
    if (brokenJson) {
      kinds.add("broken-json");
    }
    if (slow != 1) {
      kinds.add("slow");
    }
    if (tokens != 1) {
      kinds.add("tokens");
    }
    return kinds;
  }
}
