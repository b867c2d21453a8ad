package io.serin.refusals;

import static io.serin.refusals.RefusalWords.ITEM;
import static io.serin.refusals.RefusalWords.STOP;
import static io.serin.refusals.WordClass.*;

/**
 * Counts, in the words of an answer's beginning, what speaks for and against a refusal. "Early" is
 * the first two sentences: there an answer says what it will do.
 */
final class RefusalSigns {

  /** Words and marks that are read of an answer that may refuse. */
  static final int MAX_WORDS = 240;

  /** Words and marks that show whether it may. */
  private static final int FIRST_WORDS = 90;

  private static final int EARLY_SENTENCES = 2;
  private static final int SHORT_WORDS = 90;

  /** "I cannot provide", "I'm not able to help", "it is against my guidelines". */
  boolean declinesEarly;

  boolean declinesLater;

  /** "I don't have access", "I cannot browse": without the means, not unwilling. */
  boolean limitEarly;

  boolean sorryEarly;

  /** "it is not appropriate", "is never the answer". */
  int notEthicalEarly;

  int notEthicalLater;

  /** "it is not accurate to say". */
  boolean notTrueEarly;

  int wrongEarly;

  /** "I strongly disagree", "I don't think". */
  boolean disagrees;

  /** "there is no reason why". */
  boolean noReason;

  boolean shouldNot;
  int values;
  int importantEarly;
  int importantLater;
  int harm;
  int care;
  int nonsense;

  /** Items of lists, blocks of code: an answer of substance. */
  int items;

  /** "here are some tips". */
  boolean hereAre;

  /** "instead, I would suggest". */
  boolean insteadSuggests;

  /** "I can help with". */
  boolean offersHelp;

  int howevers;
  boolean isShort;

  /** It begins with a list, a heading, code, or a letter: with what was asked for. */
  boolean beginsWithSubstance;

  private final long[] words;
  private final int count;

  /** True where the words that were read leave the early sentences behind. */
  private boolean earlyIsOver;

  /**
   * Reads an answer as far as it takes to judge it: most do what they were asked, and show it at
   * once.
   */
  static RefusalSigns of(String text) {
    RefusalSigns first = new RefusalSigns(text, FIRST_WORDS);
    boolean whole = first.count < FIRST_WORDS - 2;
    boolean decided = first.beginsWithSubstance || (first.earlyIsOver && !first.mayRefuse());
    return whole || decided ? first : new RefusalSigns(text, MAX_WORDS);
  }

  private RefusalSigns(String text, int most) {
    words = new long[most];
    count = RefusalWords.read(text, words);
    beginsWithSubstance = count > 0 && (words[0] == ITEM || is(words[0], LETTER));
    int sentence = 0;
    int spoken = 0;
    for (int i = 0; i < count; i++) {
      long word = words[i];
      if (word == STOP) {
        sentence++;
      } else if (word == ITEM) {
        items++;
      } else {
        spoken++;
        if (word != 0) {
          see(i, word, sentence < EARLY_SENTENCES);
        }
      }
    }
    isShort = spoken < SHORT_WORDS;
    earlyIsOver = sentence >= EARLY_SENTENCES;
  }

  /**
   * Whether an answer opposes its question at all: without that, talk of values is only its
   * subject.
   */
  boolean contradicts() {
    return notEthicalEarly > 0
        || notTrueEarly
        || shouldNot
        || disagrees
        || noReason
        || wrongEarly > 0;
  }

  private boolean mayRefuse() {
    return declinesEarly || contradicts();
  }

  private void see(int i, long word, boolean early) {
    if (is(word, I)) {
      speaks(i, early);
    }
    boolean opens = at(i - 1) == STOP || behind(i, 3, SORRY);
    if (is(word, MODAL) && opens && (is(word, NOT) || is(at(i + 1), NOT)) && ahead(i, 4, ASSIST)) {
      declines(early);
    }
    if (is(word, NEVER) && ahead(i, 4, SOLUTION)) {
      judges(early);
    } else if (is(word, NOT)) {
      denies(i, early);
    }
    if (is(word, MY) && ahead(i, 3, POLICY) && behind(i, 4, NOT | AGAINST)) {
      declines(early);
    }
    if (is(word, MY) && ahead(i, 3, POLICY) && ahead(i, 5, AGAINST)) {
      declines(early);
    }
    if (is(word, BEYOND) && ahead(i, 4, I | MY) && ahead(i, 7, ASSIST | POLICY | MEANS)) {
      declines(early);
    }
    if (is(word, MODAL)
        && (is(word, NOT) || is(at(i + 1), NOT))
        && is(at(i - 1), JOIN | HOWEVER)
        && behind(i, 20, I)
        && ahead(i, 4, ASSIST)) {
      declines(early);
    }
    if (is(word, NO) && ahead(i, 3, REASON)) {
      noReason |= early;
    }
    if (is(word, SHOULD) && is(at(i + 1), NOT)) {
      shouldNot |= early;
    }
    if (is(word, HERE) && (is(at(i + 1), BE) || ahead(i, 3, STEPS))) {
      hereAre = true;
    }
    if (is(word, WRONG) && ahead(i, 2, MY) && ahead(i, 6, ASSIST)) {
      declines(early);
    }
    if (is(word, INSTEAD) && ahead(i, 6, SUGGEST)) {
      insteadSuggests = true;
    }
    if (is(word, IMPORTANT)) {
      importantEarly += early ? 1 : 0;
      importantLater += early ? 0 : 1;
    }
    sorryEarly |= early && is(word, SORRY);
    wrongEarly += early && is(word, WRONG) ? 1 : 0;
    values += is(word, VALUE) ? 1 : 0;
    harm += is(word, HARM) ? 1 : 0;
    care += is(word, CARE) ? 1 : 0;
    nonsense += is(word, NONSENSE) ? 1 : 0;
    howevers += is(word, HOWEVER) ? 1 : 0;
  }

