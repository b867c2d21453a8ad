package io.serin.refusals;

/**
 * The words that tell a refusal, by class, and a reader of text into classes. A word is found by a
 * 64-bit hash of its letters, so that reading makes no strings. The words are English and in common
 * use: none belongs to one model or prompt.
 */
final class RefusalWords {

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

  /** The end of a sentence or line. */
  static final long STOP = 1L << 60;

  /** The beginning of a list's item, a heading, a table's row or a block of code. */
  static final long ITEM = 1L << 61;

  /** Characters that are read at most. */
  static final int MAX_CHARS = 1500;

  private static final int SLOTS = 1024;

  /** A word's hash at 2i, its classes at 2i + 1: side by side in a cache line. */
  private static final long[] TABLE = new long[2 * SLOTS];

  private static final long HASH_START = 0xcbf29ce484222325L;

  /** A letter in lower case, or a digit, of a character below 128; 0 for every other. */
  private static final byte[] LOWER = new byte[128];

  static {
    for (int c = 0; c < LOWER.length; c++) {
      LOWER[c] = (byte) (Character.isLetterOrDigit(c) ? Character.toLowerCase(c) : 0);
    }
    add(I, "i");
    add(MY, "my our me");
    add(MODAL, "can could will would may might shall cannot");
    add(NOT, "not never cannot neither nor");
    add(NEVER, "never");
    add(NO, "no never any zero");
    add(
        ABLE,
        "able comfortable willing allowed permitted programmed designed capable supposed going authorized");
    add(UNABLE, "unable refuse decline refrain unwilling incapable abstain");
    add(
        ASSIST,
        "provide providing assist assisting assistance help helping fulfill fulfil answer answering comply");
    add(
        ASSIST,
        "support supporting offer give giving create creating write writing generate generating engage");
    add(
        ASSIST,
        "engaging discuss discussing recommend suggest advise share sharing condone encourage endorse");
    add(
        ASSIST,
        "promote promoting facilitate satisfy participate instruct tell produce respond advocate complete");
    add(
        ASSIST,
        "accommodate justify guide proceed continue entertain tolerate aid supply disclose reveal teach");
    add(
        ASSIST,
        "show address summarize summarise outline do information guidance advice instructions");
    add(
        SENSE,
        "access browse see find determine know predict hear watch experience verify check search open");
    add(SENSE, "view remember retrieve locate perform physically");
    add(MEANS, "access ability capability capabilities capacity information data knowledge");
    add(
        ETHICAL,
        "appropriate ethical acceptable okay ok respectful moral morally ethically permissible justified");
    add(ETHICAL, "justifiable legal right responsible tolerable advisable healthy legitimate");
    add(TRUE, "accurate fair correct true productive good constructive reasonable inherently best");
    add(
        WRONG,
        "inappropriate unethical illegal unacceptable harmful immoral dangerous wrong disrespectful offensive");
    add(
        WRONG,
        "discriminatory hurtful unlawful irresponsible unjust abusive hateful prejudiced racist sexist");
    add(WRONG, "reprehensible unsafe illicit criminal derogatory insensitive malicious demeaning");
    add(
        VALUE,
        "respect dignity discrimination equality equal equally inclusive inclusion inclusivity regardless");
    add(
        VALUE,
        "stereotypes stereotype privacy consent rights discriminated discriminate prejudice bias tolerance");
    add(VALUE, "diversity fairness condemned generalizations generalisations inherent");
    add(
        HARM,
        "harm violence harming violent abuse crime hatred hate suicide violation exploitation");
    add(
        POLICY,
        "guidelines policy policies programming principles values ethics terms purpose scope");
    add(
        CARE,
        "therapist counselor counsellor counseling counselling hotline helpline lifeline crisis professional");
    add(CARE, "professionals authorities lawyer trusted");
    add(SORRY, "sorry apologize apologise apologies unfortunately regret afraid");
    add(
        NONSENSE,
        "meaningful coherent coherence fictional inanimate factually sense nonsensical clarify premise");
    add(HERE, "here following");
    add(STEPS, "steps tips ways suggestions methods options ideas examples strategies list recipe");
    add(INSTEAD, "instead rather alternatively alternative alternatives");
    add(HOWEVER, "however but");
    add(SUGGEST, "suggest recommend encourage advise consider try");
    add(BE, "is am are was were be been being");
    add(DO, "do does did");
    add(THINK, "think believe agree");
    add(DISAGREE, "disagree condemn challenge reject oppose denounce");
    add(REASON, "reason reasons justification excuse basis place");
    add(SHOULD, "should");
    add(IMPORTANT, "important crucial essential vital");
    add(HAVE, "have hold possess has");
    add(OPINION, "opinions opinion beliefs personal preferences feelings");
    add(IT, "it that this there");
    add(
        AGAINST,
        "against violate violates violating prevent prevents prohibit prohibits forbid forbids");
    add(EAGER, "wait stress emphasize emphasise overstate enough");
    add(DECLINE, "refuse decline refrain abstain comfortable");
    add(LETTER, "dear subject");
    add(
        ASSIST,
        "draft compose craft translate explain describe list make assistance process accept");
    add(ASSIST, "assisting post describing explaining translating disclosing answers act");
    add(SOLUTION, "answer solution okay");
    add(JOIN, "and so therefore thus");
    add(ELSE, "else different");
    add(BEYOND, "beyond outside");
    add(WOULD, "would");
  }

