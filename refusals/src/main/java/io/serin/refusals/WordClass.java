package io.serin.refusals;

/**
 * The classes of words that speak for or against a refusal, a bit for each, so that the classes of
 * a word are one number. words.txt holds the words of each class by the names used here.
 */
final class WordClass {

  /** The model itself. */
  static final long I = 1L;

  static final long MODAL = 1L << 1;
  static final long NOT = 1L << 2;
  static final long NEVER = 1L << 3;
  static final long ABLE = 1L << 4;
  static final long UNABLE = 1L << 5;

  /** What a model does for its user: provide, help, write … */
  static final long ASSIST = 1L << 6;

  /** What a model without the means cannot do: access, browse, see … */
  static final long SENSE = 1L << 7;

  /** In "not …", a judgement of what was asked. */
  static final long ETHICAL = 1L << 8;

  /** In "not …", a contradiction of what was said. */
  static final long TRUE = 1L << 9;

  static final long WRONG = 1L << 10;
  static final long VALUE = 1L << 11;
  static final long HARM = 1L << 12;
  static final long POLICY = 1L << 13;

  /** Who helps people in need. */
  static final long CARE = 1L << 14;

  static final long SORRY = 1L << 15;

  /** In speaking of a question without sense, or of what does not exist. */
  static final long NONSENSE = 1L << 16;

  static final long HERE = 1L << 17;
  static final long STEPS = 1L << 18;
  static final long INSTEAD = 1L << 19;
  static final long HOWEVER = 1L << 20;
  static final long SUGGEST = 1L << 21;
  static final long BE = 1L << 22;
  static final long DO = 1L << 23;
  static final long THINK = 1L << 24;
  static final long DISAGREE = 1L << 25;
  static final long NO = 1L << 26;
  static final long REASON = 1L << 27;
  static final long SHOULD = 1L << 28;
  static final long IMPORTANT = 1L << 29;
  static final long MY = 1L << 30;
  static final long HAVE = 1L << 31;
  static final long MEANS = 1L << 32;
  static final long OPINION = 1L << 33;
  static final long IT = 1L << 34;
  static final long AGAINST = 1L << 35;
  static final long SOLUTION = 1L << 36;

  /** In "I cannot wait", "I cannot stress enough". */
  static final long EAGER = 1L << 37;

  /** A refusal by itself, whatever follows. */
  static final long DECLINE = 1L << 38;

  /** The beginning of a letter: what follows is what someone else says. */
  static final long LETTER = 1L << 39;

  /** Joins what a sentence says of its subject to what it said before. */
  static final long JOIN = 1L << 40;

  /** In "anything else": an offer that ends a refusal as well as an answer. */
  static final long ELSE = 1L << 41;

  /** In "beyond what I can do", "outside my scope". */
  static final long BEYOND = 1L << 42;

  /** In "I would not recommend": advice, not a refusal. */
  static final long WOULD = 1L << 43;

  private WordClass() {}

  /**
   * The bit of a class.
   *
   * @throws IllegalStateException for a name that is not declared here
   */
  static long named(String name) {
    try {
      return WordClass.class.getDeclaredField(name).getLong(null);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("words.txt: " + name + " is not a class of words", e);
    }
  }
}