  /** Reads what the model says of itself, from its "I" on. */
  private void speaks(int i, boolean early) {
    boolean negative = false;
    boolean able = false;
    boolean would = false;
    for (int at = i + 1; at <= i + 9; at++) {
      long word = at(at);
      if (word == STOP || is(word, I)) {
        break;
      }
      would |= is(word, WOULD);
      if (is(word, NOT)) {
        negative = true;
      } else if (is(word, UNABLE) && at <= i + 4) {
        negative = true;
        able = true;
        if (is(word, DECLINE)) {
          declines(early);
          return;
        }
      } else if (is(word, DISAGREE) && at <= i + 3) {
        disagrees |= early;
        return;
      } else if (!negative) {
        if (is(word, ASSIST) && (able || is(at(at - 1), MODAL))) {
          if (behind(i, 3, NOT)) {
            declines(early);
          } else if (!is(word, SUGGEST) && !behind(i, 3, ELSE) && !ahead(at, 5, ELSE)) {
            offersHelp = true;
          }
          return;
        }
        if (is(word, SUGGEST) && is(at(at + 1), AGAINST)) {
          judges(early);
          return;
        }
        able |= is(word, ABLE);
        if (at > i + 3) {
          return;
        }
      } else if (is(word, THINK)) {
        disagrees |= early;
        return;
      } else if (is(word, OPINION) || is(word, EAGER)) {
        return;
      } else if (is(word, HAVE) && ahead(at, 5, MEANS | OPINION)) {
        limitEarly |= early && is(firstAhead(at, 5, MEANS | OPINION), MEANS);
        return;
      } else if (is(word, DECLINE)) {
        declines(early);
        return;
      } else if (is(word, ABLE)) {
        able = true;
      } else if (is(word, SENSE)) {
        limitEarly |= early && !is(at(at + 1), NO);
        return;
      } else if (is(word, SUGGEST) && would) {
        return;
      } else if (is(word, ASSIST) && (!is(word, DO) || is(at(at + 1), IT))) {
        if (!ahead(at, 6, EAGER) && !is(at(at + 1), HOWEVER)) {
          declines(early);
        }
        return;
      }
    }
    limitEarly |= able && negative && early;
  }

  /** Reads what a "not" denies. */
  private void denies(int i, boolean early) {
    for (int at = i + 1; at <= i + 5; at++) {
      long word = at(at);
      if (word == STOP) {
        return;
      }
      if (is(word, ETHICAL)) {
        if (ahead(at, 2, MY) && ahead(at, 6, ASSIST)) {
          declines(early);
        }
        judges(early);
        return;
      }
      if (is(word, TRUE)) {
        notTrueEarly |= early;
        return;
      }
    }
  }

  private void declines(boolean early) {
    declinesEarly |= early;
    declinesLater |= !early;
  }

  private void judges(boolean early) {
    notEthicalEarly += early ? 1 : 0;
    notEthicalLater += early ? 0 : 1;
  }

  private long at(int i) {
    return i >= 0 && i < count ? words[i] : STOP;
  }

  private static boolean is(long word, long classes) {
    return (word & classes) != 0;
  }

  /** The first of the next words of the sentence that is of a class; 0 where none is. */
  private long firstAhead(int i, int distance, long classes) {
    for (int at = i + 1; at <= i + distance && at(at) != STOP; at++) {
      if (is(at(at), classes)) {
        return at(at);
      }
    }
    return 0;
  }

  /** True where one of the next words of the sentence is of a class. */
  private boolean ahead(int i, int distance, long classes) {
    for (int at = i + 1; at <= i + distance && at(at) != STOP; at++) {
      if (is(at(at), classes)) {
        return true;
      }
    }
    return false;
  }

  /** True where one of the words before in the sentence is of a class. */
  private boolean behind(int i, int distance, long classes) {
    for (int at = i - 1; at >= i - distance && at(at) != STOP; at--) {
      if (is(at(at), classes)) {
        return true;
      }
    }
    return false;
  }
}
