package io.serin.rehearsal.model;

/**
 * How a model server marks an answer that users are to dislike: its id ends with {@code -disliked}.
 * The driver, who plays the users, reads it there.
 */
public final class Disliked {

  private static final String MARK = "-disliked";

  private Disliked() {}

  /** The id of an answer, marked where it is to be disliked. */
  static String id(String id, boolean disliked) {
    return disliked ? id + MARK : id;
  }

  /** Whether an answer's id carries the mark. */
  public static boolean marked(String id) {
    return id.endsWith(MARK);
  }
}