  private final char[] chars;
  private final int length;
  private final long[] into;
  private int count;
  private boolean quoted;
  private final boolean wrapped;

  private RefusalWords(String text, long[] into) {
    int from = afterReasoning(text);
    this.length = Math.min(text.length() - from, MAX_CHARS);
    this.chars = new char[length];
    this.into = into;
    text.getChars(from, from + length, chars, 0);
    this.wrapped = isWrapped(text, from);
  }

  /** Where the answer begins that follows the reasoning of a model that thinks aloud. */
  private static int afterReasoning(String text) {
    if (!text.startsWith("<think>")) {
      return 0;
    }
    int end = text.indexOf("</think>");
    return end < 0 ? 0 : end + "</think>".length();
  }

  /** Whether the whole answer stands in quotes: there they say nothing. */
  private static boolean isWrapped(String text, int from) {
    int first = from;
    while (first < text.length() && text.charAt(first) <= ' ') {
      first++;
    }
    if (first == text.length() || !isQuote(text.charAt(first))) {
      return false;
    }
    int last = text.length() - 1;
    while (text.charAt(last) <= ' ') {
      last--;
    }
    return isQuote(text.charAt(last));
  }

  private static boolean isQuote(char c) {
    return c == '"' || c == '“' || c == '”';
  }

  /**
   * Reads a text into the classes of its words and marks, in order: 0 for a word that says nothing.
   *
   * @return how many there are, at most the array's length
   */
  static int read(String text, long[] into) {
    RefusalWords words = new RefusalWords(text, into);
    words.read();
    return words.count;
  }

  private void read() {
    boolean lineStart = true;
    int i = 0;
    while (i < length && count + 2 < into.length) {
      char c = chars[i];
      if (isWord(c)) {
        i = word(i, lineStart);
        lineStart = false;
        continue;
      }
      i++;
      if (c == '\n') {
        stop();
        lineStart = true;
        quoted = false;
      } else if (isQuote(c)) {
        quoted = !quoted && c != '”' && !(wrapped && count == 0);
      } else if (c == '.' || c == '!' || c == '?') {
        if (i == length || chars[i] <= ' ') {
          stop();
        }
      } else if (lineStart
          && c > ' '
          && (c == '-' || c == '*' || c == '•' || c == '`' || c == '#' || c == '|')) {
        if (c == '*' && count == 0 && i < length && chars[i] == '*') {
          i++;
          continue; // Bold from the first word on: a refusal may be.
        }
        into[count++] = ITEM;
        lineStart = false;
      }
    }
  }

  private void stop() {
    if (count > 0 && into[count - 1] != STOP) {
      into[count++] = STOP;
    }
  }

  /** Reads the word at from; where the next character is. */
  private int word(int from, boolean lineStart) {
    long hash = HASH_START;
    int i = from;
    while (i < length) {
      char c = wordChar(chars[i]);
      if (c == 0) {
        break;
      }
      hash = mix(hash, c);
      i++;
    }
    if (lineStart && i < length && (chars[i] == '.' || chars[i] == ')') && isNumber(from, i)) {
      into[count++] = ITEM;
      return i + 1;
    }
    if (!quoted
        && i + 1 < length
        && (chars[i] == '\'' || chars[i] == '’')
        && isWord(chars[i + 1])) {
      return contraction(from, i, hash);
    }
    into[count++] = quoted ? 0 : classes(hash);
    return i;
  }

  /** Reads can't, I'm, it's, you're … as the two words that they are. */
  private int contraction(int from, int to, long hash) {
    int end = to + 1;
    while (end < length && isWord(chars[end])) {
      end++;
    }
    char last = lower(chars[end - 1]);
    if (end - to == 2 && last == 't') {
      into[count++] = negated(from, to);
      into[count++] = NOT;
      return end;
    }
    long word = classes(hash);
    into[count++] = word;
    if (end - to == 2) {
      switch (last) {
        case 'm' -> into[count++] = BE;
        case 'd' -> into[count++] = MODAL | WOULD;
        case 's' -> {
          if ((word & IT) != 0) {
            into[count++] = BE;
          }
        }
        default -> {}
      }
    } else {
      into[count++] = last == 'l' ? MODAL : lower(chars[to + 1]) == 'v' ? HAVE : BE;
    }
    return end;
  }

  /** The word before "n't": "ca" and "wo" stand for can and will. */
  private long negated(int from, int to) {
    long hash = HASH_START;
    for (int i = from; i < to - 1; i++) {
      hash = mix(hash, lower(chars[i]));
    }
    boolean modal = to - from == 3 && (lower(chars[from]) == 'c' || lower(chars[from]) == 'w');
    return modal ? MODAL : classes(hash);
  }

  private boolean isNumber(int from, int to) {
    for (int i = from; i < to; i++) {
      if (chars[i] < '0' || chars[i] > '9') {
        return false;
      }
    }
    return true;
  }

  /** The character in lower case where it belongs to a word; else 0. */
  private static char wordChar(char c) {
    return c < 128 ? (char) LOWER[c] : c >= 'À' && c < 0x2000 ? c : 0;
  }

  private static boolean isWord(char c) {
    return wordChar(c) != 0;
  }

  private static char lower(char c) {
    return wordChar(c);
  }

  /** FNV-1a, 64 bits. */
  private static long mix(long hash, char c) {
    return (hash ^ c) * 0x100000001b3L;
  }

  private static int slot(long hash) {
    return (int) (hash ^ (hash >>> 29)) & (SLOTS - 1);
  }

  private static long classes(long hash) {
    int slot = slot(hash);
    while (TABLE[2 * slot] != 0) {
      if (TABLE[2 * slot] == hash) {
        return TABLE[2 * slot + 1];
      }
      slot = (slot + 1) & (SLOTS - 1);
    }
    return 0;
  }

  private static void add(long type, String words) {
    for (String word : words.split(" ")) {
      long hash = HASH_START;
      for (int i = 0; i < word.length(); i++) {
        hash = mix(hash, word.charAt(i));
      }
      int slot = slot(hash);
      while (TABLE[2 * slot] != 0 && TABLE[2 * slot] != hash) {
        slot = (slot + 1) & (SLOTS - 1);
      }
      TABLE[2 * slot] = hash;
      TABLE[2 * slot + 1] |= type;
    }
  }
}
